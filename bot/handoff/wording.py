"""Sentences from data: a pattern with named places, which says nothing when something is not known.

`{name}` is replaced by a value, `{name?}` must be known and prints nothing, and a part in [ ] falls away
alone when what it needs is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_PLACE = re.compile(r"\{(\w+)(\??)\}")
_PART = re.compile(r"\[([^\]]*)\]")
# A text keeps what can be read and stored: no control or half characters, single spaces.
_UNREADABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\ufeff]+")


def fill(pattern: str, values: Mapping[str, str]) -> str | None:
    """The sentence, or None when a value that it needs outside [ ] is missing or empty."""
    names = [name for name, _ in _PLACE.findall(_PART.sub("", pattern))]
    if not all(values.get(name) for name in names):
        return None
    whole = _PART.sub(lambda part: _fill_part(part[1], values), pattern)
    return _replace(whole, values)


def clean(text: object, limit: int) -> str | None:
    """A text without control characters and double spaces, cut at `limit`; None when nothing is left."""
    if not isinstance(text, str):
        return None
    shown = " ".join(_UNREADABLE.sub(" ", text).split())
    return shown[:limit].strip() or None


def _fill_part(part: str, values: Mapping[str, str]) -> str:
    return part if all(values.get(name) for name, _ in _PLACE.findall(part)) else ""


def _replace(text: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda place: "" if place[2] else values[place[1]], text)

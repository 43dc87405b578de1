"""Private numbers said digit by digit, as a voice note or a slow writer has them: `दो तीन चार एक …`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.language.number_words import lookup
from bot.language.script import fold

FEWEST_WORDS = 6
"""Fewer words tell no number of twelve digits."""
_WORD = re.compile(r"[^\s,.;:।|()-]+")


@dataclass(slots=True)
class SpokenRow:
    """Words of numbers below a hundred, one after the other; `ones`: all of single digits."""

    start: int
    end: int = 0
    digits: str = ""
    words: int = 0
    ones: bool = True


def spoken_rows(text: str) -> Iterator[SpokenRow]:
    """Every longest row in the text; `डबल` and `ट्रिपल` count for the word after them."""
    row: SpokenRow | None = None
    times = 1
    for found in _WORD.finditer(text):
        said = _said(found.group())
        if said is None:
            if row:
                yield row
            row, times = None, 1
            continue
        row = row or SpokenRow(found.start())
        if said in ("twice", "thrice"):
            times = 2 if said == "twice" else 3
            continue
        row.digits += said * times
        row.ones = row.ones and len(said) == 1
        row.words, row.end, times = row.words + 1, found.end(), 1
    if row:
        yield row


def _said(text: str) -> str | None:
    if text.isdecimal():
        return str(int(text)) if len(text) == 1 else None
    word = lookup(fold(text))
    if word is None:
        return None
    for mark in ("twice", "thrice"):
        if mark in word.marks:
            return mark
    if word.kind == "c" and word.value is not None and word.value < 100 and word.unit is None:
        return str(int(word.value))
    return None

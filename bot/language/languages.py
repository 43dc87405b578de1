"""The languages of `locales/languages.yml`, and how a draft borrows from the language it is like.

A draft is filled leaf by leaf: an empty text, or a missing one, is said as in the language it is like.
So a folder of empty texts is a language that works, and each text written into it is said from then on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

FILE = "languages.yml"
BASE = "hi"
"""The language that the others are compared with, and what is said where nothing else is known."""

CODE = re.compile(r"[a-z]{2,3}(-Latn)?")
"""ISO 639, with `-Latn` when a language of another script is written in Latin letters."""

_EMPTY: tuple[object, ...] = (None, "", [], {})


@dataclass(frozen=True, slots=True)
class Language:
    """One language. `name` is its own name for itself, `latin` the same in plain letters.

    A draft (`like` is the language it borrows from) may lack texts; other languages have `like` None.
    `offered`: a seller may choose it. `review` says who has read the texts.
    """

    code: str
    name: str
    latin: str
    review: str
    offered: bool
    like: str | None

    @property
    def draft(self) -> bool:
        return self.like is not None


Languages = Mapping[str, Language]


def load_languages(locales_dir: Path | str) -> dict[str, Language]:
    """The languages by code, in the order in which they are offered. Raises ValueError naming the file."""
    path = Path(locales_dir) / FILE
    try:
        data = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        found = {str(code): _language(str(code), entry) for code, entry in data.items()}
    except (OSError, YAMLError, AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: {error}") from error
    for language in found.values():
        if language.like is not None and found.get(language.like, language).draft:
            raise ValueError(f"{path}: {language.code} must be like a language that is no draft")
    if BASE not in found or found[BASE].draft:
        raise ValueError(f"{path}: {BASE} must be there and no draft")
    return found


def _language(code: str, entry: Mapping[str, Any]) -> Language:
    draft = entry["status"] == "draft"
    return Language(
        code=code,
        name=str(entry["name"]),
        latin=str(entry["latin"]),
        review=str(entry["review"]),
        offered=entry["offered"] is True,
        like=str(entry["like"]) if draft else None,
    )


def in_latin_letters(code: str) -> bool:
    """Whether this language's texts are in plain letters, as for SMS."""
    return code.endswith("-Latn")


def in_own_letters(code: str) -> str:
    """The same language as it is read aloud: in the letters of its own script."""
    return code.removesuffix("-Latn")


def name_in(language: Language, code: str) -> str:
    """What a language is called in the texts of the language `code`."""
    return language.latin if in_latin_letters(code) else language.name


def written_as(languages: Languages, code: str, script: str) -> str | None:
    """The offered language that fits what was heard, or None: Latin letters are answered in Latin letters."""
    offered = [each for each, language in languages.items() if language.offered]
    if script == "Latn":
        own = f"{code}-Latn"
        return own if own in offered else next((each for each in offered if in_latin_letters(each)), None)
    return code if script == "Deva" and code in offered else None


def filled(own: Any, like: Any) -> Any:
    """`own` with every empty or missing leaf of `like`; a list goes by position and keeps its length."""
    if own in _EMPTY:
        return like
    if isinstance(own, dict) and isinstance(like, dict):
        kept = {key: filled(value, like.get(key)) for key, value in own.items()}
        return kept | {key: value for key, value in like.items() if key not in own}
    if isinstance(own, list) and isinstance(like, list):
        borrowed = [*like[: len(own)], *[None] * (len(own) - len(like))]
        return [filled(mine, theirs) for mine, theirs in zip(own, borrowed, strict=True)]
    return own


def gaps(own: Any, like: Any, where: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths of all leaves of `like` that are empty or missing in `own`; a list of words is one leaf."""
    if isinstance(like, dict):
        mine = own if isinstance(own, dict) else {}
        for key, value in like.items():
            yield from gaps(mine.get(key), value, (*where, key))
    elif isinstance(like, list) and like and isinstance(like[0], dict):
        entries = own if isinstance(own, list) and own else [None] * len(like)
        for place, (entry, value) in enumerate(zip(entries, like, strict=False)):
            yield from gaps(entry, value, (*where, place))
    elif own in _EMPTY and like not in _EMPTY:
        yield where


def written(tree: Any) -> Any:
    """The same without its empty leaves: what has been filled in so far."""
    if isinstance(tree, dict):
        kept = {key: written(value) for key, value in tree.items()}
        return {key: value for key, value in kept.items() if value not in _EMPTY}
    if isinstance(tree, list):
        return [value for value in map(written, tree) if value not in _EMPTY]
    return tree

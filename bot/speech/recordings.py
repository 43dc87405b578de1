"""Recorded wordings: `locales/<language>/audio/<response>.ogg`, and `<response>.1.ogg` … for later wordings.

Only a wording without values can be recorded. `script.csv` beside the recordings is what the speaker read;
a recording of other words than today's is not used.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bot.engine.library import load_wordings

FOLDER = "audio"
SCRIPT = "script.csv"


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording of a response, numbered from 0. `fixed`: it holds no values, so it can be recorded."""

    utter: str
    variation: int
    text: str
    fixed: bool

    @property
    def file(self) -> str:
        """The name of its recording."""
        return file_name(self.utter, self.variation)


def file_name(utter: str, variation: int) -> str:
    """How the recording of a wording is called, whether there is one or not."""
    return f"{utter}.{variation}.ogg" if variation else f"{utter}.ogg"


def spoken_language(language: str) -> str:
    """The language whose voice speaks: what is written in Latin letters sounds as in its own."""
    return language.removesuffix("-Latn")


def audio_folder(locales: Path, language: str) -> Path:
    """Where the recordings of a language lie."""
    return locales / spoken_language(language) / FOLDER


@lru_cache(maxsize=8)
def wordings(locales: Path, language: str) -> tuple[Wording, ...]:
    """All wordings of the language, in the order of its file; none for a language that is not there."""
    loaded, _ = load_wordings(locales, lambda _kind, name, _language: name)
    known = loaded.get(spoken_language(language))
    return tuple(
        Wording(utter, number, _as_written(variation.parts), fixed=len(variation.parts) == 1)
        for utter, variations in (known.responses.items() if known else ())
        for number, variation in enumerate(variations)
    )


def _as_written(parts: tuple[str, ...]) -> str:
    return "".join(f"{{{part}}}" if place % 2 else part for place, part in enumerate(parts))


def is_current(folder: Path, wording: Wording) -> bool:
    """Whether these are the words that the speaker read, as far as somebody kept them."""
    read = _read(folder).get(wording.file)
    return read is None or read.split() == wording.text.split()


def _read(folder: Path) -> dict[str, str]:
    script = folder / SCRIPT
    if not script.is_file():
        return {}
    with script.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        return {str(row.get("file")): str(row.get("text")) for row in csv.DictReader(file)}


def recording(locales: Path, language: str, utter: str, variation: int) -> bytes | None:
    """The recorded file of this wording, or None: then it is spoken by the voice."""
    name = file_name(utter, variation)
    folder = audio_folder(locales, language)
    if not (folder / name).is_file():
        return None
    found = next((each for each in wordings(locales, language) if each.file == name), None)
    fits = found is not None and found.fixed and is_current(folder, found)
    return (folder / name).read_bytes() if fits else None

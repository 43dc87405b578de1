"""`record-script`: what a speaker reads aloud, each wording with the name of the file to keep it in."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from bot.language.languages import load_languages
from bot.speech.recordings import Wording, audio_folder, spoken_language, wordings


def as_csv(locales: Path, language: str) -> str:
    """The script as a table, to be kept beside the recordings as `script.csv`."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(("file", "response", "text"))
    writer.writerows((each.file, each.utter, each.text) for each in _own(locales, language) if each.fixed)
    return table.getvalue()


def as_text(locales: Path, language: str) -> str:
    """The script to read from, and how much of it is left to the machine."""
    own = _own(locales, language)
    readable = [each for each in own if each.fixed]
    lines = []
    for number, each in enumerate(readable, 1):
        lines += [f"{number}. {each.file}", *(f"   {line}" for line in each.text.splitlines()), ""]
    place = "/".join(audio_folder(locales, language).parts[-3:])
    lines += [
        f"{len(readable)} wordings can be recorded, into {place}/.",
        f"{len(own) - len(readable)} hold values (a price, a name) and are spoken by the machine.",
    ]
    return "\n".join(lines)


def _own(locales: Path, language: str) -> list[Wording]:
    """All wordings; of a draft only what it does not borrow from the language it is like."""
    like = load_languages(locales)[spoken_language(language)].like
    borrowed = wordings(locales, like) if like else ()
    return [each for each in wordings(locales, language) if each not in borrowed]

"""What is wrong with the recordings in the locales: of no wording, unreadable, of words since changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bot.media.audio import probe
from bot.media.sniff import sniff
from bot.speech.recordings import FOLDER, SCRIPT, is_current, wordings

LONGEST_S = 60
BESIDE = {SCRIPT, "README.md"}


def recording_problems(locales: Path) -> list[str]:
    """Every problem as `file: what`; the files are named from the folder above `locales`."""
    return [
        f"{path.relative_to(locales.parent)}: {text}"
        for folder in sorted(locales.glob(f"*/{FOLDER}"))
        for path in sorted(folder.iterdir())
        if path.name not in BESIDE
        for text in _problems(path, locales)
    ]


def _problems(path: Path, locales: Path) -> Iterator[str]:
    known = {wording.file: wording for wording in wordings(locales, path.parent.parent.name)}
    wording = known.get(path.name)
    if wording is None:
        yield "is the recording of no wording; `app.py record-script` prints the names"
    elif not wording.fixed:
        yield "its wording holds values, which a recording cannot say"
    elif not is_current(path.parent, wording):
        yield f"its words have changed since it was recorded ({SCRIPT} has what was read)"
    data = path.read_bytes()
    heard = probe(data)
    if sniff(data).content_type != "audio/ogg" or heard.verdict == "refuse":
        yield "cannot be heard: not OGG, damaged or silent"
    elif heard.seconds > LONGEST_S:
        yield f"is {heard.seconds:.0f} s long, more than {LONGEST_S}"

"""A sheet of people as CSV: read line by line, as spreadsheets write it.

The file is judged as a whole before anybody is written to: what is no sheet is refused with its line. Its
people are independent of each other: one who cannot be written to is refused with the reason, no more.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.language.lexicon import Lexicon
from bot.starts.person import CHANNELS, BadPerson, Person, facts, mobile

if TYPE_CHECKING:
    from _csv import Reader

COLUMNS = {"phone", "name", "village", "district", "language", "channel"}
SLOTS = {"name": "seller_name", "village": "village", "district": "district", "language": "language"}
MOST_PEOPLE = 200_000
_DELIMITERS = (",", ";", "\t")


class BadSheet(Exception):
    """The file is no sheet of people; the message says why and in which line."""


@dataclass(frozen=True, slots=True)
class Line:
    """One person of the sheet, or the reason why she cannot be one."""

    number: int
    person: Person | None
    reason: str | None = None


def lines(path: Path, lexicon: Lexicon) -> Iterator[Line]:
    """The people of the file, by the number of their line. BadSheet where it is no sheet.

    Of all that was read only the numbers stay in memory, to tell who comes twice.
    """
    seen: dict[int, int] = {}
    for number, cells in _cells(path):
        try:
            person = _person(cells, lexicon)
        except BadPerson as bad:
            yield Line(number, None, str(bad))
            continue
        first = seen.setdefault(int(person.phone), number)
        if first != number:
            yield Line(number, None, f"phone: the same as in line {first}")
        else:
            yield Line(number, person)


def check(path: Path) -> int:
    """How many people are in it; BadSheet where it is no sheet."""
    count = sum(1 for _ in _cells(path))
    if count == 0:
        raise BadSheet("line 1: there is nobody below the head")
    return count


def _person(cells: Mapping[str, str], lexicon: Lexicon) -> Person:
    channel = cells.get("channel", "").strip().lower() or CHANNELS[0]
    if channel not in CHANNELS:
        raise BadPerson(f"channel: one of {', '.join(CHANNELS)}")
    known = {slot: cells.get(column, "").strip() for column, slot in SLOTS.items()}
    return Person(mobile(cells["phone"]), channel, facts(known, lexicon))


def _cells(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, cells by column) of every line that is not empty."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            delimiter = _delimiter(file.readline())
            file.seek(0)
            yield from _rows(csv.reader(file, delimiter=delimiter, strict=True))
    except UnicodeDecodeError:
        raise BadSheet("not UTF-8; save it as CSV UTF-8") from None


def _rows(reader: Reader) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        head = _head(next(reader, []))
        count = 0
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            count += 1
            if count > MOST_PEOPLE:
                raise BadSheet(f"line {reader.line_num}: more than {MOST_PEOPLE} people; send it in parts")
            if len(row) != len(head):
                raise BadSheet(f"line {reader.line_num}: {len(row)} cells where the head has {len(head)}")
            yield reader.line_num, dict(zip(head, row, strict=True))
    except csv.Error as error:
        raise BadSheet(f"line {reader.line_num}: {error}") from None


def _delimiter(head: str) -> str:
    return max(_DELIMITERS, key=head.count)


def _head(row: list[str]) -> list[str]:
    names = [cell.strip().lower() for cell in row]
    unknown = sorted(set(names) - COLUMNS)
    if "phone" not in names or unknown or len(set(names)) < len(names):
        wrong = f"; unknown: {', '.join(name[:20] or 'empty' for name in unknown)}" if unknown else ""
        raise BadSheet(f"line 1: columns are phone and of {', '.join(sorted(COLUMNS - {'phone'}))}{wrong}")
    return names

"""Rows as CSV that a spreadsheet only shows: no cell of it is ever taken for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

FORMULA = ("=", "+", "-", "@", "\t", "\r")
BOM = "\ufeff"
"""By this mark spreadsheets know that the letters are UTF-8."""


def cell(value: object) -> str:
    """The text of one cell. What would begin a formula gets an apostrophe in front, and so shows as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value).replace("\x00", "")
    numeric = isinstance(value, int | float)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) and not numeric else text


def csv_lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The file line by line, so that it can be sent while it is read; the first begins with BOM."""
    yield BOM + _line(head)
    for row in rows:
        yield _line(row)


def _line(row: Sequence[object]) -> str:
    out = StringIO()
    csv.writer(out).writerow([cell(value) for value in row])
    return out.getvalue()

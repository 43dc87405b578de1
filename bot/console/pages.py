"""Lists a page at a time, by key: the hundredth page costs what the first does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, Engine, Integer, Row, Select, tuple_
from sqlalchemy.types import TypeEngine

from models.base import UtcTime
from models.database import reading

PER_PAGE = 25
IN_A_FILE = 200
"""Rows that are read at once for a file."""
LARGEST_ID = 2**63 - 1
LONGEST = 200
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Page(Generic[Found]):
    """`rows` of this page, and what `after` is for the next one; None on the last."""

    rows: Sequence[Found]
    after: str | None


def page(
    conn: Connection,
    query: Select[Any],
    by: Sequence[ColumnElement[Any]],
    after: str | None,
    *,
    newest_first: bool = False,
    size: int = PER_PAGE,
) -> Page[Row[Any]]:
    """The rows that follow `after`, in the order of the columns `by`, which the query selects.

    Together they are unique; each is a number, a text or a moment. `after` is that of the page before: their
    values joined by `~`. One that cannot be read is as none.
    """
    place = _place(after, by)
    rows = conn.execute(_following(query, by, place, newest_first).limit(size + 1)).all()
    if len(rows) <= size:
        return Page(rows, None)
    last = rows[size - 1]._mapping
    return Page(rows[:size], "~".join(_written(last[column]) for column in by))


def walk(
    db: Engine, query: Select[Any], by: Sequence[ColumnElement[Any]], *, newest_first: bool = False
) -> Iterator[Row[Any]]:
    """All rows in the order of the columns `by`, as of `page`; each page is read in a transaction of its own.

    For files: whoever takes the rows may be as slow as a phone with a bad network, and holds no connection.
    """
    place: list[Any] | None = None
    while True:
        with reading(db) as conn:
            rows = conn.execute(_following(query, by, place, newest_first).limit(IN_A_FILE)).all()
        yield from rows
        if len(rows) < IN_A_FILE:
            return
        place = [rows[-1]._mapping[column] for column in by]


def _following(
    query: Select[Any], by: Sequence[ColumnElement[Any]], place: list[Any] | None, newest_first: bool
) -> Select[Any]:
    if place is not None:
        at = tuple_(*by)
        here = tuple_(*place, types=[column.type for column in by])
        query = query.where(at < here if newest_first else at > here)
    return query.order_by(*(column.desc() if newest_first else column.asc() for column in by))


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _place(after: str | None, by: Sequence[ColumnElement[Any]]) -> list[Any] | None:
    parts = (after or "").rsplit("~", len(by) - 1)
    if len(parts) != len(by) or not after or len(after) > LONGEST or not after.isprintable():
        return None
    try:
        return [_read(part, column.type) for part, column in zip(parts, by, strict=True)]
    except ValueError:
        return None


def _read(part: str, kind: TypeEngine[Any]) -> Any:
    """ValueError for what no column of this kind can hold."""
    if isinstance(kind, Integer):
        if not (part.isascii() and part.isdigit() and int(part) <= LARGEST_ID):
            raise ValueError(part)
        return int(part)
    if isinstance(kind, UtcTime):
        moment = datetime.fromisoformat(part)
        if moment.tzinfo is None:
            raise ValueError(part)
        return moment
    return part

"""Lists a page at a time, by key: the hundredth page costs what the first does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Select, tuple_

PER_PAGE = 25
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
    read: Callable[[str], Any] = int,
    newest_first: bool = False,
    size: int = PER_PAGE,
) -> Page[Row[Any]]:
    """The rows that follow `after`, in the order of the columns `by`, which are unique together.

    `after` is the `after` of the page before, its parts joined by `~`; the last of them is read by `read`,
    those before it are text. One that cannot be read is as none.
    """
    place = _place(after, len(by), read)
    if place is not None:
        at = tuple_(*by)
        query = query.where(at < tuple_(*place) if newest_first else at > tuple_(*place))
    order = [column.desc() if newest_first else column.asc() for column in by]
    rows = conn.execute(query.order_by(*order).limit(size + 1)).all()
    if len(rows) <= size:
        return Page(rows, None)
    last = rows[size - 1]._mapping
    return Page(rows[:size], "~".join(str(last[column.name]) for column in by))


def _place(after: str | None, parts: int, read: Callable[[str], Any]) -> list[Any] | None:
    found = (after or "").rsplit("~", parts - 1)
    if len(found) != parts or not all(found):
        return None
    try:
        return [*found[:-1], read(found[-1])]
    except ValueError:
        return None

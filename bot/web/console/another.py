"""The other of two people, on pages that do something with both: looked up by her number, then chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort
from sqlalchemy import Connection, Row

from bot.console import people, scope
from bot.console.people import Filter
from bot.web.console.given import sought
from bot.web.console.guard import me


def looked_up(conn: Connection, key: str) -> tuple[str, Sequence[Row[Any]]]:
    """The figures of a number that were typed, and whom they find beside the person of `key`."""
    wanted = Filter(q=sought("q"))
    page = people.listed(conn, me(), wanted, None) if wanted.figures else None
    return wanted.q, [row for row in page.rows if row.key != key] if page else []


def chosen(conn: Connection, key: str, other: str) -> Row[tuple[object, ...]]:
    """The person of the key `other`; 404 for the same one, or for one that the rep may not see."""
    return (scope.person(conn, me(), other) if other != key else None) or abort(404)

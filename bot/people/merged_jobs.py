"""The waiting work of two sellers who are one: it goes on under the kept one's name, none of it twice."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, or_, select, update

from bot.messages import Json
from models import JobRow

WAITED_FOR = ("erase_person", "forget_refused", "drop_draft_media")
"""What deletes by a seller's id: it ends first, or it would delete what the other one has."""
_job = JobRow.__table__
_column = _job.c


def in_the_way(conn: Connection, sellers: tuple[int, ...]) -> bool:
    """Does work wait that has to end before these may become one?"""
    theirs = _column.payload["seller_id"].as_integer().in_(sellers)
    waiting = select(_column.id).where(_column.kind.in_(WAITED_FOR), _column.status == "ready", theirs)
    return conn.execute(waiting.limit(1)).first() is not None


def move(conn: Connection, keep: int, gone: int) -> None:
    """Keys and payloads name the kept seller; what both have waiting is done once, for both."""
    theirs = or_(
        _column.key == f"seller:{gone}",
        _column.payload["seller_id"].as_integer() == gone,
    )
    rows = conn.execute(select(_job).where(theirs).order_by(_column.id).with_for_update()).all()
    for row in rows:
        values = _renamed(row, keep, gone)
        name = values.get("unique_key")
        if name and (twin := _twin(conn, row.lane, name)) is not None:
            conn.execute(delete(_job).where(_column.id == row.id))
            _also_for(conn, twin, row)
        else:
            conn.execute(update(_job).where(_column.id == row.id).values(**values))


def _renamed(row: Row[Any], keep: int, gone: int) -> Json:
    values: Json = {}
    if row.key == f"seller:{gone}":
        values["key"] = f"seller:{keep}"
    if row.payload.get("seller_id") != gone:
        return values
    payload = row.payload | {"seller_id": keep}
    if "name" in payload:  # a job that puts itself again under its own name
        payload["name"] = _name(payload["name"], keep, gone)
    values["payload"] = payload
    # One that runs just now looks at the gone seller: afterwards it runs again, for the kept one.
    values["puts"] = row.puts + 1
    if row.unique_key:
        values["unique_key"] = _name(row.unique_key, keep, gone)
    return values


def _name(name: str, keep: int, gone: int) -> str:
    head, _, last = name.rpartition(":")
    return f"{head}:{keep}" if last == str(gone) else name


def _twin(conn: Connection, lane: str, unique_key: str) -> Row[Any] | None:
    same = (_column.lane == lane, _column.unique_key == unique_key)
    return conn.execute(select(_job).where(*same).with_for_update()).first()


def _also_for(conn: Connection, twin: Row[Any], other: Row[Any]) -> None:
    """It looks at all that the seller has: once, and no later than either was due; a dead one lives again."""
    values: Json = {"puts": twin.puts + 1, "run_at": min(twin.run_at, other.run_at)}
    if twin.status == "dead" and other.status == "ready":
        values |= {"status": "ready", "attempts": 0, "error": None}
    conn.execute(update(_job).where(_column.id == twin.id).values(**values))

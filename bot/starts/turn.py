"""The next people whose turn it is, and what begins the talk with one of them.

A start comes through the one door as an Inbound of kind `start`, whose `provider_id` names its row: told
twice after a crash it is a repeat there, and nobody hears it twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, select, update

from bot import jobs
from bot.messages import Inbound, Json
from bot.starts.person import Person
from bot.starts.preferred import Place
from bot.starts.request import judged
from bot.starts.sheet import Line
from models import Start, StartRow

_start, _row = Start.__table__, StartRow.__table__
PREFIX = "start:"


@dataclass(frozen=True, slots=True)
class Beginning:
    """What was asked for her: the flow, who asked, and what is known of her already."""

    flow: str
    by: str
    facts: Json


def current(conn: Connection) -> Row[Any] | None:
    """The request whose turn it is: of the whole ones the smallest, so that one person waits for no crowd."""
    mine = _start.c.lane == jobs.lane_of(conn)
    query = select(_start).where(_start.c.done_at.is_(None), _start.c.ready_at.is_not(None), mine)
    return conn.execute(query.order_by(_start.c.people, _start.c.id).limit(1)).first()


def next_people(conn: Connection, start: Row[Any], most: int) -> list[Row[Any]]:
    """Up to `most` of its people that were answered "started" and not yet reached; who was erased since has
    no address any more.
    """
    left = (_row.c.line > start.reached, _row.c.result == "started", _row.c.address.is_not(None))
    query = select(_row).where(_row.c.start_id == start.id, *left)
    return list(conn.execute(query.order_by(_row.c.line).limit(most)).all())


def still_wanted(conn: Connection, flow: str, row: Row[Any]) -> bool:
    """Much may have happened since she was asked for: she may have said stop, or have begun herself."""
    person = Person(row.address.rpartition(":")[2], row.channel)
    return all(row["result"] == "started" for row in judged(conn, flow, [Line(row.line, person)]))


def inbound(row: Row[Any], place: Place, now: datetime) -> Inbound:
    """What goes through the door for this person, at the place where she is to be written to."""
    name = f"{PREFIX}{row.start_id}:{row.line}"
    return Inbound(place.channel, place.address, name, "start", now)


def beginning(conn: Connection, provider_id: str) -> Beginning | None:
    """What an Inbound of kind `start` is about; None when its row is gone."""
    start_id, _, line = provider_id.removeprefix(PREFIX).partition(":")
    joined = select(_start.c.flow, _start.c.by, _row.c.facts).join(_row, _row.c.start_id == _start.c.id)
    found = conn.execute(joined.where(_start.c.id == int(start_id), _row.c.line == int(line))).first()
    return Beginning(found.flow, found.by, found.facts or {}) if found else None


def reached(conn: Connection, start_id: int, rows: list[Row[Any]], now: datetime) -> None:
    """These are dealt with: their facts stand in their talks. With none left the request is done."""
    mine = _start.c.id == start_id
    if not rows:
        conn.execute(update(_start).where(mine).values(done_at=now))
        return
    conn.execute(update(_start).where(mine).values(reached=rows[-1].line))
    lines = [row.line for row in rows]
    told = and_(_row.c.start_id == start_id, _row.c.line.in_(lines))
    conn.execute(update(_row).where(told).values(facts=None))

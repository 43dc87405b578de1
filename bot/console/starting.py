"""Flows that a rep begins for many: first all is written down and shown, then she says that it may begin.

The request is one of `bot.starts`, not ready yet: nobody is written to before it is. One that nobody has
confirmed is deleted after a day, with its numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, func, or_, select

from bot.console import audit, people, scope
from bot.console.people import Filter
from bot.console.sessions import Who
from bot.starts import request as starts
from bot.starts.person import CHANNELS, Person, address_on
from bot.starts.preferred import Place
from bot.starts.request import Asked
from bot.starts.sheet import Line
from bot.tasks.nudge import reached_at
from models import Address, Start, StartRow
from models.database import writing

PREFIX = "console:"
MOST = 20_000
"""People of one request of the console; the API takes more."""
UNCONFIRMED = timedelta(days=1)
OTHER_DISTRICT = "other_district"
"""Why a line is refused: she, or the place that is given for her, is not the rep's."""
REFUSED_SHOWN = 100

_start, _row, _address = Start.__table__, StartRow.__table__, Address.__table__

Way = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it stands: how many of its people had which result, and the lines that were refused."""

    start: Row[Any]
    counts: dict[str, int]
    refused: Sequence[Row[*tuple[Any, ...]]]


def prepare(db: Engine, who: Who, flow: str, form: str, lines: Iterable[Line], now: datetime) -> int:
    """Write it down without beginning; the id of it. `form` is the key of the form it came with.

    The same form with the same people again is the same request.
    """
    held = list(islice(lines, MOST))
    digest = _digest(flow, held)
    asked = Asked(f"{PREFIX}{who.id}:{form}:{digest[:16]}", digest, flow, who.stamp, len(held))
    with writing(db) as conn:
        _sweep(conn, now)
        found = starts.begin(conn, asked, now)
    if found.ready_at is None:
        rest = iter(held)
        while some := list(islice(rest, starts.AT_A_TIME)):
            with writing(db) as conn:
                starts.write_people(conn, found.id, flow, list(_hers(conn, who, some)))
    return int(found.id)


def begin(conn: Connection, who: Who, start_id: int, now: datetime) -> bool:
    """It may begin; a second time changes nothing. False for a request that is not hers."""
    found = _mine(conn, who, start_id)
    if found is None:
        return False
    if found.ready_at is None:
        starts.make_ready(conn, start_id, now)
        after = {"flow": found.flow, "people": found.people}
        audit.record(conn, who.id, "flow_started", now, about=f"start:{start_id}", after=after)
    return True


def seen(conn: Connection, who: Who, start_id: int) -> Seen | None:
    """How it stands; None for a request that is not hers."""
    found = _mine(conn, who, start_id)
    if found is None:
        return None
    rows = _row.c.start_id == start_id
    # Who was erased since has no address any more, and nothing begins.
    left = or_(_row.c.result != "started", _row.c.address.is_not(None))
    counts = select(_row.c.result, func.count().label("people")).where(rows, left).group_by(_row.c.result)
    refused = select(_row.c.line, _row.c.reason).where(rows, _row.c.result == "refused")
    return Seen(
        found,
        {row.result: row.people for row in conn.execute(counts)},
        conn.execute(refused.order_by(_row.c.line).limit(REFUSED_SHOWN)).all(),
    )


def of_people(conn: Connection, who: Who, wanted: Filter) -> Iterator[Line]:
    """The lines of all who are wanted: each by the written way that we learned last."""
    hers = _address.c.seller_id.in_(people.wanted_ids(who, wanted))
    for number, way in enumerate(_latest(conn, hers), start=1):
        yield _line(number, way)


def of_one(conn: Connection, her: Row[Any]) -> Iterator[Line]:
    """The line of one person: where she wrote last, else the written way that we learned last."""
    way: Way | Place | None = reached_at(conn, her.id)
    if way is None or way.channel not in CHANNELS:
        way = next(iter(_latest(conn, _address.c.seller_id == her.id)), None)
    if way is not None:
        yield _line(1, way)


def _latest(conn: Connection, hers: ColumnElement[bool]) -> Iterable[Way]:
    ways = select(_address.c.seller_id, _address.c.channel, _address.c.address)
    query = ways.where(hers, _address.c.channel.in_(CHANNELS)).order_by(_address.c.seller_id, _address.c.id)
    latest: dict[int, Way] = {row.seller_id: row for row in conn.execute(query)}
    return latest.values()


def _line(number: int, way: Way | Place) -> Line:
    phone = way.address.rpartition(":")[2]
    if phone.startswith("+"):
        return Line(number, Person(phone, way.channel))
    return Line(number, None, "no_number")


def one(conn: Connection, who: Who, key: str) -> Row[Any] | None:
    """The person of this key, if the rep may begin something for her."""
    return scope.person(conn, who, key)


def _hers(conn: Connection, who: Who, lines: Sequence[Line]) -> Iterator[Line]:
    """The lines with those refused that are not for this rep to begin."""
    numbers = {line.person.phone for line in lines if line.person}
    ways = {address_on(channel, phone): phone for phone in numbers for channel in CHANNELS}
    known = select(_address.c.address, _address.c.seller_id).where(_address.c.address.in_(list(ways)))
    sellers = {ways[row.address]: row.seller_id for row in conn.execute(known)}
    visible = set(
        conn.scalars(
            scope.people(who, scope.CARD.seller_id).where(scope.CARD.seller_id.in_(set(sellers.values())))
        )
    )
    for line in lines:
        person = line.person
        hidden = person and person.phone in sellers and sellers[person.phone] not in visible
        if hidden or (person and not scope.may_place(who, person.facts.get("district"))):
            yield Line(line.number, None, OTHER_DISTRICT)
        else:
            yield line


def _mine(conn: Connection, who: Who, start_id: int) -> Row[Any] | None:
    hers = (_start.c.id == start_id, _start.c.by == who.stamp, _start.c.key.like(f"{PREFIX}%"))
    return conn.execute(select(_start).where(*hers)).first()


def _sweep(conn: Connection, now: datetime) -> None:
    """Requests of the console that nobody has confirmed are forgotten."""
    old = select(_start.c.id).where(
        _start.c.key.like(f"{PREFIX}%"), _start.c.ready_at.is_(None), _start.c.created_at < now - UNCONFIRMED
    )
    ids = list(conn.scalars(old))
    if ids:
        conn.execute(delete(_row).where(_row.c.start_id.in_(ids)))
        conn.execute(delete(_start).where(_start.c.id.in_(ids)))


def _digest(flow: str, lines: Sequence[Line]) -> str:
    digest = hashlib.sha256(flow.encode())
    for line in lines:
        digest.update(repr((line.number, line.person, line.reason)).encode())
    return digest.hexdigest()

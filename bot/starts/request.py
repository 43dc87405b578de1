"""One request to begin a flow: its people become rows that wait their turn, in small transactions.

A request is known by its key. What was asked under it before is answered as then; a request that was cut off
half-way goes on when it is asked again, and until all its people are in nobody is written to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Engine, Row, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot import jobs
from bot.messages import Json
from bot.starts.person import CHANNELS, Person, address_on
from bot.starts.sheet import Line
from models import Address, Conversation, Seller, Start, StartRow
from models.database import reading, writing

_start, _row = Start.__table__, StartRow.__table__
_address, _seller, _conversation = Address.__table__, Seller.__table__, Conversation.__table__
AT_A_TIME = 500
"""People of one transaction: about 20 ms, so that no reply waits long for the database."""
TASK = "start_people"
_NEW = {
    "sqlite": sqlite.insert(_start).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_start).on_conflict_do_nothing(),
}
_NEW_ROW = {
    "sqlite": sqlite.insert(_row).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_row).on_conflict_do_nothing(),
}


class OtherRequest(Exception):
    """This key was used for something else."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: `digest` is that of the body it came with."""

    key: str
    digest: str
    flow: str
    by: str
    people: int


def queue(db: Engine, asked: Asked, people: Iterable[Line], now: datetime) -> int:
    """Write down the request with all its people; the id of it. OtherRequest if the key is taken."""
    with writing(db) as conn:
        found = begin(conn, asked, now)
    if found.ready_at is None:
        for some in _some(people):
            with writing(db) as conn:
                write_people(conn, found.id, asked.flow, some)
        with writing(db) as conn:
            make_ready(conn, found.id, now)
    return int(found.id)


def queue_one(conn: Connection, asked: Asked, person: Person, now: datetime) -> None:
    """The request for one person, in the caller's transaction."""
    found = begin(conn, asked, now)
    write_people(conn, found.id, asked.flow, [Line(1, person)])
    make_ready(conn, found.id, now)


def begin(conn: Connection, asked: Asked, now: datetime) -> Row[Any]:
    """The request of this key, new or as it was; OtherRequest if it was another one."""
    values = {name: getattr(asked, name) for name in ("key", "digest", "flow", "by", "people")}
    conn.execute(
        _NEW[conn.dialect.name], values | {"created_at": now, "reached": 0, "lane": jobs.lane_of(conn)}
    )
    found = conn.execute(select(_start).where(_start.c.key == asked.key)).one()
    if (found.digest, found.flow, found.by) != (asked.digest, asked.flow, asked.by):
        raise OtherRequest(asked.key)
    return found


def write_people(conn: Connection, start_id: int, flow: str, people: Sequence[Line]) -> None:
    """The rows of these people; those that are there already stay as they are."""
    rows = [{"start_id": start_id, **row} for row in judged(conn, flow, people)]
    conn.execute(_NEW_ROW[conn.dialect.name], rows)


def _some(people: Iterable[Line]) -> Iterator[list[Line]]:
    rest = iter(people)
    while some := list(islice(rest, AT_A_TIME)):
        yield some


def make_ready(conn: Connection, start_id: int, now: datetime) -> None:
    """All are in: from now on they are written to, one after the other."""
    conn.execute(update(_start).where(_start.c.id == start_id).values(ready_at=now))
    jobs.put(conn, TASK, {}, now=now, unique_key=TASK)


def judged(conn: Connection, flow: str, people: Sequence[Line]) -> Iterator[Json]:
    """What each of these is answered: `line`, `result`, `reason`, and what her talk needs if it begins."""
    standings = _standings(conn, [line.person.phone for line in people if line.person])
    for line in people:
        row: Json = {"line": line.number, "channel": None, "address": None, "facts": None}
        if line.person is None:
            yield row | {"result": "refused", "reason": line.reason}
            continue
        known = standings.get(line.person.phone, [])
        row |= {"channel": line.person.channel, "address": line.person.address}
        if any(each.stopped_at or each.seller_stopped_at for each in known):
            yield row | {"result": "refused", "reason": "stopped"}
        elif any(with_a_rep(each.state) for each in known):
            yield row | {"result": "refused", "reason": "with a rep"}
        elif any(under_way(each.state, flow) for each in known if each.address == line.person.address):
            yield row | {"result": "already", "reason": None}
        else:
            yield row | {"result": "started", "reason": None, "facts": line.person.facts or None}


def with_a_rep(state: Json) -> bool:
    """Does a rep talk or practise with her just now? Then nobody else begins anything."""
    return bool(state.get("taken_over") or state.get("practice"))


def under_way(state: Json, flow: str) -> bool:
    """Is this flow running, or the first greeting, which leads to it?"""
    return any(frame["flow"] in (flow, "hello") for frame in state["stack"])


def _standings(conn: Connection, phones: Sequence[str]) -> dict[str, list[Row[*tuple[Any, ...]]]]:
    """What is known of these numbers on any channel, by number."""
    if not phones:
        return {}
    wanted = [address_on(channel, phone) for phone in phones for channel in CHANNELS]
    query = (
        select(
            _address.c.address,
            _address.c.stopped_at,
            _seller.c.stopped_at.label("seller_stopped_at"),
            _conversation.c.state,
        )
        .select_from(_address.join(_seller).join(_conversation, _conversation.c.seller_id == _seller.c.id))
        .where(_address.c.address.in_(wanted))
    )
    found: dict[str, list[Row[*tuple[Any, ...]]]] = {}
    for row in conn.execute(query):
        found.setdefault(row.address.rpartition(":")[2], []).append(row)
    return found


def dry(db: Engine, flow: str, people: Iterable[Line]) -> Iterator[Json]:
    """What would be answered; nothing is written."""
    for some in _some(people):
        with reading(db) as conn:
            rows = list(judged(conn, flow, some))
        yield from (answer(row) for row in rows)


def answers(db: Engine, start_id: int) -> Iterator[Json]:
    """What each line was answered, as it was then."""
    last = 0
    while True:
        query = select(_row.c.line, _row.c.result, _row.c.reason).where(
            _row.c.start_id == start_id, _row.c.line > last
        )
        with reading(db) as conn:
            found = conn.execute(query.order_by(_row.c.line).limit(AT_A_TIME)).mappings().all()
        if not found:
            return
        yield from (answer(dict(row)) for row in found)
        last = found[-1]["line"]


def answer(row: Json) -> Json:
    """A line of the answer."""
    told = {"line": row["line"], "result": row["result"]}
    return told | {"reason": row["reason"]} if row["reason"] else told

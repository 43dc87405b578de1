"""Count the messages that came since the last count, in the transaction that moves the mark.

A message counts once, however often this runs and wherever it dies. The newest minute waits: on PostgreSQL a
row with a lower id may still be on its way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects import postgresql, sqlite

from bot import jobs
from bot.figures import Heard, Key, Talk, count_message
from bot.messages import Json
from bot.tasks.workshop import Workshop
from models import Figure, FigurePlace, FigureTalk, Media, Message
from models.database import writing

SETTLED = timedelta(minutes=1)
AT_ONCE = 500
ROUNDS = 200
"""Of a long backlog so many slices are counted in one job; the next job goes on."""
_message, _media = Message.__table__.c, Media.__table__.c
_figure, _talk, _place = Figure.__table__, FigureTalk.__table__, FigurePlace.__table__
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def run(shop: Workshop, job: jobs.Job) -> None:
    """Slice by slice, until only what is too new is left."""
    for _ in range(ROUNDS):
        with writing(shop.db) as conn:
            if not count_slice(conn, shop.clock() - SETTLED):
                break
    with writing(shop.db) as conn:
        jobs.finish(conn, job)


def count_slice(conn: Connection, until: datetime, most: int = AT_ONCE) -> int:
    """Count up to `most` messages older than `until`; how many rows were looked at."""
    place = conn.scalar(select(_place.c.message_id).with_for_update()) or 0
    rows = conn.execute(
        select(*(_message[name] for name in ("id", "seller_id", "direction", "kind", "body", "events")))
        .add_columns(_message.created_at)
        .where(_message.id > place)
        .order_by(_message.id)
        .limit(most)
    ).all()
    rows = rows[: next((at for at, row in enumerate(rows) if row.created_at > until), len(rows))]
    if not rows:
        return 0
    _count(conn, [row for row in rows if row.direction == "in" and not (row.body or {}).get("practice")])
    _put(conn, _place, ["name"], [{"name": "counted", "message_id": rows[-1].id}])
    return len(rows)


def _count(conn: Connection, rows: Sequence[Row[Any]]) -> None:
    sellers = {row.seller_id for row in rows}
    known = conn.execute(select(_talk).where(_talk.c.seller_id.in_(sellers)))
    talks = {row.seller_id: Talk.from_json(row.talk) for row in known}
    photos = _photos(conn, rows)
    total: Counter[Key] = Counter()
    for row in rows:
        told = [photos[each] for each in (row.body or {}).get("media", ()) if each in photos]
        heard = Heard(
            row.kind,
            row.created_at,
            tuple(row.events or ()),
            len(told),
            tuple(problem for each in told for problem in each),
        )
        talks[row.seller_id], found = count_message(talks.get(row.seller_id, Talk()), heard)
        total.update(found)
    changed = [{"seller_id": mine, "talk": talks[mine].as_json()} for mine in sorted(sellers)]
    _put(conn, _talk, ["seller_id"], changed)
    _add(conn, total)


def _photos(conn: Connection, rows: Sequence[Row[Any]]) -> dict[int, tuple[str, ...]]:
    """The photos that these messages told of, each with what was wrong with it."""
    ids = [each for row in rows if row.kind == "media_ready" for each in (row.body or {}).get("media", ())]
    found = conn.execute(select(_media.id, _media.verdict).where(_media.id.in_(ids), _media.kind == "photo"))
    return {row.id: _refused(row.verdict or {}) for row in found}


def _refused(verdict: Json) -> tuple[str, ...]:
    return tuple(verdict.get("problems") or ()) if verdict.get("verdict") == "refuse" else ()


def _put(conn: Connection, table: Any, keys: list[str], rows: list[Json]) -> None:
    if not rows:
        return
    new = _INSERT[conn.dialect.name](table)
    values = {column.name: new.excluded[column.name] for column in table.c if column.name not in keys}
    conn.execute(new.on_conflict_do_update(index_elements=keys, set_=values), rows)


def _add(conn: Connection, found: Counter[Key]) -> None:
    new = _INSERT[conn.dialect.name](_figure)
    more = new.on_conflict_do_update(
        index_elements=["day", "district", "what", "key"],
        set_={"count": _figure.c.count + new.excluded["count"]},
    )
    names = ("day", "district", "what", "key")
    rows = [dict(zip(names, key, strict=True)) | {"count": count} for key, count in found.items() if count]
    if rows:
        conn.execute(more, sorted(rows, key=lambda row: [str(row[name]) for name in names]))

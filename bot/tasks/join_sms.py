"""Parts of a long SMS that have come together go through the one door as one message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot import jobs
from bot.channels.gateway_inbound import message
from bot.channels.sms_parts import Part, assemble, is_whole, joined
from bot.receive import receive
from bot.tasks.workshop import Workshop
from models import SmsPart
from models.database import reading, writing

PATIENCE = timedelta(seconds=60)
"""So long after the last part that came the missing ones are no longer waited for."""
REMEMBERED = timedelta(days=1)

_part = SmsPart.__table__
_columns = _part.c
_KEEP = {
    "sqlite": sqlite.insert(_part).on_conflict_do_nothing().returning(_columns.id),
    "postgresql": postgresql.insert(_part).on_conflict_do_nothing().returning(_columns.id),
}


def keep(conn: Connection, part: Part, now: datetime) -> bool:
    """Store one part and put the jobs that join it; False for a repeat, which changes nothing."""
    row = {name: getattr(part, name) for name in Part.__dataclass_fields__}
    stored = conn.execute(_KEEP[conn.dialect.name], {**row, "received_at": now, "joined_at": None}).first()
    if stored is None:
        return False
    payload = {"address": part.address}
    for name, run_at in (("now", now), ("late", now + PATIENCE)):
        unique = f"sms:{name}:{part.address}"
        jobs.put(conn, "join_sms", payload, now=now, run_at=run_at, key=part.address, unique_key=unique)
    return True


def run(shop: Workshop, job: jobs.Job) -> None:
    """Join what is whole, and what has waited long enough; told twice after a crash, it is a repeat there."""
    now = shop.clock()
    with reading(shop.db) as conn:
        mine = (_columns.address == job.payload["address"], _columns.joined_at.is_(None))
        rows = conn.execute(select(_part).where(*mine).order_by(_columns.id)).all()
    came = {row.provider_id: row for row in rows}
    for group in assemble(Part(*row[1:8]) for row in rows):
        newest = max(came[part.provider_id].received_at for part in group)
        if is_whole(group) or now - newest >= PATIENCE:
            _tell(shop, group, now)
            _forget_words(shop, [came[part.provider_id].id for part in group], now)
    with writing(shop.db) as conn:
        conn.execute(delete(_part).where(_columns.joined_at < now - REMEMBERED))
        jobs.finish(conn, job)


def _tell(shop: Workshop, group: Sequence[Part], now: datetime) -> None:
    text, provider_id = joined(group)
    inbound = message(group[0].address, text, shop.settings.sms_keyword, provider_id, now)
    receive(shop.db, shop.talk, inbound, now)


def _forget_words(shop: Workshop, ids: Sequence[int], now: datetime) -> None:
    with writing(shop.db) as conn:
        conn.execute(update(_part).where(_columns.id.in_(ids)).values(joined_at=now, text=""))

"""What a rep began in a talk ends by itself: a take-over after hours of silence, practice after a day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from bot import jobs, practice, taken_over
from bot.messages import Inbound
from bot.receive import receive
from bot.tasks.nudge import reached_at
from bot.tasks.workshop import Workshop
from models import Conversation
from models.database import reading, writing

ENDS_AT = {"hand_back": taken_over.ends_at, "practice": practice.ends_at}
UNIQUE_KEY = {"hand_back": taken_over.unique_key, "practice": practice.unique_key}


def run(shop: Workshop, job: jobs.Job) -> None:
    """End it through the one door when it is time; look again later when the rep was not silent."""
    seller_id, kind, now = job.payload["seller_id"], job.payload["kind"], shop.clock()
    ends_at = ENDS_AT[kind]
    hers = select(Conversation.__table__).where(Conversation.seller_id == seller_id)
    with reading(shop.db) as conn:
        stands, to = conn.execute(hers).first(), reached_at(conn, seller_id)
    at = ends_at(stands.state) if stands else None
    if stands and to and at and at <= now:
        # The revision makes it one message however often a killed worker's job comes back.
        name = f"{kind}:{seller_id}:{stands.revision}"
        end = Inbound(to.channel, to.address, name, kind, now, payload="end", seller_id=seller_id)
        receive(shop.db, shop.talk, end, now)
    with writing(shop.db) as conn:
        stands = conn.execute(hers.with_for_update()).first()
        at = ends_at(stands.state) if stands else None
        if stands and at is None and kind == "practice":
            at = _forget(conn, stands, now)
        if to and at:
            key = UNIQUE_KEY[kind](seller_id)
            jobs.put(conn, job.kind, job.payload, now=now, run_at=max(at, now), unique_key=key)
        jobs.finish(conn, job)


def _forget(conn: Connection, stands: Row[Any], now: datetime) -> datetime | None:
    """What she told in practice is shown for a day; when to come again for that."""
    at = practice.forgotten_at(stands.state)
    if at is None or at > now:
        return at
    state = {name: value for name, value in stands.state.items() if name != "practised"}
    hers = update(Conversation).where(Conversation.seller_id == stands.seller_id)
    conn.execute(hers.values(state=state, revision=stands.revision + 1))
    return None

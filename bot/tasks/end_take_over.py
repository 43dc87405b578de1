"""End a take-over whose rep has been silent for some hours: the bot talks with her again."""

from __future__ import annotations

from sqlalchemy import select

from bot import jobs, taken_over
from bot.messages import Inbound
from bot.receive import receive
from bot.tasks.nudge import reached_at
from bot.tasks.workshop import Workshop
from models import Conversation
from models.database import reading, writing


def run(shop: Workshop, job: jobs.Job) -> None:
    """Hand back through the one door when it is time; look again later when the rep was not silent."""
    seller_id, now = job.payload["seller_id"], shop.clock()
    hers = select(Conversation.__table__).where(Conversation.seller_id == seller_id)
    with reading(shop.db) as conn:
        stands, to = conn.execute(hers).first(), reached_at(conn, seller_id)
    at = taken_over.ends_at(stands.state) if stands else None
    if stands and to and at and at <= now:
        # The revision makes it one message however often a killed worker's job comes back.
        name = f"hand_back:{seller_id}:{stands.revision}"
        receive(shop.db, shop.talk, Inbound(to.channel, to.address, name, "hand_back", now), now)
    with writing(shop.db) as conn:
        stands = conn.execute(hers.with_for_update()).first()
        at = taken_over.ends_at(stands.state) if stands else None
        if to and at:
            key = taken_over.unique_key(seller_id)
            jobs.put(conn, job.kind, job.payload, now=now, run_at=max(at, now), unique_key=key)
        jobs.finish(conn, job)

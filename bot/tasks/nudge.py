"""Look after one seller's draft: remind her when it has been silent for long, and tell a rep in the end.

A turn puts this job when a draft begins and then forgets it, which keeps the turn cheap; the job looks at the
talk every few hours and puts itself again until there is no draft, or a rep was told of it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from bot import jobs, nudges
from bot.hours import by_day
from bot.messages import Inbound
from bot.receive import receive
from bot.starts.preferred import Place, last_wrote, preferred
from bot.tasks.workshop import Workshop
from models import Conversation, Seller
from models.database import reading, writing

_seller, _conversation = Seller.__table__, Conversation.__table__
_STANDS = select(_conversation, _seller.c.stopped_at).join(_seller, _seller.c.id == _conversation.c.seller_id)


def run(shop: Workshop, job: jobs.Job) -> None:
    """Do what is due, then look again when the next step can be."""
    seller_id, now = job.payload["seller_id"], shop.clock()
    hers = _STANDS.where(_conversation.c.seller_id == seller_id)
    with reading(shop.db) as conn:
        stands, to = conn.execute(hers).first(), reached_at(conn, seller_id)
    step = nudges.next_step(stands.state, stands.updated_at, seller_id) if stands else None
    if stands and to and step and step.due(now) and not nudges.ours(stands.state):
        # The revision makes it one message however often a killed worker's job comes back.
        name = f"nudge:{seller_id}:{stands.revision}"
        word = Inbound(to.channel, to.address, name, "nudge", now, seller_id=seller_id)
        receive(shop.db, shop.talk, word, now)
    with writing(shop.db) as conn:
        # With the row locked that a turn of hers must have, neither overlooks what the other puts.
        again_at = _look_again(conn.execute(hers.with_for_update(of=_conversation)).first(), now)
        if to and again_at:
            key = nudges.unique_key(seller_id)
            jobs.put(conn, job.kind, job.payload, now=now, run_at=again_at, unique_key=key)
        jobs.finish(conn, job)


def reached_at(conn: Connection, seller_id: int) -> Place | None:
    """Where she likes to be written to; the address of a call only if she never wrote."""
    return preferred(conn, seller_id) or last_wrote(conn, seller_id)


def _look_again(stands: Row[Any] | None, now: datetime) -> datetime | None:
    """When to look at the talk again; None when there is nothing more to look after.

    Never later than a new silence could call for: a word of hers does not move the job.
    """
    if stands is None or stands.stopped_at:
        return None
    step = nudges.next_step(stands.state, stands.updated_at, stands.seller_id)
    if step is None:
        return None
    soon = now + nudges.FIRST
    if nudges.ours(stands.state):
        return soon
    at = max(step.at, now + nudges.SOON)
    if not step.to_rep:
        at = by_day(at, stands.seller_id)
    return at if stands.state.get("nudges") else min(at, soon)

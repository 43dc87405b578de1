"""Once a day: drafts that were left alone for half a year hear a last word; a week later they go."""

from __future__ import annotations

from sqlalchemy import select

from bot import jobs, nudges, old_drafts
from bot.messages import Inbound
from bot.receive import receive
from bot.tasks.nudge import reached_at
from bot.tasks.workshop import Workshop
from models import Address, Conversation
from models.database import reading, writing

AT_ONCE = 200
_talk, _address = Conversation.__table__, Address.__table__
_ANY = select(_address.c.channel, _address.c.address).limit(1)


def run(shop: Workshop, job: jobs.Job) -> None:
    """Look at the talks of all who were silent so long, some at a time. It may begin again."""
    with writing(shop.db) as conn:
        jobs.forget_dead(conn, job.kind)
    after = 0
    while some := _some(shop, after):
        for seller_id in some:
            _look_at(shop, seller_id)
        after = some[-1]
    with writing(shop.db) as conn:
        jobs.finish(conn, job)


def _some(shop: Workshop, after: int) -> list[int]:
    before = shop.clock() - old_drafts.LEFT_ALONE
    silent = (_talk.c.last_inbound_at <= before, _talk.c.flow.is_not(None), _talk.c.seller_id > after)
    with reading(shop.db) as conn:
        return list(
            conn.scalars(select(_talk.c.seller_id).where(*silent).order_by(_talk.c.seller_id).limit(AT_ONCE))
        )


def _look_at(shop: Workshop, seller_id: int) -> None:
    now = shop.clock()
    with reading(shop.db) as conn:
        row = conn.execute(select(_talk).where(_talk.c.seller_id == seller_id)).first()
        to = reached_at(conn, seller_id)
        reached = to is not None and to.channel in nudges.WRITTEN
        to = to or conn.execute(_ANY.where(_address.c.seller_id == seller_id)).first()
    due = old_drafts.due(row.state, row.last_inbound_at, now, reached) if row and to else None
    if due and row and to:
        # The revision makes it one however often a killed worker's job comes back.
        name = f"old_draft:{seller_id}:{row.revision}"
        receive(shop.db, shop.talk, Inbound(to.channel, to.address, name, "nudge", now, payload=due), now)

"""Once a day: drafts left alone for half a year get one last word, and a week later they go."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from bot import jobs, nudges
from bot.messages import Inbound
from bot.receive import receive
from bot.starts.preferred import WRITTEN
from bot.tasks.nudge import reached_at
from bot.tasks.workshop import Workshop
from models import Conversation, Message
from models.database import reading, writing

AT_ONCE = 200
LAST_WORD = "utter_nudge_last"
WENT = ("sent", "delivered", "read")
_talk, _message = Conversation.__table__.c, Message.__table__.c


def run(shop: Workshop, job: jobs.Job) -> None:
    """One after the other through the one door; the revision makes each word one, however often it runs."""
    now, last = shop.clock(), 0
    old = select(_talk.seller_id, _talk.state, _talk.revision, _talk.last_inbound_at).where(
        _talk.flow.is_not(None), _talk.last_inbound_at < now - nudges.OLD
    )
    while True:
        with reading(shop.db) as conn:
            rows = conn.execute(
                old.where(_talk.seller_id > last).order_by(_talk.seller_id).limit(AT_ONCE)
            ).all()
            ways = {row.seller_id: reached_at(conn, row.seller_id) for row in rows}
        if not rows:
            break
        for row in rows:
            due, to = nudges.end_of_old(row.state, row.last_inbound_at, now), ways[row.seller_id]
            if due == "expire" and not _told(shop, row.seller_id, now - nudges.OLD):
                continue
            if due and to and (due == "expire" or to.channel in WRITTEN):
                name = f"{due}:{row.seller_id}:{row.revision}"
                word = Inbound(to.channel, to.address, name, "nudge", now, payload=due)
                receive(shop.db, shop.talk, word, now)
        last = rows[-1].seller_id
    with writing(shop.db) as conn:
        jobs.finish(conn, job)


def _told(shop: Workshop, seller_id: int, since: datetime) -> bool:
    """Did the last word leave by any way, and not come back? Nothing of hers goes before she could know.

    She has been silent `since` then: a word from before was about another draft.
    """
    ours = (_message.seller_id == seller_id, _message.direction == "out", _message.status.in_(WENT))
    word = select(_message.id).where(*ours, _message.body["utter"].as_string() == LAST_WORD)
    word = word.where(_message.created_at > since)
    with reading(shop.db) as conn:
        return conn.execute(word.limit(1)).first() is not None

"""She said yes to being erased: once the answer to it has gone out, everything about her goes."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from bot import jobs
from bot.people.erase import erase
from bot.tasks.workshop import Workshop
from models import Message
from models.database import writing

_message = Message.__table__.c
WAIT = timedelta(seconds=5)
LONGEST = timedelta(days=1)
"""An answer that cannot be sent for so long holds up nothing any more."""


def run(shop: Workshop, job: jobs.Job) -> None:
    """Repeatable: rows go in one transaction with the end of the job, bytes by jobs of that transaction."""
    mine, now = job.payload["seller_id"], shop.clock()
    with writing(shop.db) as conn:
        unsent = select(func.count()).where(
            _message.seller_id == mine,
            _message.direction == "out",
            _message.status.in_(("queued", "sending")),
            _message.created_at > now - LONGEST,
        )
        if conn.scalar(unsent):
            key = f"erase:{mine}"
            jobs.put(conn, job.kind, job.payload, now=now, run_at=now + WAIT, unique_key=key)
            return jobs.finish(conn, job)
        publish, secret = bool(shop.settings.queue_url), shop.settings.secret_key
        erase(conn, mine, job.payload.get("by", "seller"), now, secret_key=secret, publish=publish)
        jobs.finish(conn, job)

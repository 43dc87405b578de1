"""After a refusal, once the answer to it has gone out, her number and our words to her are forgotten too."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, func, select, update

from bot import jobs, seller_card, shared_phones
from bot.tasks.workshop import Workshop
from models import Address, Consent, Conversation, Message
from models.database import writing

_message = Message.__table__.c
WAIT = timedelta(seconds=5)


def run(shop: Workshop, job: jobs.Job) -> None:
    """Wait for the last send; then only message ids and the refusal stay. A later yes keeps her."""
    mine = job.payload["seller_id"]
    with writing(shop.db) as conn:
        given = select(Consent.given).where(Consent.seller_id == mine).order_by(Consent.id.desc()).limit(1)
        state = conn.scalar(select(Conversation.state).where(Conversation.seller_id == mine))
        if conn.scalar(given) or state is None or state["asks"] is not None:
            return jobs.finish(conn, job)
        unsent = select(func.count()).where(
            _message.seller_id == mine,
            _message.direction == "out",
            _message.status.in_(("queued", "sending")),
        )
        if conn.scalar(unsent):
            # Put again and not tried again: it must outlast every attempt of the send.
            later = shop.clock() + WAIT
            jobs.put(conn, job.kind, job.payload, now=shop.clock(), run_at=later, unique_key=f"forget:{mine}")
            return jobs.finish(conn, job)
        conn.execute(delete(Conversation).where(Conversation.seller_id == mine))
        seller_card.forget(conn, mine)
        shared_phones.part(conn, mine)
        conn.execute(delete(Address).where(Address.seller_id == mine))
        hers = update(Message).where(_message.seller_id == mine)
        conn.execute(hers.values(address="", body={}, events=None))
        jobs.finish(conn, job)

"""After a refusal, once the answer to it has gone out, her number and our words to her are forgotten too."""

from __future__ import annotations

from sqlalchemy import delete, func, select, update

from bot import jobs
from bot.tasks.workshop import Workshop
from models import Address, Consent, Conversation, Message
from models.database import writing

_message = Message.__table__.c
WAIT_S = 5.0


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
            raise jobs.Retry("the answer is still on its way", after_s=WAIT_S)
        conn.execute(delete(Conversation).where(Conversation.seller_id == mine))
        conn.execute(delete(Address).where(Address.seller_id == mine))
        conn.execute(update(Message).where(_message.seller_id == mine).values(address="", body={}))
        jobs.finish(conn, job)

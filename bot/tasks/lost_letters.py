"""Letters whose job is dead: nobody sends them or takes their next step any more, so a person calls her."""

from __future__ import annotations

from sqlalchemy import select

from bot.tasks import next_step
from bot.tasks.workshop import Workshop
from models import JobRow
from models.database import reading

KINDS = ("send_message", next_step.TASK)
_job = JobRow.__table__.c


def give_up(shop: Workshop) -> int:
    """Each such letter goes to the rep's list, once; the dead job stays for an operator. Answers how many."""
    with reading(shop.db) as conn:
        dead = select(_job.payload).where(_job.kind.in_(KINDS), _job.status == "dead")
        ids = sorted({int(payload["message_id"]) for payload in conn.scalars(dead)})
    return sum(next_step.given_up(shop, message_id) for message_id in ids)

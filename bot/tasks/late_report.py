"""What the provider reports of a letter; a last word that overtook our own note of its id is heard again.

The provider may say that a letter failed before the worker has written down which letter has that id. It says
so once: without a second look the letter would stay `sent`, and nobody would take its next step.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from bot import jobs
from bot.channels.base import FINAL, Status
from bot.tasks import next_step
from bot.tasks.workshop import Workshop
from models import Message
from models.database import writing

LATER = timedelta(seconds=30)
"""By then the worker has written the id down, or has died and another one has looked the letter up."""
_message = Message.__table__.c


def record(conn: Connection, told: Status, now: datetime, *, late: bool = False) -> bool:
    """Move one outgoing message up its ladder; False when it is unknown or already further.

    What ends without having arrived gets its next step. `late`: the second look, after which an unknown
    letter is nobody's.
    """
    ours = (_message.channel.in_(("whatsapp", "sms")), _message.provider_id == told.provider_id)
    values: dict[str, str] = {"status": told.status}
    if told.error:
        values["error"] = told.error
    moved = conn.execute(
        update(Message.__table__)
        .where(*ours, _message.direction == "out", _message.status.in_(told.follows()))
        .values(**values)
        .returning(_message.id, _message.seller_id)
    ).first()
    if told.status not in FINAL:
        return moved is not None
    if moved:
        next_step.put(conn, moved.id, moved.seller_id, told.error or told.status, now)
    elif not late and conn.scalar(select(_message.id).where(*ours)) is None:
        payload = {"id": told.provider_id, "status": told.status, "error": told.error}
        name = f"late_report:{told.provider_id}"
        jobs.put(conn, "late_report", payload, now=now, run_at=now + LATER, unique_key=name)
    return moved is not None


def run(shop: Workshop, job: jobs.Job) -> None:
    """Look again."""
    told = Status(job.payload["id"], job.payload["status"], job.payload["error"])
    with writing(shop.db) as conn:
        record(conn, told, shop.clock(), late=True)
        jobs.finish(conn, job)

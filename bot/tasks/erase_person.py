"""Erase a person: after her last message, all her rows in one transaction, then the bytes of hers."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, func, select

from bot import jobs
from bot.people import erase
from bot.tasks.workshop import Workshop
from models import Message
from models.database import writing

log = structlog.get_logger(__name__)
WAIT = timedelta(seconds=5)
PATIENCE = timedelta(minutes=10)
"""So long her last message may take; what cannot reach her must not keep what she wants gone."""
AT_ONCE = 100
ON_THE_WAY = ("queued", "sending")


def run(shop: Workshop, job: jobs.Job) -> None:
    """All rows go with the end of this job, so a kill leaves all or nothing of them."""
    now, mine = shop.clock(), job.payload["seller_id"]
    with writing(shop.db) as conn:
        patient = (
            job.payload["last_word"] and now < datetime.fromisoformat(job.payload["asked_at"]) + PATIENCE
        )
        if patient and _still_told(conn, mine):
            # Put again and not tried again: it must outlast every attempt of the send.
            jobs.put(conn, job.kind, job.payload, now=now, run_at=now + WAIT, unique_key=f"erase:{mine}")
            jobs.finish(conn, job)
            return
        names = erase.erase(conn, shop.settings, mine, now, job.id)
        for at in range(0, len(names), AT_ONCE):
            jobs.put(conn, erase.BYTES, {"names": names[at : at + AT_ONCE]}, now=now)
        jobs.finish(conn, job)
    log.info("person_erased", files=len(names))


def _still_told(conn: Connection, seller_id: int) -> bool:
    unsent = select(func.count()).where(
        Message.seller_id == seller_id, Message.direction == "out", Message.status.in_(ON_THE_WAY)
    )
    return bool(conn.scalar(unsent))

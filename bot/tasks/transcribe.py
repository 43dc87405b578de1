"""Hear one stored voice note. With TRANSCRIBER=desk a person writes down what she said; we only judge it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from bot import jobs
from bot.media.audio import probe
from bot.messages import Inbound
from bot.receive import receive
from bot.tasks.settle_album import settle_soon
from bot.tasks.workshop import Workshop
from models import Media, Message
from models.database import reading, writing

_media = Media.__table__
_columns = _media.c


def run(shop: Workshop, job: jobs.Job) -> None:
    """Keep length and verdict; a note that nobody could write down is refused, and she is told."""
    media_id = job.payload["media_id"]
    waiting = (_columns.id == media_id, _columns.status == "stored")
    with reading(shop.db) as conn:
        sha256 = conn.scalar(select(_columns.sha256).where(*waiting))
    values = _judged(shop, sha256) if sha256 else {}
    with writing(shop.db) as conn:
        marked = bool(values) and conn.execute(update(_media).where(*waiting).values(**values)).rowcount == 1
        if marked and "status" in values:
            settle_soon(conn, shop, media_id)
        jobs.finish(conn, job)


def submit(shop: Workshop, media_id: int, text: str, by: str) -> None:
    """A transcript came: it goes through the one door as her words. `by` is a person or a model.

    Given twice, the second is a repeat at the door and changes nothing.
    """
    message = Message.__table__.c
    with writing(shop.db) as conn:
        conn.execute(
            update(_media)
            .where(_columns.id == media_id)
            .values(transcript=text, transcribed_by=by, status="ready", delivered_at=shop.clock())
        )
        row = conn.execute(
            select(message.channel, message.address)
            .join(_media, _columns.message_id == message.id)
            .where(_columns.id == media_id)
        ).one()
    now = shop.clock()
    inbound = Inbound(
        channel=row.channel,
        address=row.address,
        provider_id=f"transcript:{media_id}",
        kind="media_ready",
        received_at=now,
        text=text,
        media_ids=(media_id,),
    )
    receive(shop.db, shop.talk, inbound, now)


def _judged(shop: Workshop, sha256: str) -> dict[str, Any]:
    try:
        heard = probe(shop.store.read(sha256))
    except FileNotFoundError:
        return {"status": "failed"}
    values: dict[str, Any] = {"seconds": heard.seconds, "verdict": heard.as_json()}
    return values | {"status": "refused"} if heard.verdict == "refuse" else values

"""Messages that had to wait because too many came at once: worked on in order, as the limits allow."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select

from bot import jobs
from bot.messages import Inbound, Media
from bot.receive import receive
from bot.tasks.workshop import Workshop
from models import Message
from models.database import reading, writing

_message = Message.__table__


def run(shop: Workshop, job: jobs.Job) -> None:
    """Take up what waits, oldest first, until nothing does or a limit is reached again."""
    seller_id = job.payload["seller_id"]
    again_at = None
    while again_at is None and (row := _oldest(shop, seller_id)):
        again_at = receive(shop.db, shop.talk, _inbound(row), shop.clock(), held=row.id).again_at
    with writing(shop.db) as conn:
        if again_at:
            jobs.put(
                conn,
                job.kind,
                job.payload,
                now=shop.clock(),
                run_at=again_at,
                unique_key=f"take_up:{seller_id}",
            )
        jobs.finish(conn, job)


def _oldest(shop: Workshop, seller_id: int) -> Row[Any] | None:
    waits = (_message.c.seller_id == seller_id, _message.c.direction == "in", _message.c.status == "held")
    with reading(shop.db) as conn:
        return conn.execute(select(_message).where(*waits).order_by(_message.c.id).limit(1)).first()


def _inbound(row: Row[Any]) -> Inbound:
    """The message as it came."""
    body = row.body
    return Inbound(
        channel=row.channel,
        address=row.address,
        provider_id=row.provider_id,
        kind=row.kind,
        received_at=row.created_at,
        text=body.get("text", ""),
        payload=body.get("payload"),
        media=tuple(Media(**item) for item in body.get("attachments", ())),
        location=tuple(body["location"]) if body.get("location") else None,
    )

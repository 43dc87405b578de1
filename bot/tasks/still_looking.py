"""Photos that take long to fetch or to judge: she is told that we are still looking."""

from __future__ import annotations

from sqlalchemy import select

from bot import jobs
from bot.messages import Inbound
from bot.receive import receive
from bot.tasks.settle_album import PENDING
from bot.tasks.workshop import Workshop
from models import Media, Message
from models.database import reading, writing

_media, _message = Media.__table__, Message.__table__
_LAST = (
    select(_media.c.id, _message.c.channel, _message.c.address)
    .join(_message, _message.c.id == _media.c.message_id)
    .where(_media.c.kind == "photo", _media.c.status.in_(PENDING))
    .order_by(_media.c.id.desc())
    .limit(1)
)


def run(shop: Workshop, job: jobs.Job) -> None:
    """Say so once for her last photo that is still on its way; nothing when all are judged."""
    seller_id = job.payload["seller_id"]
    with reading(shop.db) as conn:
        row = conn.execute(_LAST.where(_media.c.seller_id == seller_id)).first()
    if row:
        now = shop.clock()
        inbound = Inbound(
            channel=row.channel,
            address=row.address,
            provider_id=f"looking:{row.id}",
            kind="media_ready",
            received_at=now,
            payload="looking",
            seller_id=seller_id,
        )
        receive(shop.db, shop.talk, inbound, now)
    with writing(shop.db) as conn:
        jobs.finish(conn, job)

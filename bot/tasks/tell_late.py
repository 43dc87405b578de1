"""Tell the talk of photos and notes that were judged while a rep talked with her."""

from __future__ import annotations

from sqlalchemy import select

from bot import jobs
from bot.engine.notes import find
from bot.messages import Inbound
from bot.receive import receive
from bot.tasks.workshop import Workshop
from models import Conversation, Media, Message
from models.database import reading, writing

_media = Media.__table__.c


def run(shop: Workshop, job: jobs.Job) -> None:
    """Photos in one message, each note in its own; what was said to the rep is no answer to the bot."""
    hers, now = job.payload["seller_id"], shop.clock()
    joined = select(Media.__table__, Message.channel, Message.address, Message.provider_id).join(
        Message, Message.id == _media.message_id
    )
    wanted = joined.where(_media.id.in_(job.payload["media"]), _media.seller_id == hers).order_by(_media.id)
    with reading(shop.db) as conn:
        rows = conn.execute(wanted).all()
        state = conn.scalar(select(Conversation.state).where(Conversation.seller_id == hers))
    notes = [row for row in rows if row.kind == "voice" and find(state or {}, row.provider_id)]
    photos = [row for row in rows if row.kind == "photo"]
    for some in (*([note] for note in notes), photos):
        if some:
            name = f"late:{job.id}:{some[0].id}"
            text = some[0].transcript or ""
            ids = tuple(row.id for row in some)
            told = Inbound(
                *(some[0].channel, some[0].address, name, "media_ready", now, text),
                media_ids=ids,
                seller_id=hers,
            )
            receive(shop.db, shop.talk, told, now)
    with writing(shop.db) as conn:
        jobs.finish(conn, job)

"""The photos and notes of a draft that has ended by itself; what a listing shows stays."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, or_, select

from bot import jobs, offers
from bot.tasks.named_media import AT_ONCE, in_listings
from bot.tasks.workshop import Workshop
from models import Conversation, Media, Transcription
from models.database import writing

_media = Media.__table__.c


def run(shop: Workshop, job: jobs.Job) -> None:
    """Rows in one transaction with the job that removes their bytes; once more finds nothing."""
    mine, now = job.payload["seller_id"], shop.clock()
    before = datetime.fromisoformat(job.payload["before"])
    own = or_(_media.asks.is_(None), ~_media.asks.startswith(offers.MARK))
    with writing(shop.db) as conn:
        # A turn of hers holds this row from its start: none hands a listing over meanwhile.
        conn.execute(
            select(Conversation.seller_id).where(Conversation.seller_id == mine).with_for_update()
        ).all()
        hers = select(_media.id, _media.sha256).where(
            _media.seller_id == mine, _media.created_at < before, own
        )
        rows = conn.execute(hers).all()
        names = {row.sha256 for row in rows if row.sha256}
        names -= in_listings(conn, names, mine)
        going = [row.id for row in rows if row.sha256 is None or row.sha256 in names]
        conn.execute(delete(Transcription).where(Transcription.media_id.in_(going)))
        conn.execute(delete(Media).where(_media.id.in_(going)))
        listed = sorted(names)
        for start in range(0, len(listed), AT_ONCE):
            payload = {"names": listed[start : start + AT_ONCE], "prompts": []}
            jobs.put(conn, "erase_bytes", payload, now=now)
        jobs.finish(conn, job)

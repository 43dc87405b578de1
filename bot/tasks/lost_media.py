"""Photos and notes whose job is dead: nobody works on them any more, so she and a person must hear of it."""

from __future__ import annotations

from sqlalchemy import insert, select, update

from bot.tasks.settle_album import PENDING, settle_soon
from bot.tasks.workshop import Workshop
from models import JobRow, Media, Message, RepTask
from models.database import writing

KINDS = ("fetch_media", "check_photo", "transcribe")
_media, _job = Media.__table__, JobRow.__table__


def give_up(shop: Workshop) -> int:
    """Let them fail: the talk asks for another one and goes on, and a rep looks at it. Answers how many."""
    with writing(shop.db) as conn:
        dead = select(_job.c.payload).where(_job.c.kind.in_(KINDS), _job.c.status == "dead")
        ids = sorted({payload["media_id"] for payload in conn.scalars(dead)})
        lost = (
            select(_media.c.id, _media.c.seller_id, Message.body)
            .join(Message, Message.id == _media.c.message_id)
            .where(_media.c.id.in_(ids), _media.c.status.in_(PENDING))
        )
        rows = conn.execute(lost.order_by(_media.c.id)).all()
        for row in rows:
            conn.execute(update(_media).where(_media.c.id == row.id).values(status="failed"))
            settle_soon(conn, shop, row.id)
            if row.body.get("practice"):
                continue
            task = {"seller_id": row.seller_id, "kind": "media_lost", "detail": {"media_id": row.id}}
            conn.execute(insert(RepTask.__table__).values(**task, created_at=shop.clock()))
    return len(rows)

"""Photos and notes of a draft that is over: their rows go, and the names of bytes that nobody may need."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy import Connection, delete, or_, select

from bot.offers import MARK
from models import Conversation, Media, Rendition, Transcription

COPIES = ("shop", "thumbnail", "speech")


def drop(
    conn: Connection,
    seller_id: int,
    before: datetime,
    listed: Callable[[Connection, Collection[str], int], set[str]],
) -> set[str]:
    """Delete what she sent until then and no listing names; `listed` knows which are. The names given up."""
    # A turn of hers holds this row from its start: none hands a listing over while we look at her listings.
    held = select(Conversation.seller_id).where(Conversation.seller_id == seller_id).with_for_update()
    conn.execute(held).all()
    own = or_(Media.asks.is_(None), ~Media.asks.startswith(MARK))
    old = (Media.seller_id == seller_id, Media.created_at <= before, own)
    rows = conn.execute(select(Media.id, Media.sha256).where(*old)).all()
    kept = listed(conn, {row.sha256 for row in rows if row.sha256}, seller_id)
    # A listing names the shop's copy of a photo, not the photo.
    copies = select(Rendition.source, Rendition.sha256).where(
        Rendition.source.in_([row.sha256 for row in rows]), Rendition.kind.in_(COPIES)
    )
    made = conn.execute(copies).all()
    named = listed(conn, {row.sha256 for row in made}, seller_id)
    kept |= {row.source for row in made if row.sha256 in named}
    going = [row for row in rows if row.sha256 not in kept]
    ids, names = [row.id for row in going], {row.sha256 for row in going if row.sha256}
    conn.execute(delete(Transcription).where(Transcription.media_id.in_(ids)))
    conn.execute(delete(Media).where(Media.id.in_(ids)))
    others = set(conn.scalars(select(Media.sha256).where(Media.sha256.in_(names))))
    gone = delete(Rendition).where(Rendition.kind.in_(COPIES), Rendition.source.in_(names - others))
    return names | set(conn.scalars(gone.returning(Rendition.sha256)))

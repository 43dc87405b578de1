"""What is kept for a time only: voice notes grow old, copies outlive what they were made of.

Here only rows go. Bytes that no row names any more are the sweep's work: killed in between, it leaves bytes
too many for a night, and never a row whose bytes are gone.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, exists, select, update

from bot.tasks.named_media import attached, in_listings, in_messages
from bot.tasks.workshop import Workshop
from models import Conversation, Media, Rendition, Transcription
from models.database import reading, writing

UNUSED = timedelta(days=30)
"""A spoken prompt or a contact sheet that no message carried for so long is made anew when it is wanted."""
EVER = 36_500
"""Days that no note is older than."""
COPIES = ("shop", "thumbnail", "speech")
"""Kinds whose `source` is the SHA-256 of stored bytes; the others are made from a recipe."""
_media, _rendition = Media.__table__.c, Rendition.__table__.c


def erase_old_notes(shop: Workshop, now: datetime) -> set[str]:
    """Take the bytes from voice notes older than VOICE_DAYS and keep their words; answers the names given up.

    A note that a listing names stays, and so does one whose words are not told to the talk yet.
    """
    if shop.settings.voice_days <= 0:
        return set()
    old = _old(now - timedelta(days=min(shop.settings.voice_days, EVER)))
    with reading(shop.db) as conn:
        sellers = list(conn.scalars(select(_media.seller_id).where(old).distinct()))
    given_up: set[str] = set()
    for seller_id in sellers:
        with writing(shop.db) as conn:
            given_up |= _erase_hers(conn, seller_id, old)
    return given_up


def _erase_hers(conn: Connection, seller_id: int, old: ColumnElement[bool]) -> set[str]:
    # A turn of hers holds this row from its start: none hands a listing over while we look at her listings.
    conn.execute(
        select(Conversation.seller_id).where(Conversation.seller_id == seller_id).with_for_update()
    ).all()
    rows = conn.execute(select(_media.id, _media.sha256).where(_media.seller_id == seller_id, old)).all()
    listed = in_listings(conn, {row.sha256 for row in rows}, seller_id)
    going = [row for row in rows if row.sha256 not in listed]
    hers = _media.id.in_([row.id for row in going])
    conn.execute(update(Media).where(hers).values(status="erased", sha256=None))
    return {row.sha256 for row in going}


def _old(before: datetime) -> ColumnElement[bool]:
    waiting = exists().where(Transcription.media_id == _media.id, Transcription.status == "waiting")
    return (
        (_media.kind == "voice")
        & (_media.created_at < before)
        & _media.sha256.is_not(None)
        & _media.status.in_(("ready", "refused"))
        & _media.delivered_at.is_not(None)
        & ~waiting
    )


def drop_copies(shop: Workshop) -> set[str]:
    """Forget copies of what is not kept any more; answers the names given up."""
    sourceless = (_rendition.kind.in_(COPIES), ~attached(_rendition.source))
    with reading(shop.db) as conn:
        sources = set(conn.scalars(select(_rendition.source).where(*sourceless)))
        sources -= in_listings(conn, sources)
    given_up: set[str] = set()
    for source in sorted(sources):
        drop = delete(Rendition).where(_rendition.source == source, *sourceless)
        with writing(shop.db) as conn:
            given_up.update(conn.scalars(drop.returning(_rendition.sha256)))
    return given_up


def drop_unused(shop: Workshop, now: datetime) -> None:
    """Forget prompts and sheets that nobody heard or saw for a month.

    Their bytes go a night later: whoever is just about to name them has that long.
    """
    since = now - UNUSED
    made = (_rendition.kind.not_in(COPIES), _rendition.created_at < since)
    with reading(shop.db) as conn:
        names = set(conn.scalars(select(_rendition.sha256).where(*made)))
        names -= in_messages(conn, names, shop.settings, since)
        names -= in_listings(conn, names)
    for name in sorted(names):
        with writing(shop.db) as conn:
            conn.execute(delete(Rendition).where(_rendition.sha256 == name, *made))

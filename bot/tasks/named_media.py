"""Which stored bytes are still named: by attachments, by what was made of them, by listings and messages."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, Text, cast, exists, select, union_all

from bot.media.links import sha256_of
from bot.settings import Settings
from models import Listing, ListingEvent, Media, Message, Rendition

AT_ONCE = 500
"""Names asked for in one statement."""
STREAMED = 200
_ANY_NAME = re.compile(r"[0-9a-f]{64}")
_media, _rendition, _message = Media.__table__.c, Rendition.__table__.c, Message.__table__.c
_listing, _event = Listing.__table__.c, ListingEvent.__table__.c


def attached(sha256: ColumnElement[str]) -> ColumnElement[bool]:
    """Does an attachment that was not erased name these bytes?"""
    return exists().where(_media.sha256 == sha256, _media.status != "erased")


def in_rows(conn: Connection, names: Collection[str]) -> set[str]:
    """Those of at most AT_ONCE names that an attachment or a rendition names."""
    return set(
        conn.scalars(
            union_all(
                select(_media.sha256).where(_media.sha256.in_(names), _media.status != "erased"),
                select(_rendition.sha256).where(_rendition.sha256.in_(names)),
            )
        )
    )


def in_listings(conn: Connection, names: Collection[str], seller_id: int | None = None) -> set[str]:
    """Those that the latest version of a listing names, or a version that the backend has yet to take."""
    latest = select(cast(_listing.message, Text))
    waiting = select(cast(_event.body, Text)).where(_event.acked_at.is_(None), _event.published_at.is_(None))
    if seller_id is not None:
        hers = select(_listing.id).where(_listing.seller_id == seller_id)
        latest = latest.where(_listing.seller_id == seller_id)
        waiting = waiting.where(_event.listing_id.in_(hers))
    return _said(conn, latest, names) | _said(conn, waiting, names)


def in_messages(conn: Connection, names: Collection[str], settings: Settings, since: datetime) -> set[str]:
    """Those that a message to somebody since then carries as its sound, by name or by address."""
    audio = _message.body["audio"].as_string()
    sent = select(audio).where(_message.direction == "out", _message.created_at >= since, audio.is_not(None))
    found: set[str] = set()
    if names:
        for text in conn.scalars(sent.execution_options(yield_per=STREAMED)):
            found.update(_ANY_NAME.findall(text))
            found.add(sha256_of(settings, text.rpartition("/")[2]) or "")
    return found.intersection(names)


def _said(conn: Connection, texts: Select[str], names: Collection[str]) -> set[str]:
    """The names that stand anywhere in these texts; none is read when there is none to look for."""
    found: set[str] = set()
    if names:
        wanted = set(names)
        for text in conn.scalars(texts.execution_options(yield_per=STREAMED)):
            found.update(wanted.intersection(_ANY_NAME.findall(text)))
    return found

"""Photos of a listing that a rep asked to be taken again: what is open, and what the new photos become.

The old photo stays until a new one has come, was judged and is hers: only then it gives up its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from bot.actions.values import MOST_PHOTOS
from bot.hours import midnight_before
from bot.messages import Json
from models import Listing, Retake

LASTS = timedelta(days=14)
"""So long a request is open; then nobody waits any more, and a rep may ask again."""
RIGHT_AFTER = timedelta(days=1)
"""So long after a request a photo of hers that names no number is its answer: photos need daylight."""
MOST_A_DAY = 3
"""Requests to one seller; a shower of them helps nobody."""

_retake, _listing = Retake.__table__, Listing.__table__


def open_of(conn: Connection, listing_id: str, now: datetime) -> Sequence[Row[Any]]:
    """What is waited for, the oldest first."""
    mine = (_retake.c.listing_id == listing_id, *_open(now))
    return conn.execute(select(_retake).where(*mine).order_by(_retake.c.id)).all()


def wanted(conn: Connection, listing_id: str, seller_id: int) -> Row[*tuple[Any, ...]] | None:
    """The listing that a photo may be asked for; None if it is not hers, or she took it back."""
    hers = (_listing.c.id == listing_id, _listing.c.seller_id == seller_id, _listing.c.status == "live")
    return conn.execute(select(_listing.c.number, _listing.c.slots).where(*hers)).first()


def many_today(conn: Connection, seller_id: int, now: datetime) -> bool:
    """Was she asked for enough photos on this day?"""
    hers = select(func.count()).select_from(_retake.join(_listing)).where(_listing.c.seller_id == seller_id)
    return (conn.scalar(hers.where(_retake.c.asked_at >= midnight_before(now))) or 0) >= MOST_A_DAY


def just_asked(conn: Connection, seller_id: int, now: datetime) -> int | None:
    """The number of the listing that she was asked about last, while a bare photo answers that."""
    asked = (
        select(_listing.c.number)
        .select_from(_retake.join(_listing))
        .where(_listing.c.seller_id == seller_id, _listing.c.status == "live", *_open(now))
        .where(_retake.c.asked_at > now - RIGHT_AFTER)
    )
    return conn.scalar(asked.order_by(_retake.c.id.desc()).limit(1))


def ask(conn: Connection, wish: Json, now: datetime) -> None:
    """Write the request down; `wish` holds listing_id, photo_id, reason and by."""
    values = {name: wish[name] for name in ("listing_id", "photo_id", "reason", "by")}
    conn.execute(insert(_retake).values(**values, asked_at=now))


def answered(conn: Connection, listing_id: str, new: Sequence[Json], now: datetime) -> list[Json] | None:
    """All photos of the listing with the new ones in; None if she sent only what is there already.

    Each takes the place and the role of the one that was asked for first and closes that request; what is
    left over stands behind. The listing stays locked, for a rep may be arranging its photos.
    """
    query = select(_listing.c.slots).where(_listing.c.id == listing_id).with_for_update()
    photos: list[Json] = list((conn.scalar(query) or {}).get("photos") or [])
    known = {photo["sha256"] for photo in photos}
    left = [photo for photo in new if photo["sha256"] not in known]
    if not left:
        return None
    for request in open_of(conn, listing_id, now)[: len(left)]:
        photo = left.pop(0)
        place = next((at for at, old in enumerate(photos) if old["id"] == request.photo_id), None)
        if place is None:
            photos.append(photo)
        else:
            photos[place] = photo | {"role": photos[place].get("role")}
        conn.execute(update(_retake).where(_retake.c.id == request.id).values(closed_at=now))
    return [*photos, *left][:MOST_PHOTOS]


def _open(now: datetime) -> tuple[Any, ...]:
    return (_retake.c.closed_at.is_(None), _retake.c.asked_at > now - LASTS)

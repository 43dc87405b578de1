"""Photos that come for a listing that waits for some, from any WhatsApp phone that names its number.

It waits when it was made by SMS, or when a rep asked for a new photo. What comes is a proposal: the seller is
asked on her own number, and only her yes makes it count; a photo that a rep asked her for needs none when it
comes from her own phone. Another phone is answered the same whether the number exists or not, and hears
nothing of whose it is.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from bot import retakes
from bot.actions.values import MOST_PHOTOS
from bot.messages import Inbound, Json
from models import Address, Listing, Media, PhotoOffer

LASTS = timedelta(days=7)
JOINS = timedelta(minutes=30)
"""For so long after a number its sender's photos belong to it."""
GUESSES = 5
"""Numbers that nobody waits under, from one phone in a day; more of them, and right ones count as wrong."""
MARK = "offer:"
ALIVE = ("open", "asked")
_SAID = re.compile(
    r"(?:सामान|समान|saa?maa?n)\s*(?:का|के|ka|ke)?\s*(?:नंबर|नम्बर|number|no\.?)\s*:?\s*(\d{4,9})", re.I
)
_BARE = re.compile(r"\d{4,9}")

_offer, _listing = PhotoOffer.__table__, Listing.__table__
_media, _address = Media.__table__, Address.__table__


@dataclass(frozen=True, slots=True)
class Offer:
    """What this message belongs to; with a `number` it is one that begins now, 0 where there is none."""

    id: str
    number: int | None = None

    @property
    def mark(self) -> str:
        """How its photos are known, in `media.asks`."""
        return MARK + self.id


@dataclass(frozen=True, slots=True)
class Own:
    """What the sender may be told of a listing of her own. `asked`: a rep waits for a photo of it.

    `room`: so many photos that come now can stand in it.
    """

    number: int
    photos: int
    live: bool
    asked: bool
    room: int

    @property
    def waits(self) -> bool:
        """Would photos change it?"""
        return self.live and (self.asked or not self.photos)


def number_in(text: str, bare: bool) -> int | None:
    """The listing's number in her words; `bare`: digits alone are one too."""
    plain = "".join(str(unicodedata.digit(letter, letter)) for letter in text.strip())
    match = _SAID.search(plain)
    if match:
        return int(match[1])
    return int(plain) if bare and _BARE.fullmatch(plain) else None


def of_mark(asks: str) -> str:
    """The proposal that a photo's `asks` names."""
    return asks.removeprefix(MARK)


def running(conn: Connection, sender_id: int | None, now: datetime) -> Offer | None:
    """The sender's proposal that takes further photos."""
    mine = (_offer.c.sender_id == sender_id, _offer.c.status == "open", _offer.c.created_at > now - JOINS)
    newest = select(_offer.c.id).where(*mine).order_by(_offer.c.created_at.desc()).limit(1)
    found = conn.scalar(newest) if sender_id else None
    return Offer(found) if found else None


def own_number(conn: Connection, inbound: Inbound, sender_id: int | None) -> int | None:
    """The newest listing without photos of who writes here, also if she told of it by SMS."""
    phone = inbound.address.rpartition(":")[2]
    hers = select(_address.c.seller_id).where(_address.c.address == phone, _address.c.channel == "sms")
    rows = conn.execute(
        select(_listing.c.number, _listing.c.message)
        .where(_listing.c.seller_id.in_(hers) | (_listing.c.seller_id == sender_id))
        .where(_listing.c.status == "live")
        .order_by(_listing.c.number.desc())
        .limit(10)
    )
    return next((row.number for row in rows if row.message["photos_pending"]), None)


def own_by_number(conn: Connection, seller_id: int | None, number: int, now: datetime) -> Own | None:
    """Her own listing of this number; None for anybody else's, or nobody's."""
    return _own(conn, seller_id, _listing.c.number == number, now)


def own_of(conn: Connection, offer_id: str, seller_id: int | None, now: datetime) -> Own | None:
    """Her own listing that this proposal is for; None for anybody else's, or nobody's."""
    listing_id = select(_offer.c.listing_id).where(_offer.c.id == offer_id).scalar_subquery()
    return _own(conn, seller_id, _listing.c.id == listing_id, now)


def _own(conn: Connection, seller_id: int | None, which: Any, now: datetime) -> Own | None:
    row = conn.execute(select(_listing).where(which, _listing.c.seller_id == seller_id)).first()
    if row is None:
        return None
    asked, photos = retakes.open_of(conn, row.id, now), len(row.message["photos"])
    room = MOST_PHOTOS - photos + sum(each.photo_id is not None for each in asked)
    return Own(row.number, photos, row.status == "live", bool(asked), room)


def begin(conn: Connection, sender_id: int, offer: Offer, now: datetime) -> None:
    """Write the proposal down; a wrong number is kept like a right one, and counted. Her own is no guess."""
    day = (_offer.c.sender_id == sender_id, _offer.c.created_at > now - timedelta(days=1))
    wrong = conn.scalar(select(func.count()).where(*day, _offer.c.listing_id.is_(None))) or 0
    listing = conn.execute(select(_listing).where(_listing.c.number == offer.number)).first()
    if listing and listing.seller_id != sender_id and (wrong >= GUESSES or not _waits(conn, listing, now)):
        listing = None
    row = {"id": offer.id, "sender_id": sender_id, "photos": [], "status": "open", "created_at": now}
    conn.execute(insert(_offer), row | {"listing_id": listing.id if listing else None})


def _waits(conn: Connection, listing: Row[Any], now: datetime) -> bool:
    """Is it offered, and have photos to come: none has yet, or a rep asked for one?"""
    asked = listing.message["photos_pending"] or retakes.open_of(conn, listing.id, now)
    return listing.status == "live" and bool(asked)


def add(conn: Connection, offer_id: str, photos: list[Json]) -> bool:
    """More photos for a proposal. Is there a listing, so that somebody must be asked?"""
    row = conn.execute(select(_offer).where(_offer.c.id == offer_id).with_for_update()).first()
    if row is None or row.status not in ALIVE:
        return False
    conn.execute(update(_offer).where(_offer.c.id == offer_id).values(photos=[*row.photos, *photos]))
    return row.listing_id is not None


def asked_of(conn: Connection, offer_id: str, now: datetime) -> Row[Any] | None:
    """The proposal with its listing's seller and number, while a yes would still count."""
    query = select(_offer, _listing.c.seller_id, _listing.c.number).join(
        _listing, _listing.c.id == _offer.c.listing_id
    )
    row = conn.execute(query.where(_offer.c.id == offer_id, _offer.c.status.in_(ALIVE))).first()
    if row is None or not row.photos or row.created_at <= now - LASTS:
        return None
    listing = conn.execute(select(_listing).where(_listing.c.id == row.listing_id)).one()
    return row if _waits(conn, listing, now) else None


def facts(conn: Connection, offer_id: str, seller_id: int | None, now: datetime) -> Json:
    """What the talk may say of the proposal it asks about; nothing once it is over, or not hers."""
    row = asked_of(conn, offer_id, now)
    if row is None or row.seller_id != seller_id:
        return {"offer_number": None, "offer_photos": None}
    return {"offer_number": row.number, "offer_photos": len(row.photos)}


def take(conn: Connection, offer_id: str, seller_id: int, now: datetime) -> tuple[str, list[Json]] | None:
    """Her yes: the photos are hers, `(listing id, photos)`. None when it is too late, or not hers to say."""
    row = asked_of(conn, offer_id, now)
    if row is None or row.seller_id != seller_id:
        return None
    ids = [photo["id"] for photo in row.photos]
    kept = update(_media).where(_media.c.id.in_(ids), _media.c.asks == MARK + offer_id)
    there = set(conn.scalars(kept.values(seller_id=seller_id).returning(_media.c.id)))
    end(conn, offer_id, "taken")
    photos = [photo for photo in row.photos if photo["id"] in there]
    return (row.listing_id, photos) if photos else None


def end(conn: Connection, offer_id: str, status: str) -> None:
    """It is over. Photos that were not taken are forgotten; their bytes go with the next sweep."""
    mine = (_offer.c.id == offer_id, _offer.c.status.in_(ALIVE))
    ended = conn.execute(update(_offer).where(*mine).values(status=status)).rowcount
    if ended and status != "taken":
        conn.execute(delete(_media).where(_media.c.asks == MARK + offer_id))
        conn.execute(update(_offer).where(_offer.c.id == offer_id).values(photos=[]))

"""Where a seller likes to be written to: what was set for her, else the channel she last answered from."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from bot.messages import OURS
from models import Address, Message, Seller

WRITTEN = ("whatsapp", "sms")
"""Channels in which a message can reach her unasked."""
_seller, _address, _message = Seller.__table__, Address.__table__, Message.__table__
_WROTE = (
    select(_message.c.channel, _message.c.address)
    .join(_address, (_address.c.channel == _message.c.channel) & (_address.c.address == _message.c.address))
    .where(_message.c.direction == "in", _message.c.kind.not_in(OURS), _address.c.stopped_at.is_(None))
    .order_by(_message.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Place:
    """One channel and her address on it."""

    channel: str
    address: str


def prefer(conn: Connection, seller_id: int, channel: str | None) -> None:
    """From now on reminders and openings go to this channel; None: where she last wrote. ValueError for a
    channel on which nothing can be written.
    """
    if channel not in (None, *WRITTEN):
        raise ValueError(f"nobody can be written to on {channel!r}")
    conn.execute(update(_seller).where(_seller.c.id == seller_id).values(prefers=channel))


def preferred(conn: Connection, seller_id: int) -> Place | None:
    """Where she is reached best; None if she never wrote and nothing was set, or has stopped it all."""
    wanted = conn.scalar(select(_seller.c.prefers).where(_seller.c.id == seller_id))
    hers = _WROTE.where(_message.c.seller_id == seller_id)
    if wanted:
        here = (
            _address.c.channel == wanted,
            _address.c.seller_id == seller_id,
            _address.c.stopped_at.is_(None),
        )
        known = select(_address.c.channel, _address.c.address).where(*here).order_by(_address.c.id.desc())
        row = conn.execute(known.limit(1)).first()
        if row:
            return Place(row.channel, row.address)
    row = conn.execute(hers.where(_message.c.channel.in_(WRITTEN))).first()
    return Place(row.channel, row.address) if row else None


def last_wrote(conn: Connection, seller_id: int) -> Place | None:
    """Where her last word came from, on whatever channel."""
    row = conn.execute(_WROTE.where(_message.c.seller_id == seller_id)).first()
    return Place(row.channel, row.address) if row else None


def instead_of(conn: Connection, place: Place) -> Place:
    """Where to begin a talk that was asked for at this address: where its owner likes it, if she is known."""
    number = place.address.rpartition(":")[2]
    here = _address.c.address.in_((f"whatsapp:{number}", number)), _address.c.channel.in_(WRITTEN)
    seller_id = conn.scalar(select(_address.c.seller_id).where(*here).limit(1))
    return (preferred(conn, seller_id) if seller_id is not None else None) or place

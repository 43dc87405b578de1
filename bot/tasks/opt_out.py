"""A stop that the carrier tells us of: it binds the one address, and we confirm nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from models import Address, Conversation, Message, Seller

_address, _conversation, _message = Address.__table__, Conversation.__table__, Message.__table__


def stop(conn: Connection, channel: str, address: str, now: datetime) -> None:
    """Nothing more goes to this address; what waits to go there is cancelled."""
    seller_id = _set(conn, channel, address, now)
    here = (_message.c.channel == channel, _message.c.address == address)
    waiting = (_message.c.direction == "out", _message.c.status == "queued")
    hers = _message.c.seller_id == seller_id
    conn.execute(update(_message).where(hers, *here, *waiting).values(status="cancelled"))


def lift(conn: Connection, channel: str, address: str) -> None:
    """She lets us write there again; a stop that she said to us stays hers to lift."""
    joined = select(Seller.stopped_at).join(_address, _address.c.seller_id == Seller.id)
    here = (_address.c.channel == channel, _address.c.address == address)
    if conn.scalar(joined.where(*here)) is None:
        _set(conn, channel, address, None)


def _set(conn: Connection, channel: str, address: str, at: datetime | None) -> int | None:
    """Whose address it is; whoever remembers her talk must read it anew, for the stop is known with it.

    The talk before the address, as a turn locks them.
    """
    here = (_address.c.channel == channel, _address.c.address == address)
    seller_id: int | None = conn.scalar(select(_address.c.seller_id).where(*here))
    hers = _conversation.c.seller_id == seller_id
    conn.execute(update(_conversation).where(hers).values(revision=_conversation.c.revision + 1))
    conn.execute(update(_address).where(*here).values(stopped_at=at))
    return seller_id

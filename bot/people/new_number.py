"""She writes from another number, known by her provider's id: there she is from now on, and nowhere else.

The old number may be somebody else's soon. It is no address of hers any more: who writes from it is a
stranger, and nobody writes to it unasked, for a tombstone lies there.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, delete, or_, select, update

from bot import tombstones
from bot.messages import Inbound
from bot.seller_card import last4
from models import Address, Message, SellerCard

WAITING = ("queued", "dead")
_address, _message = Address.__table__, Message.__table__


def move(conn: Connection, seller_id: int, inbound: Inbound, secret_key: str, now: datetime) -> None:
    """Her address with this `user_id` becomes the one she writes from, with a stop that holds for it.

    Letters that wait go there. A letter that is on its way just now is left to its provider.
    """
    here = and_(_address.c.channel == inbound.channel, _address.c.user_id == inbound.user_id)
    old = conn.scalar(select(_address.c.address).where(here, _address.c.seller_id == seller_id))
    if old is None or old == inbound.address:
        return
    # What was found out of the old number says nothing of the new one.
    new = {"address": inbound.address, "not_on_whatsapp_at": None}
    conn.execute(update(_address).where(here).values(**new))
    _send_on(conn, seller_id, inbound.channel, old, inbound.address)
    left, came = old.rpartition(":")[2], inbound.address.rpartition(":")[2]
    if left.startswith("+") and came.startswith("+"):
        _leave(conn, seller_id, left, secret_key, now)
    tombstones.lift(conn, secret_key, inbound.address)
    card = update(SellerCard).where(SellerCard.seller_id == seller_id)
    conn.execute(card.values(phone_last4=last4(inbound.address)))


def _send_on(conn: Connection, seller_id: int, channel: str, old: str, new: str) -> None:
    """Also what came from there: it is answered where she is now."""
    there = (_message.c.seller_id == seller_id, _message.c.channel == channel, _message.c.address == old)
    moves = or_(_message.c.direction == "in", _message.c.status.in_(WAITING))
    conn.execute(update(_message).where(*there, moves).values(address=new))


def _leave(conn: Connection, seller_id: int, number: str, secret_key: str, now: datetime) -> None:
    """By SMS and telephone too; the stop of hers that stands there is no stop of whoever has it next."""
    by_it = (_address.c.seller_id == seller_id, _address.c.address == number)
    conn.execute(delete(_address).where(*by_it))
    there = (_message.c.seller_id == seller_id, _message.c.address == number)
    waits = (_message.c.direction == "out", _message.c.status.in_(WAITING))
    conn.execute(update(_message).where(*there, *waits).values(status="cancelled", error="number_left"))
    tombstones.lay(conn, secret_key, number, None, now)

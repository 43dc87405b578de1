"""A seller by her public key, her number in any writing, or an address as a channel writes it."""

from __future__ import annotations

from sqlalchemy import Connection, select

from bot.channels.phone import e164
from models import Address, Seller


class Unknown(Exception):
    """Nobody is known by this."""


def seller_by(conn: Connection, who: str) -> int:
    """Her id. Unknown when there is none, or when a number belongs to several sellers."""
    key = conn.scalar(select(Seller.id).where(Seller.key == who.strip()))
    if key is not None:
        return int(key)
    phone = e164(who.strip())
    ways = [who.strip(), *([phone, f"whatsapp:{phone}"] if phone else [])]
    found = sorted(set(conn.scalars(select(Address.seller_id).where(Address.address.in_(ways)))))
    if not found:
        raise Unknown("nobody is known by this number or key")
    if len(found) > 1:
        raise Unknown("several sellers have this number; name one by her key")
    return int(found[0])

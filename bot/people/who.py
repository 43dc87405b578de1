"""Whom a command means: a telephone number as people write it, or the public key of a seller."""

from __future__ import annotations

import re

from sqlalchemy import Connection, select

from bot.channels.phone import e164
from models import Address, Seller

_KEY = re.compile(r"[0-9a-f]{32}")


def seller_of(conn: Connection, named: str) -> int | None:
    """Her id by key, number or address; None if nobody is known by it."""
    if _KEY.fullmatch(named):
        return conn.scalar(select(Seller.id).where(Seller.key == named))
    phone = e164(named) or named
    ways = {named, phone, f"whatsapp:{phone}"}
    hers = select(Address.seller_id).where(Address.address.in_(ways) | (Address.user_id == named))
    return conn.scalar(hers.order_by(Address.id).limit(1))

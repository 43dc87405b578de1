"""The whole number of a person: shown to a rep who is about to call her, and only then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from bot.console import audit, scope
from bot.console.sessions import Who
from models import Address


@dataclass(frozen=True, slots=True)
class Reached:
    """Who is called, and her numbers as E.164, in the order in which we learned them."""

    name: str | None
    numbers: Sequence[str]


def numbers(conn: Connection, who: Who, key: str, now: datetime) -> Reached | None:
    """Her numbers, written down as shown; None for somebody that the rep may not see."""
    her = scope.person(conn, who, key)
    if her is None:
        return None
    mine = select(Address.address).where(Address.seller_id == her.id).order_by(Address.id)
    found = [address.rpartition(":")[2] for address in conn.scalars(mine)]
    whole = list(dict.fromkeys(number for number in found if number.startswith("+")))
    audit.record(conn, who.id, "number_shown", now, seller_id=her.id, after={"numbers": len(whole)})
    return Reached(her.name, whole)

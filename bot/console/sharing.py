"""A phone on which somebody else speaks too, as a rep knows it: marked, and taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from bot import shared_phones
from bot.console import audit, scope
from bot.console.sessions import Who
from bot.seller_card import last4
from models import Address, PhoneShare, Seller

_address, _share = Address.__table__, PhoneShare.__table__


@dataclass(frozen=True, slots=True)
class Phone:
    """One number on which she speaks; `people` are the others there whom the rep may see too."""

    number: str
    last4: str | None
    people: list[Row[Any]]


def phones(conn: Connection, who: Who, her: Row[Any]) -> list[Phone]:
    """Her numbers, the first known first. A hidden number is no phone that others could hold."""
    hers = select(_address.c.address).outerjoin(_share, _share.c.address_id == _address.c.id)
    mine = or_(_address.c.seller_id == her.id, _share.c.seller_id == her.id)
    written = conn.scalars(hers.where(mine).order_by(_address.c.id))
    numbers = dict.fromkeys(shared_phones.number_of(each) for each in written)
    return [
        Phone(each, last4(each), _others(conn, who, each, her.id)) for each in numbers if each.startswith("+")
    ]


def _others(conn: Connection, who: Who, number: str, mine: int) -> list[Row[Any]]:
    ids = [each.seller_id for each in shared_phones.people(conn, number) if each.seller_id != mine]
    keys = conn.scalars(select(Seller.key).where(Seller.id.in_(ids)).order_by(Seller.id))
    return [row for key in keys if (row := scope.person(conn, who, key))]


def share(conn: Connection, who: Who, her: Row[Any], other: Row[Any], number: str, now: datetime) -> bool:
    """From now on the bot asks there who speaks. False where it did so before."""
    done = shared_phones.share_with(conn, number, her.id, other.id)
    if done:
        _write_down(conn, who, "phone_shared", her, other, number, now)
    return done


def take_back(conn: Connection, who: Who, her: Row[Any], other: Row[Any], number: str, now: datetime) -> bool:
    """The other speaks there no more; False while that may not be."""
    done = shared_phones.take_away(conn, number, other.id)
    if done:
        _write_down(conn, who, "phone_not_shared", her, other, number, now)
    return done


def _write_down(
    conn: Connection, who: Who, what: str, her: Row[Any], other: Row[Any], number: str, now: datetime
) -> None:
    after = {"other": other.id, "last4": last4(number)}
    audit.record(conn, who.id, what, now, seller_id=her.id, after=after)

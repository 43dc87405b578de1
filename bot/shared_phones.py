"""One phone, many people: who may speak there, and whose turn it is.

Who speaks now stands in `address.seller_id`, as on every phone. `state["shared"]` of everybody who may
speak is `{number: when she last spoke there}` (Unix seconds): by it an ordinary turn knows a shared phone
without asking.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, and_, delete, func, insert, select, update

from bot import seller_card
from bot.engine.turn import new_state
from bot.known import Known
from bot.messages import Inbound, Json
from models import Address, Conversation, Message, PhoneShare, Seller, SellerCard

LONGEST_NAME = 60
_address, _share = Address.__table__, PhoneShare.__table__
_seller, _card, _talk = Seller.__table__, SellerCard.__table__, Conversation.__table__
_message = Message.__table__
WAITS = ("unclaimed", "held")
"""States of messages that are worked on once it is known whose they are."""


@dataclass(frozen=True, slots=True)
class Somebody:
    """One who may speak on a phone; `name` is None until anybody has said it."""

    seller_id: int
    name: str | None


def number_of(address: str) -> str:
    """The phone behind an address: it is one on every channel."""
    return address.rpartition(":")[2]


def ways_of(number: str) -> list[str]:
    """The number as the channels write it."""
    return [number, f"whatsapp:{number}"]


def people(conn: Connection, number: str) -> list[Somebody]:
    """Who may speak on this phone, the first first; nobody where it is not shared.

    Her own card knows her name better than who marked the phone.
    """
    query = (
        select(_share.c.seller_id, func.max(func.coalesce(_card.c.name, _share.c.name)))
        .join(_address, _address.c.id == _share.c.address_id)
        .outerjoin(_card, _card.c.seller_id == _share.c.seller_id)
        .where(_address.c.address.in_(ways_of(number)))
        .group_by(_share.c.seller_id)
        .order_by(_share.c.seller_id)
    )
    return [Somebody(*row) for row in conn.execute(query)]


def known(conn: Connection, seller_id: int, inbound: Inbound) -> Known | None:
    """Her talk, whoever speaks on that phone now; None for one who was erased."""
    here = and_(_address.c.channel == inbound.channel, _address.c.address == inbound.address)
    query = (
        select(
            *(_seller.c.id, _seller.c.key, _address.c.stopped_at),
            *(_talk.c.state, _talk.c.revision, _talk.c.updated_at, _talk.c.last_inbound_at),
        )
        .select_from(_seller.join(_talk, _talk.c.seller_id == _seller.c.id).outerjoin(_address, here))
        .where(_seller.c.id == seller_id)
    )
    row = conn.execute(query).first()
    return Known(*row) if row else None


def speaks(conn: Connection, seller_id: int, inbound: Inbound) -> bool:
    """Is it she who spoke last on the phone that this goes to?"""
    here = (_address.c.channel == inbound.channel, _address.c.address == inbound.address)
    return conn.scalar(select(_address.c.seller_id).where(*here)) == seller_id


def emptied(state: Json) -> Json:
    """A new talk of one who has refused; that her phone is shared stays known."""
    return new_state() | ({"shared": state["shared"]} if "shared" in state else {})


def hand_phone(conn: Connection, number: str, seller_id: int) -> None:
    """From now on it is she who speaks there, on every channel."""
    here = _address.c.address.in_(ways_of(number))
    conn.execute(update(_address).where(here).values(seller_id=seller_id))


def claim(conn: Connection, number: str, before: int, seller_id: int) -> None:
    """What waited on this phone is hers."""
    waits = (_message.c.seller_id == before, _message.c.direction == "in", _message.c.status.in_(WAITS))
    here = _message.c.address.in_(ways_of(number))
    conn.execute(update(_message).where(*waits, here).values(seller_id=seller_id, status="held"))


def admit(conn: Connection, number: str, seller_id: int, name: str | None) -> None:
    """She may speak there too; twice is once."""
    ways = conn.execute(
        select(_address.c.id, _share.c.seller_id)
        .outerjoin(_share, and_(_share.c.address_id == _address.c.id, _share.c.seller_id == seller_id))
        .where(_address.c.address.in_(ways_of(number)))
        .order_by(_address.c.id)
    ).all()
    if ways and all(row.seller_id is None for row in ways):
        kept = name[:LONGEST_NAME] if name else None
        conn.execute(insert(_share).values(address_id=ways[0].id, seller_id=seller_id, name=kept))


def share(conn: Connection, address_id: int, name: str, now: datetime) -> int:
    """This phone is marked: somebody of this name speaks there too. Answers her id; LookupError for an
    address that is not known.
    """
    at = conn.execute(select(_address).where(_address.c.id == address_id)).first()
    if at is None:
        raise LookupError("no such address")
    number = number_of(at.address)
    first = conn.execute(select(_talk).where(_talk.c.seller_id == at.seller_id).with_for_update()).first()
    if first is None:
        raise LookupError("nobody speaks there")
    spoke = (first.state.get("shared") or {}).get(number, first.last_inbound_at.timestamp())
    flagged = first.state | {"shared": (first.state.get("shared") or {}) | {number: spoke}}
    _save(conn, first, flagged)
    seller = {"key": uuid4().hex, "language": "hi", "created_at": now}
    new_id: int = conn.execute(insert(_seller).values(seller).returning(_seller.c.id)).scalar_one()
    state = new_state() | {"shared": {number: 0.0}}
    times = {"updated_at": now, "last_inbound_at": now, "revision": 0}
    conn.execute(insert(_talk).values(seller_id=new_id, state=state, **times))
    seller_card.write(conn, new_id, new_state(), state, {"phone_last4": seller_card.last4(at.address)})
    admit(conn, number, at.seller_id, first.state["slots"].get("seller_name"))
    admit(conn, number, new_id, name)
    return new_id


def share_with(conn: Connection, number: str, first: int, other: int) -> bool:
    """Two who are known both speak on this phone, where `first` is at home. False where it was so before, or
    one of them is gone.
    """
    rows = _locked(conn, {first, other})
    if len(rows) < 2 or {first, other} <= {each.seller_id for each in people(conn, number)}:
        return False
    for row in rows.values():
        shared = row.state.get("shared") or {}
        spoke = row.last_inbound_at.timestamp() if row.seller_id == first else 0.0
        _save(conn, row, row.state | {"shared": {number: spoke} | shared})
        admit(conn, number, row.seller_id, row.state["slots"].get("seller_name"))
    return True


def leave(conn: Connection, number: str, seller_id: int) -> None:
    """She speaks there no more: the phone goes to the others; where one is left it is hers alone again."""
    here = _address.c.address.in_(ways_of(number))
    ways = select(_address.c.id).where(here)
    conn.execute(delete(_share).where(_share.c.seller_id == seller_id, _share.c.address_id.in_(ways)))
    others = people(conn, number)
    if not others:
        return
    first = _talk.c.seller_id == others[0].seller_id
    row = conn.execute(select(_talk).where(first).with_for_update()).first()
    hand = update(_address).where(here, _address.c.seller_id == seller_id)
    conn.execute(hand.values(seller_id=others[0].seller_id))
    if row is not None:
        _save(conn, row, _alone(row.state, number) if len(others) == 1 else row.state)
    if len(others) == 1:
        conn.execute(delete(_share).where(_share.c.address_id.in_(ways)))


def part(conn: Connection, seller_id: int) -> bool:
    """She speaks on no shared phone any more. Was there any?"""
    mine = select(_address.c.address).join(_share, _share.c.address_id == _address.c.id)
    numbers = {number_of(each) for each in conn.scalars(mine.where(_share.c.seller_id == seller_id))}
    for number in sorted(numbers):
        leave(conn, number, seller_id)
    return bool(numbers)


def take_away(conn: Connection, number: str, seller_id: int) -> bool:
    """A rep takes back that she speaks there. False while it may not be: she does not, this is the only phone
    on which she can be reached, or something waits there until it is known whose it is.
    """
    row = _locked(conn, {each.seller_id for each in people(conn, number)} | {seller_id}).get(seller_id)
    ways = select(_address.c.address).where(_address.c.seller_id == seller_id)
    others = [each for each in conn.scalars(ways) if number_of(each) != number]
    waiting = select(_message.c.id).where(_message.c.direction == "in", _message.c.status.in_(WAITS))
    here = _message.c.address.in_(ways_of(number))
    speaks_there = seller_id in {each.seller_id for each in people(conn, number)}
    if not (row and speaks_there and others) or conn.execute(waiting.where(here).limit(1)).first():
        return False
    leave(conn, number, seller_id)
    _save(conn, row, _alone(row.state, number))
    return True


def _locked(conn: Connection, sellers: set[int]) -> dict[int, Row[Any]]:
    """Their talks, always the first one first, so that nobody waits in a ring."""
    hers = select(_talk).where(_talk.c.seller_id.in_(sellers)).order_by(_talk.c.seller_id)
    return {row.seller_id: row for row in conn.execute(hers.with_for_update())}


def _alone(state: Json, number: str) -> Json:
    shared = {each: at for each, at in (state.get("shared") or {}).items() if each != number}
    rest = {name: value for name, value in state.items() if name not in ("shared", "who")}
    return rest | ({"shared": shared} if shared else {})


def _save(conn: Connection, row: Row[*tuple[object, ...]], state: Json) -> None:
    """Whoever remembers that talk must read it anew."""
    hers = _talk.c.seller_id == row.seller_id
    conn.execute(update(_talk).where(hers).values(state=state, revision=row.revision + 1))

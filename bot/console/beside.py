"""A rep in somebody's talk: what she does goes through the one door, and is written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal

from sqlalchemy import Connection, Engine, select

from bot.console import audit
from bot.console.sessions import Who
from bot.messages import Inbound, Json
from bot.receive import receive
from bot.starts.preferred import Place
from bot.taken_over import free_until
from bot.talk import Talk
from bot.tasks.nudge import reached_at
from models import Address, Message, Seller
from models.database import reading, writing

Reach = Literal["stopped", "nowhere", "sms", "free", "closed"]
Kind = Literal["take_over", "hand_back", "rep_says", "correction", "practice"]
_address, _seller, _message = Address.__table__, Seller.__table__, Message.__table__


@dataclass(frozen=True, slots=True)
class Deed:
    """`mark` is that of the form: sent twice, it is done once. `slot` is what a correction is of, a quick
    reply's name, or `end`; `text` what she typed."""

    kind: Kind
    mark: str
    slot: str | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why not: `reason` as in `rep_visits`; `text` says it in words where the talk has some."""

    reason: str
    text: str = ""


def do(db: Engine, talk: Talk, who: Who, seller_id: int, deed: Deed, now: datetime) -> Refused | None:
    """Do it on the channel where she wrote last; None when it is done, by this call or one before."""
    with reading(db) as conn:
        to = written_to(conn, seller_id)
    if to is None:
        return Refused("stopped")
    text = first_name(who) if deed.kind == "take_over" else deed.text
    # Sent twice from one page is once; another text from the same page is another deed.
    what = sha256(f"{deed.slot}\n{deed.text}".encode()).hexdigest()[:12]
    name = f"{deed.kind}:{who.id}:{deed.mark}:{what}"
    inbound = Inbound(
        to.channel, to.address, name, deed.kind, now, text, deed.slot, by=who.stamp, seller_id=seller_id
    )
    received = receive(db, talk, inbound, now)
    refused = next((event for event in received.events if event["event"] == "refused"), None)
    if refused and _done_before(db, to.channel, name):
        return None
    if refused:
        return Refused(str(refused["reason"]), str(refused["text"]))
    if received.message_id is not None:
        with writing(db) as conn:
            audit.record(conn, who.id, deed.kind, now, seller_id=seller_id, after=_told(deed))
    return None


def _done_before(db: Engine, channel: str, name: str) -> bool:
    """Was it this very deed that makes it impossible now?"""
    same = select(_message.c.id).where(_message.c.channel == channel, _message.c.provider_id == name)
    with reading(db) as conn:
        return conn.scalar(same) is not None


def _told(deed: Deed) -> Json | None:
    """Of what she typed not a word is kept here; it stands in the talk."""
    return {"slot": deed.slot} if deed.slot else None


def first_name(who: Who) -> str:
    """As the seller hears it."""
    return (who.name.split() or [who.name])[0][:20]


def written_to(conn: Connection, seller_id: int) -> Place | None:
    """Where she is answered: by the way that she wrote last, else by any of hers that has not said stop."""
    wrote = reached_at(conn, seller_id)
    if wrote:
        return wrote
    ways = select(_address.c.channel, _address.c.address).where(
        _address.c.seller_id == seller_id, _address.c.stopped_at.is_(None)
    )
    row = conn.execute(ways.order_by(_address.c.id).limit(1)).first()
    return Place(row.channel, row.address) if row else None


def reach(conn: Connection, seller_id: int, now: datetime) -> tuple[Reach, datetime | None]:
    """What may be sent to her now, and until when, where it is `free`."""
    if conn.scalar(select(_seller.c.stopped_at).where(_seller.c.id == seller_id)):
        return "stopped", None
    to = written_to(conn, seller_id)
    if to is None:
        return "stopped", None
    if to.channel == "sms":
        return "sms", None
    if to.channel != "whatsapp":
        return "nowhere", None
    until = free_until(conn, seller_id)
    return ("free", until) if until and until > now else ("closed", None)

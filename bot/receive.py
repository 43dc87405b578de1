"""The one door: a message comes in, and in one transaction the talk takes its turn.

The message, the new state, what happened, what goes out and the jobs are rows of that transaction, so a crash
leaves all of it or nothing, and a message that comes twice changes nothing the second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Engine, Row, bindparam, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.engine.turn import new_state
from bot.messages import Inbound, Json
from bot.talk import Talk
from bot.visit import Visit
from models import Address, Conversation, Message, Seller
from models.database import writing

__all__ = ["Received", "Talk", "receive"]

_address, _seller = Address.__table__, Seller.__table__
_conversation, _message = Conversation.__table__, Message.__table__

_FIND = (
    select(
        _seller.c.id.label("seller_id"),
        _seller.c.key,
        _seller.c.created_at,
        _address.c.stopped_at,
        _conversation.c.state,
        _conversation.c.updated_at,
        _conversation.c.last_inbound_at,
    )
    .select_from(_address.join(_seller).join(_conversation, _conversation.c.seller_id == _seller.c.id))
    .where(_address.c.channel == bindparam("channel"), _address.c.address == bindparam("address"))
    .with_for_update(of=_conversation)
)
_IN = {
    "sqlite": sqlite.insert(_message).on_conflict_do_nothing().returning(_message.c.id),
    "postgresql": postgresql.insert(_message).on_conflict_do_nothing().returning(_message.c.id),
}
_NEW_ADDRESS = {
    "sqlite": sqlite.insert(_address).on_conflict_do_nothing().returning(_address.c.id),
    "postgresql": postgresql.insert(_address).on_conflict_do_nothing().returning(_address.c.id),
}


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a message. `repeat`: it had come before, and nothing was changed."""

    seller_id: int
    message_id: int | None
    repeat: bool
    events: Sequence[Json] = ()


def receive(
    db: Engine, talk: Talk, inbound: Inbound, now: datetime, language: str | None = None
) -> Received:
    """Take one message through the door. Raises only what the database raises: then nothing has happened.

    `language`, if the caller knows it, is that of a seller who has not chosen one yet.
    """
    with writing(db) as conn:
        seller = _find_or_make(conn, inbound, now)
        message_id = _store(conn, seller.seller_id, inbound, now)
        if message_id is None:
            return Received(seller.seller_id, None, True)
        visit = Visit(conn, talk, inbound, now, seller, message_id)
        if language:
            visit.state["slots"].setdefault("language", language)
        return Received(seller.seller_id, message_id, False, visit.take_turn())


def _find_or_make(conn: Connection, inbound: Inbound, now: datetime) -> Row[Any]:
    """The seller behind this address, her conversation locked; a stranger becomes a seller."""
    where = {"channel": inbound.channel, "address": inbound.address}
    found = conn.execute(_FIND, where).first()
    if found is None:
        _make(conn, inbound, now)
        found = conn.execute(_FIND, where).one()
    return found


def _make(conn: Connection, inbound: Inbound, now: datetime) -> None:
    seller_id = conn.execute(
        insert(_seller).values(key=uuid4().hex, language="hi", created_at=now).returning(_seller.c.id)
    ).scalar_one()
    values = {
        "seller_id": seller_id,
        "channel": inbound.channel,
        "address": inbound.address,
        "user_id": inbound.user_id,
        "created_at": now,
    }
    if conn.execute(_NEW_ADDRESS[conn.dialect.name], values).first() is None:
        # Another process met her first, in the same moment: its seller stands.
        conn.execute(delete(_seller).where(_seller.c.id == seller_id))
        return
    state = {"seller_id": seller_id, "state": new_state(), "revision": 0, "updated_at": now, "last_inbound_at": now}
    conn.execute(insert(_conversation).values(**state))


def _store(conn: Connection, seller_id: int, inbound: Inbound, now: datetime) -> int | None:
    """The id of the new message row, None if it is here already."""
    body: Json = {"text": inbound.text}
    if inbound.payload:
        body["payload"] = inbound.payload
    if inbound.location:
        body["location"] = list(inbound.location)
    if inbound.media_ids:
        body["media"] = list(inbound.media_ids)
    values = {
        "seller_id": seller_id,
        "direction": "in",
        "channel": inbound.channel,
        "address": inbound.address,
        "provider_id": inbound.provider_id,
        "kind": inbound.kind,
        "body": body,
        "status": "received",
        "created_at": now,
    }
    row = conn.execute(_IN[conn.dialect.name], values).first()
    return int(row.id) if row else None

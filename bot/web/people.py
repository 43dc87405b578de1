"""Where a person's talk stands, and why: for whoever helps her on."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from bot.messages import Json
from bot.standing import standing
from models import Address, Conversation, Message

_address, _conversation = Address.__table__, Conversation.__table__


def person(conn: Connection, address: str) -> Json | None:
    """Her standing with `why`; None for an address that never wrote.

    `why`: the stack of flows, what she skipped, failed answers to the open question, the choices she was
    shown, whether and when she stopped, when she last wrote, and what her last message did.
    """
    found = conn.execute(
        select(
            _address.c.channel,
            _address.c.seller_id,
            _address.c.stopped_at,
            _conversation.c.state,
            _conversation.c.last_inbound_at,
        )
        .select_from(_address.join(_conversation, _conversation.c.seller_id == _address.c.seller_id))
        .where(_address.c.address == address)
        .order_by(_conversation.c.last_inbound_at.desc())
    ).first()
    if found is None:
        return None
    turns = select(Message.events).where(Message.seller_id == found.seller_id, Message.events.is_not(None))
    last = conn.scalar(turns.order_by(Message.id.desc()).limit(1))
    return standing(conn, found.channel, address) | {"why": _why(found, last or [])}


def _why(found: Any, last: list[Json]) -> Json:
    state = found.state
    return {
        "stack": [{name: frame.get(name) for name in ("flow", "step", "kind")} for frame in state["stack"]],
        "skipped": state["skipped"],
        "failures": state["failures"],
        "options": state["options"],
        "stopped_at": found.stopped_at.isoformat() if found.stopped_at else None,
        "last_inbound_at": found.last_inbound_at.isoformat(),
        "last_events": last,
    }

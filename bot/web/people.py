"""Where a person's talk stands, and why: for whoever helps her on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from bot.messages import Json
from models import Address, Conversation, Listing, Seller, TurnEvent

_address, _seller, _conversation = Address.__table__, Seller.__table__, Conversation.__table__


def standing(state: Json, language: str, listings: Sequence[str]) -> Json:
    """What `chat` prints beside the replies: her flow, the awaited slot, what is known and handed over."""
    flows = [frame["flow"] for frame in state["stack"] if frame["kind"] != "pattern"]
    return {
        "flow": flows[-1] if flows else None,
        "asks": state["asks"],
        "slots": state["slots"],
        "language": state["slots"].get("language") or language,
        "listings": list(listings),
    }


def person(conn: Connection, address: str) -> Json | None:
    """Her standing with `why`; None for an address that never wrote.

    `why`: the stack of flows, what she skipped, failed answers to the open question, the choices she was
    shown, whether and when she stopped, when she last wrote, and what her last message did.
    """
    found = conn.execute(
        select(
            _address.c.seller_id,
            _address.c.stopped_at,
            _seller.c.language,
            _conversation.c.state,
            _conversation.c.last_inbound_at,
        )
        .select_from(_address.join(_seller).join(_conversation, _conversation.c.seller_id == _seller.c.id))
        .where(_address.c.address == address)
    ).first()
    if found is None:
        return None
    listings = conn.scalars(
        select(Listing.id).where(Listing.seller_id == found.seller_id).order_by(Listing.number)
    ).all()
    last = conn.scalar(
        select(TurnEvent.events)
        .where(TurnEvent.seller_id == found.seller_id)
        .order_by(TurnEvent.id.desc())
        .limit(1)
    )
    return standing(found.state, found.language, listings) | {"why": _why(found, last or [])}


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

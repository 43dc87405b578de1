"""Where a seller's talk stands: the running flow, the open question, her answers and her listings."""

from __future__ import annotations

from sqlalchemy import Connection, select

from bot.messages import Json
from bot.practice import real
from models import Address, Conversation, Listing

NOBODY: Json = {"flow": None, "asks": None, "slots": {}, "language": None, "listings": []}


def standing(conn: Connection, channel: str, address: str) -> Json:
    """`{"flow", "asks", "slots", "language", "listings"}`; all empty for an address that never wrote."""
    row = conn.execute(
        select(Conversation.seller_id, Conversation.state)
        .join(Address, Address.seller_id == Conversation.seller_id)
        .where(Address.channel == channel, Address.address == address)
    ).first()
    if row is None:
        return dict(NOBODY)
    listings = conn.scalars(
        select(Listing.id).where(Listing.seller_id == row.seller_id).order_by(Listing.number)
    )
    state = real(row.state)
    running = [frame["flow"] for frame in state["stack"] if frame["kind"] != "pattern"]
    return {
        "flow": running[-1] if running else None,
        "asks": state["asks"],
        "slots": state["slots"],
        "language": state["slots"].get("language"),
        "listings": list(listings),
    }

"""Everything about one person that a rep may need: her ways, consent, listings, tasks, what reps began."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from bot.console import scope
from bot.console.sessions import Who
from bot.messages import Json
from bot.practice import real
from bot.seller_card import last4
from models import Address, Consent, Conversation, Listing, RepTask

Rows = list[Row[Any]]
MOST = 50
"""Rows of each part of her page."""


@dataclass(frozen=True, slots=True)
class Person:
    """`her`: her card and where she stands; `draft`: her answers to what is not handed over yet."""

    her: Row[Any]
    ways: list[Json]
    consents: Rows
    draft: Json
    listings: Rows
    tasks: Rows


def person(conn: Connection, who: Who, key: str) -> Person | None:
    """The person of this key; None for somebody that the rep may not see, or nobody."""
    her = scope.person(conn, who, key)
    if her is None:
        return None
    mine = her.id
    state = conn.scalar(select(Conversation.state).where(Conversation.seller_id == mine)) or {}
    return Person(
        her=her,
        ways=_ways(conn, mine),
        consents=_rows(conn, select(Consent.__table__).where(Consent.seller_id == mine), Consent.id),
        draft=_draft(real(state)) if her.flow else {},
        listings=_rows(conn, _LISTINGS.where(Listing.seller_id == mine), Listing.number),
        tasks=_rows(conn, select(RepTask.__table__).where(RepTask.seller_id == mine), RepTask.id),
    )


_LISTINGS = select(
    Listing.id, Listing.number, Listing.version, Listing.status, Listing.updated_at, Listing.slots
)
SHOWN = ("product_name", "category", "price", "price_per", "stock", "size", "material", "colour")
"""Answers of a draft that are shown, in this order."""


def _rows(conn: Connection, query: Any, newest: Any) -> Rows:
    return list(conn.execute(query.order_by(newest.desc()).limit(MOST)))


def _ways(conn: Connection, mine: int) -> list[Json]:
    """How she can be reached, with the end of each number."""
    query = select(Address.__table__).where(Address.seller_id == mine).order_by(Address.id).limit(MOST)
    return [
        {"channel": row.channel, "last4": last4(row.address), "stopped_at": row.stopped_at}
        for row in conn.execute(query)
    ]


def _draft(state: Json) -> Json:
    slots = state.get("slots") or {}
    told = {name: slots[name] for name in SHOWN if slots.get(name) not in (None, "", [])}
    photos = len(slots.get("photos") or [])
    return told | ({"photos": photos} if photos else {})

"""Everything that we hold of one person, as JSON values, for her to have."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, select

from bot.messages import Json
from bot.shared_phones import number_of, people
from models import (
    Address,
    Consent,
    Conversation,
    Listing,
    ListingEvent,
    Media,
    Message,
    PhoneShare,
    PhotoOffer,
    RepTask,
    Retake,
    Seller,
    SellerCard,
    SmsPart,
    Start,
    StartRow,
    Transcription,
)

SECRETS = ("url", "lease_token", "lease_until", "claim_token", "claimed_until")
"""What is our own book-keeping: whoever knows a token or a provider's address may act with it."""


def export(conn: Connection, seller_id: int) -> Json:
    """`{table: [rows]}` by what the rows are to her; times as ISO 8601 in UTC, media with their SHA-256."""
    listings = select(Listing.id).where(Listing.seller_id == seller_id)
    media = select(Media.id).where(Media.seller_id == seller_id)
    seller = _rows(conn, Seller, Seller.id == seller_id)
    addresses = _rows(conn, Address, Address.seller_id == seller_id)
    offers = (PhotoOffer.sender_id == seller_id) | PhotoOffer.listing_id.in_(listings)
    return {
        "seller": seller[0] if seller else None,
        "card": _rows(conn, SellerCard, SellerCard.seller_id == seller_id),
        "addresses": addresses,
        "shared_phones": _rows(conn, PhoneShare, PhoneShare.seller_id == seller_id),
        "consents": _rows(conn, Consent, Consent.seller_id == seller_id),
        "talk": _rows(conn, Conversation, Conversation.seller_id == seller_id),
        "messages": _rows(conn, Message, Message.seller_id == seller_id, Message.status != "unclaimed"),
        "media": _rows(conn, Media, Media.seller_id == seller_id),
        "transcriptions": _rows(conn, Transcription, Transcription.media_id.in_(media)),
        "listings": _rows(conn, Listing, Listing.seller_id == seller_id),
        "listing_versions": _rows(conn, ListingEvent, ListingEvent.listing_id.in_(listings)),
        "tasks": _rows(conn, RepTask, RepTask.seller_id == seller_id),
        "photo_offers": _rows(conn, PhotoOffer, offers),
        "retakes": _rows(conn, Retake, Retake.listing_id.in_(listings)),
        **_begun(conn, [row["address"] for row in addresses]),
    }


def _begun(conn: Connection, addresses: list[str]) -> Json:
    """What others began for her, and parts of long messages that wait for each other.

    What stands only under a number that several share is nobody's for sure.
    """
    addresses = [each for each in addresses if not people(conn, number_of(each))]
    query = select(StartRow.__table__, Start.flow, Start.by).join(Start, Start.id == StartRow.start_id)
    rows = conn.execute(query.where(StartRow.address.in_(addresses))).mappings()
    starts = [_plain(dict(row)) for row in rows]
    return {"starts": starts, "sms_parts": _rows(conn, SmsPart, SmsPart.address.in_(addresses))}


def _rows(conn: Connection, model: Any, *which: Any) -> list[Json]:
    table: Table = model.__table__
    query = select(table).where(*which).order_by(*table.primary_key.columns)
    return [_plain(dict(row)) for row in conn.execute(query).mappings()]


def _plain(value: Any) -> Any:
    """However deep it stands: what waits to be worked on has its attachments in its body."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items() if name not in SECRETS}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, datetime) else value

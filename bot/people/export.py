"""All that is kept of one person, as one JSON document; her photos and notes as files beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, or_, select

from bot.media.store import MediaStore
from bot.messages import Json
from models import (
    Address,
    Consent,
    Conversation,
    Listing,
    ListingEvent,
    Media,
    Message,
    PhotoOffer,
    RepTask,
    Seller,
    SellerCard,
    SmsPart,
    Start,
    StartRow,
    Transcription,
)

ENDINGS = {"photo": ".jpg", "voice": ".ogg"}


def export(conn: Connection, seller_id: int) -> Json:
    """By table, its rows as they stand: times as text in UTC, media by their SHA-256."""
    mine = [
        (name, table, table.c.seller_id == seller_id)
        for name, table in (
            ("addresses", Address.__table__),
            ("consents", Consent.__table__),
            ("talk", Conversation.__table__),
            ("card", SellerCard.__table__),
            ("messages", Message.__table__),
            ("media", Media.__table__),
            ("listings", Listing.__table__),
            ("tasks", RepTask.__table__),
        )
    ]
    found: Json = {"seller": _rows(conn, Seller.__table__, Seller.id == seller_id)[0]}
    found |= {name: _rows(conn, table, which) for name, table, which in mine}
    hers = select(Listing.id).where(Listing.seller_id == seller_id)
    notes = select(Media.id).where(Media.seller_id == seller_id)
    found["listing_events"] = _rows(conn, ListingEvent.__table__, ListingEvent.listing_id.in_(hers))
    found["transcriptions"] = _rows(conn, Transcription.__table__, Transcription.media_id.in_(notes))
    offers = or_(PhotoOffer.sender_id == seller_id, PhotoOffer.listing_id.in_(hers))
    found["photo_offers"] = _rows(conn, PhotoOffer.__table__, offers)
    found["starts"], found["sms_parts"] = _by_number(conn, found["addresses"])
    return found


def write_media(exported: Json, store: MediaStore, folder: Path) -> list[str]:
    """The bytes of her media as files named by their SHA-256; the names that the store does not have."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = []
    for row in exported["media"]:
        if not row["sha256"]:
            continue
        try:
            data = store.read(row["sha256"])
        except FileNotFoundError:
            missing.append(row["sha256"])
            continue
        (folder / (row["sha256"] + ENDINGS.get(row["kind"], ""))).write_bytes(data)
    return missing


def _by_number(conn: Connection, addresses: Sequence[Json]) -> tuple[list[Json], list[Json]]:
    """What is kept by her number and not by her: starts that others asked for, and unjoined parts of SMS."""
    phones = {row["address"].removeprefix("whatsapp:") for row in addresses}
    ways = phones | {f"whatsapp:{phone}" for phone in phones}
    starts = select(
        StartRow.__table__, Start.__table__.c.flow, Start.__table__.c.by, Start.__table__.c.created_at
    )
    joined = starts.join(Start, Start.id == StartRow.start_id).where(StartRow.address.in_(ways))
    return _plain(conn, joined), _rows(conn, SmsPart.__table__, SmsPart.address.in_(ways))


def _rows(conn: Connection, table: Table | Any, which: ColumnElement[bool]) -> list[Json]:
    return _plain(conn, select(table).where(which).order_by(*table.primary_key.columns))


def _plain(conn: Connection, query: Select[Any]) -> list[Json]:
    return [{name: _value(value) for name, value in row._mapping.items()} for row in conn.execute(query)]


def _value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value

"""Listings as sellers make them, for tests of the message, the queue and the API."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, insert

from bot.engine.catalogue import Catalogue
from bot.handoff.given import ConsentFacts, ListingInput, Photo, SellerFacts, VoiceNote
from bot.language.lexicon import Lexicon
from bot.messages import Json
from models import Seller

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
SHA = "ab" * 32
BASKET: Json = {
    "category": "bamboo",
    "product_name": "बांस के टुकनी",
    "price": "250",
    "price_per": "piece",
    "stock": 40,
    "size": "एक हाथ",
    "seller_name": "फूलबासन नेताम",
    "village": "भेलवापदर",
    "district": "kondagaon",
}
PHOTO = Photo(7, SHA, 1200, 1600, "front", ("dark",))
NOTE = VoiceNote(8, SHA, 8.25, "product_name", "ये बांस के टुकनी आय", "desk:rina")


@cache
def catalogue() -> Catalogue:
    return Catalogue.load(ROOT / "flows" / "catalogue.yml")


@cache
def lexicon() -> Lexicon:
    return Lexicon.load(ROOT / "locales")


def said(text: str, by: str = "seller") -> Json:
    """Where one value comes from."""
    return {"by": by, "channel": "whatsapp", "message_id": "SM1", "said": text, "confirmed": True}


def given(slots: Json | None = None, **changes: Any) -> ListingInput:
    """A first hand-over of these slots, of the basket without any; `changes` are fields of the input."""
    first = ListingInput(
        event="listing.completed",
        event_id=str(uuid4()),
        listing_id=str(uuid4()),
        number=1001,
        now=NOW,
        slots=BASKET if slots is None else slots,
        seller=SellerFacts("0f" * 16, "hne"),
        consent=ConsentFacts("1", NOW, "whatsapp", "SM0"),
        catalogue=catalogue(),
        lexicon=lexicon(),
        sign=lambda sha256: f"https://sangwari.example/media/{sha256}",
        photos=(PHOTO,),
    )
    return replace(first, **changes)


def next_version(before: ListingInput, message: Json, **changes: Any) -> ListingInput:
    """The same listing once more, after `message`, with another event id."""
    again = replace(before, event="listing.updated", event_id=str(uuid4()), previous=message)
    return replace(again, **changes)


def seller(conn: Connection) -> int:
    """A seller's row; its id."""
    row = insert(Seller.__table__).values(key=uuid4().hex, language="hne", created_at=NOW)
    return int(conn.execute(row.returning(Seller.id)).scalar_one())

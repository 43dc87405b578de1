"""A database as large as a state: people, messages, listings, tasks, notes; all invented, the same each time.

`python -m tests.bench.seed DATABASE_URL [PEOPLE]`: five messages for each of so many people, and for every
fourth a listing. A million messages are written in a few minutes.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, insert

from bot.engine.turn import new_state
from bot.messages import Json
from bot.seller_card import key_of, words
from bot.turn_rows import FIRST_NUMBER
from models import (
    Address,
    Audit,
    Conversation,
    Figure,
    Listing,
    ListingEvent,
    Media,
    Message,
    Rep,
    RepTask,
    Seller,
    SellerCard,
    SellerWord,
    Transcription,
)
from models.database import connect, migrate, writing

PEOPLE = 200_000
MESSAGES_EACH = 5
ONE_LISTING_IN, ONE_TASK_IN, ONE_NOTE_IN = 4, 10, 100
AT_ONCE = 5_000
Rows = dict[Any, list[Json]]
"""Rows to insert, by table."""
NOW = datetime.now(UTC).replace(microsecond=0)
NAMES = ("सुकमती", "फूलबासन", "सीता", "मीना", "रामबाई", "कमला", "बुधरी", "अनीता", "दुलारी", "पार्वती")
FAMILIES = ("नेताम", "मरकाम", "कश्यप", "साहू", "ध्रुव", "बघेल", "यादव", "पोयाम", "सिन्हा", "कोर्राम")
VILLAGES = ("भेलवापदर", "बाजावंड", "एकताल", "चाम्पा", "सिरपुर", "करनपुर", "जामगला", "नगरनार", "धनोरा", "गढ़बेंगाल")
DISTRICTS = (
    "bastar",
    "kondagaon",
    "raigarh",
    "kanker",
    "narayanpur",
    "jashpur",
    "korba",
    "dhamtari",
    "sarguja",
)
CRAFTS = ("dhokra", "bamboo", "kosa", "terracotta", "wood", "iron", "food")
ASKS = (
    "photos",
    "product_name",
    "price",
    "stock",
    "size",
    "seller_name",
    "confirm_listing",
    None,
    None,
    None,
)
TASKS = ("call_me", "silent", "not_understood", "photos_pending", "skipped")


def seed(engine: Engine, people: int = PEOPLE, number: int = 1) -> None:
    """Fill an empty, migrated database; `number` is the seed of all chance."""
    chance = random.Random(number)
    with writing(engine) as conn:
        conn.execute(insert(Rep), list(_reps()))
        conn.execute(insert(Figure), list(_figures(chance)))
    ids = iter(range(1, people + 1))
    while some := list(islice(ids, AT_ONCE)):
        with writing(engine) as conn:
            _people(conn, some, chance)


def _reps() -> Iterator[Json]:
    for rep_id, role in enumerate(("admin", "lead", "rep"), 1):
        yield {"id": rep_id, "phone": f"+9199999{rep_id:05d}", "name": NAMES[rep_id], "role": role} | {
            "districts": list(DISTRICTS[:2]),
            "blocks": [],
            "language": "hi",
            "active": True,
            "must_change": False,
            "created_at": NOW,
        }


def _figures(chance: random.Random) -> Iterator[Json]:
    """Ninety days of counters."""
    kept = [("asked", slot) for slot in ASKS if slot] + [("stands", slot) for slot in ASKS if slot]
    kept += [("started", ""), ("finished", ""), ("photo", ""), ("photo_refused", "dark"), ("form", "voice")]
    kept += [("listing", f"{craft}|") for craft in CRAFTS] + [("messages", str(n)) for n in range(6, 20)]
    for ago in range(90):
        for district in ("", *DISTRICTS):
            for what, key in kept:
                row = {"day": (NOW - timedelta(days=ago)).date(), "district": district}
                yield row | {"what": what, "key": key, "count": chance.randrange(1, 40)}


def _people(conn: Connection, ids: list[int], chance: random.Random) -> None:
    """All rows of these people, a statement a table."""
    rows: Rows = {table: [] for table in ORDER}
    for seller_id in ids:
        _person(rows, seller_id, chance)
    for table in ORDER:
        if rows[table]:
            conn.execute(insert(table.__table__), rows[table])


ORDER: tuple[Any, ...] = (
    *(Seller, Address, Conversation, SellerCard, SellerWord, Message, Media, Transcription),
    *(Listing, ListingEvent, RepTask, Audit),
)


def _person(rows: Rows, seller_id: int, chance: random.Random) -> None:
    at = NOW - timedelta(minutes=chance.randrange(90 * 24 * 60))
    mine = {"seller_id": seller_id}
    phone = f"+91{9_999_900_000 - seller_id}"
    card = {
        "name": f"{chance.choice(NAMES)} {chance.choice(FAMILIES)}",
        "village": chance.choice(VILLAGES),
        "district": chance.choice(DISTRICTS) if chance.random() < 0.95 else None,
        "block": None,
        "group_name": f"समूह {seller_id % 5000}",
    }
    asks = chance.choice(ASKS)
    state = new_state() | {"asks": asks, "slots": {"language": "hi", "consent": True}}
    rows[Seller].append({"id": seller_id, "key": _hex(seller_id), "language": "hi", "created_at": at})
    rows[Address].append(mine | {"channel": "whatsapp", "address": f"whatsapp:{phone}", "created_at": at})
    rows[Conversation].append(
        mine
        | {"state": state, "revision": 5, "updated_at": at, "last_inbound_at": at}
        | {"flow": "list_product" if asks else None, "asks": asks, "asks_since": at if asks else None}
    )
    rows[SellerCard].append(
        mine | card | {"block_key": key_of(card["block"]), "phone_last4": phone[-4:], "rep_id": None}
    )
    rows[SellerWord] += [mine | {"word": word} for word in sorted(words(card))]
    first = (seller_id - 1) * MESSAGES_EACH + 1
    for place in range(MESSAGES_EACH):
        rows[Message].append(_message(first + place, mine, f"whatsapp:{phone}", place, asks, at, chance))
    if seller_id % ONE_LISTING_IN == 0:
        _listing(rows, mine, card, at, chance)
    if seller_id % ONE_TASK_IN == 0:
        task = {"kind": chance.choice(TASKS), "detail": {"slot": asks}, "created_at": at, "done_at": None}
        rows[RepTask].append(mine | task)
        rows[Audit].append(mine | {"at": at, "rep_id": 1, "what": "task_done", "about": None})
    if seller_id % ONE_NOTE_IN == 0:
        _note(rows, mine, first, asks, at)


def _message(
    message_id: int,
    mine: Json,
    address: str,
    place: int,
    asks: str | None,
    at: datetime,
    chance: random.Random,
) -> Json:
    moment = at - timedelta(minutes=MESSAGES_EACH - place)
    row = mine | {
        "id": message_id,
        "channel": "whatsapp",
        "address": address,
        "provider_id": f"SM{message_id:032x}",
        "created_at": moment,
    }
    asked = {"utter": f"utter_ask_{asks or 'price'}", "text": "कितने का है?"}
    if place % 2 == 0:
        return row | {
            "direction": "in",
            "kind": "voice" if chance.random() < 0.2 else "text",
            "body": {"text": "पीतल का हाथी, आठ इंच"},
            "events": [{"event": "bot"} | asked],
            "status": "received",
            "sent_at": None,
        }
    return row | {
        "direction": "out",
        "kind": "text",
        "body": asked | {"language": "hi", "buttons": []},
        "events": None,
        "status": chance.choice(("delivered", "read", "sent")),
        "sent_at": moment,
    }


def _listing(rows: Rows, mine: Json, card: Json, at: datetime, chance: random.Random) -> None:
    number = mine["seller_id"] // ONE_LISTING_IN
    listing_id, craft, price = str(UUID(int=number)), chance.choice(CRAFTS), str(chance.randrange(50, 5000))
    message = {
        "schema": "sangwari.listing/1",
        "event": "listing.completed",
        "event_id": str(UUID(int=number + 2**64)),
        "listing_id": listing_id,
        "number": FIRST_NUMBER + number,
        "version": 1,
        "occurred_at": at.isoformat(),
        "photos_pending": number % 5 == 0,
        "seller": {"id": _hex(mine["seller_id"]), "name": card["name"], "village": card["village"]}
        | {"district": card["district"], "block": None, "language": "hi"},
        "product": {"category": craft, "title": {"hi": "पीतल का हाथी", "en": "Brass elephant"}, "stock": 5},
        "price": {
            "asked": {"amount": price, "currency": "INR", "per": "piece"},
            **dict.fromkeys(("suggested", "agreed", "mrp")),
            "history": [],
        },
        "photos": [],
        "voice_notes": [],
        "compliance": {
            "hsn": {"suggested": "8306", "confirmed_by": None},
            "gst_rate": {"suggested": "5", "confirmed_by": None},
            "gi": {"claim": None, "authorised_user": None},
        },
        "provenance": {},
    }
    rows[Listing].append(
        mine
        | {"id": listing_id, "number": FIRST_NUMBER + number, "version": 1, "status": "live"}
        | {"category": craft, "photos_pending": message["photos_pending"]}
        | {"message": message, "slots": {"category": craft, "price": price}, "provenance": {}}
        | {"created_at": at, "updated_at": at}
    )
    rows[ListingEvent].append(
        {"event_id": message["event_id"], "listing_id": listing_id, "version": 1, "event": message["event"]}
        | {"body": message, "occurred_at": at, "acked_at": at}
    )


def _note(rows: Rows, mine: Json, message_id: int, asks: str | None, at: datetime) -> None:
    """A voice note that waits for the desk; its bytes are in no store."""
    rows[Media].append(
        mine
        | {"id": mine["seller_id"], "message_id": message_id, "position": 0, "kind": "voice"}
        | {"sha256": f"{mine['seller_id']:064x}", "size": 9000, "seconds": 6.5, "asks": asks}
        | {"status": "stored", "verdict": {"waveform": [0.2, 0.8, 0.4]}, "created_at": at, "fetched_at": at}
    )
    rows[Transcription].append(
        {"media_id": mine["seller_id"], "language": "hi", "status": "waiting", "created_at": at}
    )


def _hex(number: int) -> str:
    return f"{number:032x}"


if __name__ == "__main__":
    database = connect(sys.argv[1])
    migrate(database)
    seed(database, int(sys.argv[2]) if len(sys.argv) > 2 else PEOPLE)

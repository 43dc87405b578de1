"""The listing message: everything known about one version of a listing, as `listing.schema.json` says.

`build` is pure: ids, the time and the addresses of photos are given. What she did not say is null.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.engine.catalogue import UNPLACED, Category
from bot.handoff.compliance import compliance
from bot.handoff.describe import described
from bot.handoff.given import ListingInput, Photo, VoiceNote
from bot.handoff.measures import Measures, measured
from bot.handoff.official import GSTIN, PINCODE, official
from bot.handoff.price import price
from bot.handoff.wording import clean
from bot.messages import Json

SCHEMA = "sangwari.listing/1"
SCHEMA_FILE = Path(__file__).with_name("listing.schema.json")
SELLER_KINDS = ("shg_member", "shg", "shilp_gram", "artisan", "food", "private")
SHORT, LONG = 200, 4000
# Slots with a field of their own in the message; all other questions of a category are attributes.
PLACED = {"material", "colour", "story", "making_days", "made_to_order", "fssai"}
ALWAYS = ("size", "length", "weight", "net_weight", "care", "pickup_place")


def build(given: ListingInput) -> Json:
    """The whole message of this version. Raises ValueError without a price."""
    category = given.catalogue.get(given.slots.get("category")) or UNPLACED
    sizes = measured(given.slots, category)
    return {
        "schema": SCHEMA,
        "event": given.event,
        "event_id": given.event_id,
        "listing_id": given.listing_id,
        "number": given.number,
        "version": given.previous["version"] + 1 if given.previous else 1,
        "occurred_at": moment(given.now),
        "seller": _seller(given),
        "seller_of_record": None,
        "product": _product(given, category, sizes),
        "price": price(given, category, moment(given.now)),
        "photos": [_photo(given, photo) for photo in given.photos],
        "photos_pending": not given.photos,
        "voice_notes": [_voice_note(given, note) for note in given.voice_notes],
        "compliance": compliance(given, category, sizes),
        "provenance": _provenance(given),
        "consent": {
            "version": given.consent.version,
            "at": moment(given.consent.at),
            "channel": given.consent.channel,
            "message_id": given.consent.message_id,
        },
    }


def moment(at: datetime) -> str:
    """A time as `2026-01-31T10:00:00Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _seller(given: ListingInput) -> Json:
    slots = given.slots
    kind = slots.get("seller_kind")
    return {
        "id": given.seller.key,
        "name": clean(slots.get("seller_name"), SHORT),
        "kind": kind if kind in SELLER_KINDS else None,
        "group": clean(slots.get("group_name"), SHORT),
        "village": clean(slots.get("village"), SHORT),
        "block": clean(slots.get("block"), SHORT),
        "district": clean(slots.get("district"), SHORT),
        "pincode": official(slots.get("pincode"), PINCODE),
        "language": given.seller.language,
        "gstin": official(slots.get("gstin"), GSTIN),
    }


def _product(given: ListingInput, category: Category, sizes: Measures) -> Json:
    slots = given.slots
    title, description = described(given, category, sizes)
    return {
        "category": category.key,
        "title": title,
        "description": description,
        "attributes": _attributes(slots, category),
        "materials": ids(slots.get("material")) or list(category.materials),
        "colours": ids(slots.get("colour")),
        "dimensions": sizes.dimensions,
        "weight_g": sizes.weight_g,
        "net_quantity": sizes.net_quantity,
        "handmade": category.handmade,
        "made_to_order": flag(slots.get("made_to_order")),
        "making_days": count(slots.get("making_days")),
        "stock": count(slots.get("stock")),
        "story": clean(slots.get("story"), LONG),
    }


def ids(value: object) -> list[str]:
    """A list of lexicon ids; anything else in it is left out."""
    if not isinstance(value, list):
        return []
    return list(dict.fromkeys(text for item in value if (text := clean(item, 64))))


def flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def count(value: object) -> int | None:
    """A whole number from zero on; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _attributes(slots: Json, category: Category) -> Json:
    names = dict.fromkeys((*ALWAYS, category.must_know, *category.questions))
    found = {name: _attribute(slots.get(name)) for name in names if name not in PLACED}
    return {name: value for name, value in found.items() if value is not None}


def _attribute(value: object) -> Any:
    if isinstance(value, bool | int):
        return value
    return ids(value) or None if isinstance(value, list) else clean(value, LONG)


def _photo(given: ListingInput, photo: Photo) -> Json:
    return {
        "id": photo.id,
        "url": given.sign(photo.sha256),
        "sha256": photo.sha256,
        "width": photo.width,
        "height": photo.height,
        "role": photo.role,
        "warnings": list(photo.warnings),
    }


def _voice_note(given: ListingInput, note: VoiceNote) -> Json:
    return {
        "id": note.id,
        "url": given.sign(note.sha256),
        "sha256": note.sha256,
        "seconds": note.seconds,
        "slot": note.slot,
        "transcript": clean(note.transcript, LONG),
        "transcribed_by": note.transcribed_by,
    }


def _provenance(given: ListingInput) -> Json:
    """Who said each value that is known, where, and in which words."""
    return {
        slot: {
            "by": source.get("by") or "seller",
            "channel": source.get("channel"),
            "message_id": source.get("message_id"),
            "said": clean(source.get("said"), LONG),
            "confirmed": source.get("confirmed") is True,
        }
        for slot, source in sorted(given.provenance.items())
        if given.slots.get(slot) is not None
    }

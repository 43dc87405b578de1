"""A listing whose maker is erased: the product stays known, the person does not."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from bot.handoff.hand_over import WITHDRAWN
from bot.handoff.listing import moment
from bot.messages import Json

NAMED = ("name", "group", "village", "block", "district", "pincode", "gstin")
NOBODYS: Json = {
    "fssai": None,
    "gi": {"claim": None, "authorised_user": None},
    "manufacturer": {"name": None, "address": "India"},
}
ASKED_BY = "seller"


def without_person(message: Json) -> Json:
    """The message without her name, place, words, photos and voice. It keeps the contract."""
    product = message["product"]
    # A description may tell of the maker; the title is what the piece is called.
    plain = product | {"description": dict(product["title"]), "attributes": {}, "story": None}
    history = [entry | {"by": ASKED_BY} for entry in message["price"]["history"]]
    return message | {
        "seller": message["seller"] | dict.fromkeys(NAMED),
        "product": plain,
        "price": message["price"] | {"history": history},
        "photos": [],
        "photos_pending": True,
        "voice_notes": [],
        "seller_of_record": None,
        "compliance": message["compliance"] | NOBODYS,
        "provenance": {},
        "consent": message["consent"] | {"message_id": "erased"},
    }


def withdrawal(message: Json, now: datetime) -> Json:
    """The last version of the listing: it is taken back, and tells nothing of her."""
    changed = {"event": WITHDRAWN, "event_id": str(uuid4()), "version": message["version"] + 1}
    return without_person(message) | changed | {"occurred_at": moment(now)}

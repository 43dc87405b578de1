"""What a turn leaves for the photos of finished listings: proposals, and photos that are asked for again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot import jobs, offers, retakes
from bot.handoff.of_talk import Maker, change_listing
from bot.messages import Inbound, Json

DEEDS = ("offer_photo", "take_offer", "refuse_offer", "ask_photo")
ASKED_AFTER = timedelta(minutes=1)
"""Photos from another phone come one after the other; their seller is asked once."""


def do(conn: Connection, maker: Maker, inbound: Inbound, event: Json, now: datetime) -> list[jobs.NewJob]:
    """Proposed, taken by their seller, refused, or asked for; the jobs that this needs."""
    what = event["do"]
    if what == "ask_photo":
        retakes.ask(conn, event, now)
        return []
    offer_id = event["offer"]
    if what == "refuse_offer":
        offers.end(conn, offer_id, "refused")
    elif what == "offer_photo":
        if offers.add(conn, offer_id, [event["photo"]]) and not event["own"]:
            at, key = now + ASKED_AFTER, f"{offers.MARK}{offer_id}"
            return [jobs.NewJob("ask_about_photos", {"offer": offer_id}, run_at=at, unique_key=key)]
    else:
        _take(conn, maker, inbound, offer_id, now)
    return []


def _take(conn: Connection, maker: Maker, inbound: Inbound, offer_id: str, now: datetime) -> None:
    taken = offers.take(conn, offer_id, maker.seller_id, now)
    photos = retakes.answered(conn, *taken, now) if taken else None
    if taken is None or photos is None:
        return
    source = {"by": "seller", "channel": inbound.channel, "message_id": inbound.provider_id}
    change = {"listing_id": taken[0], "change": "listing.updated", "changes": {"photos": photos}}
    known = {"photos": source | {"said": inbound.text, "confirmed": True}}
    change_listing(conn, maker, change | {"provenance": known}, now)

"""Where a finished listing is kept: its latest message, and every version waiting for the backend."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, bindparam, insert, select, update

from bot import jobs
from bot.handoff.given import ListingInput
from bot.handoff.listing import build
from bot.messages import Json
from models import Listing, ListingEvent
from models.database import reading

WITHDRAWN = "listing.withdrawn"
_FIRST = insert(Listing.__table__)
_LATER = update(Listing.__table__).where(Listing.__table__.c.id == bindparam("listing"))
_VERSION = insert(ListingEvent.__table__)


def hand_over(conn: Connection, seller_id: int, given: ListingInput, *, publish: bool) -> Json:
    """Write this version in the caller's transaction and return its message.

    `publish` (a queue is configured) also puts the job that sends it there, in order for each listing.
    Raises ValueError for a listing without a price.
    """
    message = build(given)
    row = {
        "version": message["version"],
        "status": "withdrawn" if given.event == WITHDRAWN else "live",
        "message": message,
        "category": message["product"]["category"],
        "photos_pending": message["photos_pending"],
        "slots": given.slots,
        "provenance": dict(given.provenance),
        "updated_at": given.now,
    }
    if given.previous is None:
        first = {"id": given.listing_id, "number": given.number, "seller_id": seller_id}
        conn.execute(_FIRST, row | first | {"created_at": given.now})
    else:
        conn.execute(_LATER, row | {"listing": given.listing_id})
    version = {
        "event_id": given.event_id,
        "listing_id": given.listing_id,
        "version": message["version"],
        "event": given.event,
        "body": message,
        "occurred_at": given.now,
    }
    conn.execute(_VERSION, version)
    if publish:
        key = f"listing:{given.listing_id}"
        jobs.put(conn, "publish_listing", {"event_id": given.event_id}, now=given.now, key=key)
    return message


def latest_messages(db: Engine) -> list[Json]:
    """The latest message of each listing, by its number."""
    with reading(db) as conn:
        return list(conn.scalars(select(Listing.message).order_by(Listing.number)))

"""How much is kept of a seller, in numbers: what she hears when she asks."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from bot.messages import Json
from models import Listing, Media, Message


def kept(conn: Connection, seller_id: int) -> Json:
    """The slots of `utter_my_data`: photos, notes, listings and messages of hers."""
    count, gone = func.count(), ("erased", "failed")
    media = select(count).where(Media.seller_id == seller_id, Media.status.not_in(gone))
    listings = select(count).select_from(Listing).where(Listing.seller_id == seller_id)
    messages = select(count).select_from(Message).where(Message.seller_id == seller_id)
    return {
        "kept_photos": conn.scalar(media.where(Media.kind == "photo")),
        "kept_notes": conn.scalar(media.where(Media.kind == "voice")),
        "kept_listings": conn.scalar(listings),
        "kept_messages": conn.scalar(messages),
    }

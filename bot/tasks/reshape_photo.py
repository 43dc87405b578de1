"""A photo of a listing turned and cut as a rep wished: a new picture for the shop from the original bytes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from bot import jobs
from bot.handoff.of_talk import Maker, change_listing
from bot.media.opened import CannotOpen
from bot.media.photos import reshaped
from bot.messages import Json
from bot.tasks.workshop import Workshop
from models import Listing, Seller
from models.database import reading, writing


def run(shop: Workshop, job: jobs.Job) -> None:
    """Make it, put it in the store, then name it in the next version.

    A photo that went meanwhile is left, and so is a listing that its seller took back; a picture that is
    shown already makes no version.
    """
    wish = job.payload
    with reading(shop.db) as conn:
        row = _row(conn, wish["listing_id"])
    photo = _photo(row, wish["photo"])
    shown = _made(shop, photo, wish) if photo else None
    with writing(shop.db) as conn:
        row = _row(conn, wish["listing_id"], lock=True)
        now_there = _photo(row, wish["photo"])
        if row is not None and shown is not None and now_there and now_there.get("shown") != shown:
            _write(conn, shop, row, wish, shown)
        jobs.finish(conn, job)


def _row(conn: Connection, listing_id: str, lock: bool = False) -> Row[Any] | None:
    """`lock` for the writing: what a rep or the seller changes at this moment is seen, and not undone."""
    joined = Listing.__table__.join(Seller.__table__, Seller.id == Listing.seller_id)
    query = select(Listing.__table__, Seller.key, Seller.language).select_from(joined)
    query = query.where(Listing.id == listing_id)
    return conn.execute(query.with_for_update(of=Listing.__table__) if lock else query).first()


def _photo(row: Row[Any] | None, photo_id: int) -> Json | None:
    photos = (row.slots.get("photos") or []) if row is not None else []
    return next((photo for photo in photos if int(photo["id"]) == photo_id), None)


def _made(shop: Workshop, photo: Json, wish: Json) -> Json:
    """`{"sha256", "width", "height", "turn"}` of the new picture, always made of the original.

    Dead if it cannot be opened.
    """
    source = shop.store.path_of(photo["sha256"]) or shop.store.read(photo["sha256"])
    try:
        made = reshaped(source, wish["turn"], wish["cut"], photo.get("warnings") or ())
    except CannotOpen as error:
        raise jobs.Dead(error.problem) from None
    size = {"width": made.width, "height": made.height}
    return {"sha256": shop.store.put(made.data), **size, "turn": wish["turn"]}


def _write(conn: Connection, shop: Workshop, row: Row[Any], wish: Json, shown: Json) -> None:
    photos = [
        photo | {"shown": shown} if int(photo["id"]) == wish["photo"] else photo
        for photo in row.slots["photos"]
    ]
    whose = Maker.of(shop.talk, row.seller_id, row.key, row.language)
    source = {"by": wish["by"], "channel": "console", "message_id": None, "said": None, "confirmed": True}
    event = {"listing_id": row.id, "change": "listing.updated", "changes": {"photos": photos}}
    change_listing(conn, whose, event | {"provenance": {"photos": source}}, shop.clock())

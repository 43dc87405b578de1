"""A listing that still has no photos after some days: a rep is asked to visit."""

from __future__ import annotations

from sqlalchemy import insert, select

from bot import jobs
from bot.tasks.workshop import Workshop
from models import Listing, RepTask
from models.database import writing


def run(shop: Workshop, job: jobs.Job) -> None:
    """One task for a rep, if photos are still missing."""
    with writing(shop.db) as conn:
        listing = conn.execute(
            select(Listing.seller_id, Listing.number, Listing.message).where(
                Listing.id == job.payload["listing_id"], Listing.status == "live"
            )
        ).first()
        if listing and listing.message["photos_pending"]:
            detail = {"number": listing.number}
            row = {"seller_id": listing.seller_id, "kind": "photos_pending", "detail": detail}
            conn.execute(insert(RepTask), row | {"created_at": shop.clock()})
        jobs.finish(conn, job)

"""What a draft leaves behind that was given up after half a year: its photos and notes go."""

from __future__ import annotations

from datetime import datetime

from bot import jobs
from bot.people import draft_media
from bot.people.erase import BYTES
from bot.tasks.named_media import in_listings
from bot.tasks.workshop import Workshop
from models.database import writing


def run(shop: Workshop, job: jobs.Job) -> None:
    """Rows first, with the job that deletes their bytes; what a listing of hers names stays."""
    before = datetime.fromisoformat(job.payload["before"])
    with writing(shop.db) as conn:
        names = draft_media.drop(conn, job.payload["seller_id"], before, in_listings)
        if names:
            jobs.put(conn, BYTES, {"names": sorted(names)}, now=shop.clock())
        jobs.finish(conn, job)

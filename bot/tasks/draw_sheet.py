"""The contact sheet of a listing's photos, drawn because a rep wants to see it; made once for each order."""

from __future__ import annotations

from bot import jobs
from bot.media.sheet import sheet_of
from bot.tasks.workshop import Workshop
from models.database import writing


def run(shop: Workshop, job: jobs.Job) -> None:
    """Draw it unless it is there."""
    sheet_of(shop.db, shop.store, job.payload["photos"], shop.clock())
    with writing(shop.db) as conn:
        jobs.finish(conn, job)

"""Photos that nobody said yes to are forgotten after their days."""

from __future__ import annotations

from bot import jobs, offers
from bot.tasks.workshop import Workshop
from models.database import writing


def run(shop: Workshop, job: jobs.Job) -> None:
    """End the proposal, unless it was answered."""
    with writing(shop.db) as conn:
        offers.end(conn, job.payload["offer"], "expired")
        jobs.finish(conn, job)

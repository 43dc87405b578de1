"""Delete the bytes of a person who was erased, where nothing else names them."""

from __future__ import annotations

from bot import jobs
from bot.tasks.named_media import in_listings, in_messages, in_rows
from bot.tasks.retire_media import UNUSED
from bot.tasks.workshop import Workshop
from models.database import reading, writing


def run(shop: Workshop, job: jobs.Job) -> None:
    """Her rows are gone by now; what others name stays, and it may be done twice."""
    names = set(job.payload["names"])
    with reading(shop.db) as conn:
        names -= in_rows(conn, names)
        names -= in_listings(conn, names)
        names -= in_messages(conn, names, shop.settings, shop.clock() - UNUSED)
    for name in sorted(names):
        shop.store.delete(name)
    with writing(shop.db) as conn:
        jobs.finish(conn, job)

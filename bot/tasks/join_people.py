"""A person has shown that both phones are hers: her two entries become one, and she hears it in one line."""

from __future__ import annotations

from sqlalchemy import select

from bot import jobs
from bot.people.merge import NotNow, merge, tell
from bot.tasks.workshop import Workshop
from models import Seller
from models.database import writing


def run(shop: Workshop, job: jobs.Job) -> None:
    """The older entry stays. Once more, there are no two and nothing happens."""
    now, payload = shop.clock(), job.payload
    with writing(shop.db) as conn:
        both = (
            select(Seller.id).where(Seller.id.in_(payload["people"])).order_by(Seller.created_at, Seller.id)
        )
        found = list(conn.scalars(both))
        if len(found) == 2:
            keep, gone = found
            try:
                done = merge(conn, keep, gone, "seller", now)
            except NotNow as error:
                raise jobs.Retry(str(error)) from None
            if done:
                place = {"channel": payload["channel"], "address": payload["address"]}
                tell(conn, keep, second=done["second_draft"], now=now, at=now, place=place)
        jobs.finish(conn, job)

"""Put one version of a listing on the backend's queue."""

from __future__ import annotations

from sqlalchemy import select, update

from bot import jobs
from bot.handoff.links import with_fresh_links
from bot.handoff.publisher import PublishError, publish
from bot.media.links import link
from bot.tasks.workshop import Workshop
from models import ListingEvent
from models.database import reading, writing


def run(shop: Workshop, job: jobs.Job) -> None:
    """Publish the event and remember when. After a crash in between, the same event_id is sent once more."""
    event = ListingEvent.__table__.c
    this = event.event_id == job.payload["event_id"]
    with reading(shop.db) as conn:
        row = conn.execute(select(event.body, event.published_at).where(this)).one_or_none()
    if row is None:
        raise jobs.Dead("no such event")
    if row.published_at is None:
        if not shop.settings.queue_url:
            raise jobs.Dead("QUEUE_URL is not set any more")
        try:
            publish(
                shop.settings.queue_url, with_fresh_links(row.body, lambda name: link(shop.settings, name))
            )
        except PublishError as error:
            raise jobs.Retry(str(error)) from None
    with writing(shop.db) as conn:
        published = update(ListingEvent.__table__).where(this, event.published_at.is_(None))
        conn.execute(published.values(published_at=shop.clock()))
        jobs.finish(conn, job)

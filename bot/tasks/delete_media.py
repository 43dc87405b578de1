"""Remove an attachment at the provider once we keep it ourselves, or once she refused."""

from __future__ import annotations

from bot import jobs
from bot.channels import SendError
from bot.tasks.workshop import Workshop
from models.database import writing


def run(shop: Workshop, job: jobs.Job) -> None:
    """Delete it; already gone is done. What stays refused after all attempts is listed with the dead."""
    try:
        shop.channels["whatsapp"].delete_media(job.payload["url"])
    except SendError as error:
        raise (jobs.Retry if error.retryable else jobs.Dead)(error.code) from None
    with writing(shop.db) as conn:
        jobs.finish(conn, job)

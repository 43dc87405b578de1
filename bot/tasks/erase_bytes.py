"""The bytes of somebody who was erased, as far as nobody else's row names them."""

from __future__ import annotations

from sqlalchemy import delete

from bot import jobs
from bot.media.links import sha256_of
from bot.media.store import NAME
from bot.tasks.named_media import in_listings, in_messages, in_rows
from bot.tasks.retire_media import UNUSED
from bot.tasks.workshop import Workshop
from models import Rendition
from models.database import reading, writing

_rendition = Rendition.__table__.c


def run(shop: Workshop, job: jobs.Job) -> None:
    """Killed anywhere it begins again: a name that is gone already is fine."""
    prompts = {name for each in job.payload["prompts"] if (name := _named(shop, each))}
    with writing(shop.db) as conn:
        prompts -= in_messages(conn, prompts, shop.settings, shop.clock() - UNUSED)
        conn.execute(delete(Rendition).where(_rendition.sha256.in_(prompts)))
    names = prompts | set(job.payload["names"])
    with reading(shop.db) as conn:
        names -= in_rows(conn, names) | in_listings(conn, names)
    for name in sorted(names):
        shop.store.delete(name)
    with writing(shop.db) as conn:
        jobs.finish(conn, job)


def _named(shop: Workshop, sound: str) -> str | None:
    """The name behind a sound as a message carries it: the name itself, or a signed address of it."""
    return sound if NAME.fullmatch(sound) else sha256_of(shop.settings, sound.rpartition("/")[2])

"""Find what the provider took but could not hand to us: it does not always ask again."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import structlog
from sqlalchemy import select

from bot import jobs, metrics
from bot.channels import Channel, SendError
from bot.receive import receive
from bot.tasks import lost_letters, lost_media
from bot.tasks.workshop import Workshop
from models import Message
from models.database import reading, writing

log = structlog.get_logger(__name__)
LOOK_BACK = timedelta(hours=24)
AT_ONCE = 500
"""Ids asked for in one statement."""


def run(shop: Workshop, job: jobs.Job) -> None:
    """Feed the unseen messages of the last day to the one door, and give up what no job works on any more."""
    lost_media.give_up(shop)
    lost_letters.give_up(shop)
    refusals: list[SendError] = []
    for channel in shop.channels.values():
        try:
            _catch_up(shop, channel)
        except SendError as error:
            refusals.append(error)
    if refusals:
        kind = jobs.Retry if any(error.retryable for error in refusals) else jobs.Dead
        raise kind(", ".join(sorted({error.code for error in refusals})))
    with writing(shop.db) as conn:
        jobs.finish(conn, job)


def _catch_up(shop: Workshop, channel: Channel) -> None:
    def unseen(ids: Collection[str]) -> Collection[str]:
        return set(ids) - _seen(shop, channel.name, list(ids))

    for inbound in channel.recent_inbound(shop.clock() - LOOK_BACK, unseen):
        try:
            receive(shop.db, shop.talk, inbound, shop.clock())
        except Exception as error:
            # One message that cannot be taken must not keep the others out.
            metrics.FAILURES.labels("reconcile", type(error).__name__).inc()
            log.warning("found_but_not_taken", message=inbound.provider_id, error=type(error).__name__)


def _seen(shop: Workshop, channel: str, ids: list[str]) -> set[str]:
    table = Message.__table__.c
    seen: set[str] = set()
    with reading(shop.db) as conn:
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            query = select(table.provider_id).where(table.channel == channel, table.provider_id.in_(some))
            seen.update(sid for sid in conn.scalars(query) if sid)
    return seen

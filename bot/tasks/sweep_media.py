"""Once a night: what is too old goes, and the bytes that nobody names any more.

Rows go before bytes. Killed in between, bytes stay that no row names, and the next night takes them; the
other way round a row would be left that names nothing. And bytes come before rows: `fetch_media` puts them
before it commits their row, so what was put within a day is never taken for an orphan.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

import structlog

from bot import jobs
from bot.tasks.named_media import AT_ONCE, in_listings, in_messages, in_rows
from bot.tasks.retire_media import UNUSED, drop_copies, drop_unused, erase_old_notes
from bot.tasks.workshop import Workshop
from models.database import reading, writing

log = structlog.get_logger(__name__)
YOUNG = timedelta(days=1)
FEW = 100
"""So many orphans may go unasked; more than these, and more than half the store, is the wrong database."""


def run(shop: Workshop, job: jobs.Job) -> None:
    """Retire, then sweep. Dead at once, before any byte went, if the database seems not to be the store's."""
    now = shop.clock()
    with writing(shop.db) as conn:
        jobs.forget_dead(conn, job.kind)
    notes = erase_old_notes(shop, now)
    copies = drop_copies(shop)
    before = now - YOUNG
    scraps = shop.store.delete_scraps(before)
    orphans = _orphans(shop, now, before, notes | copies)
    swept = sum(shop.store.delete_old(name, before) for name in orphans)
    drop_unused(shop, now)
    with writing(shop.db) as conn:
        jobs.finish(conn, job)
    log.info("media_swept", notes=len(notes), copies=len(copies), files=swept, scraps=scraps)


def _orphans(shop: Workshop, now: datetime, before: datetime, given_up: set[str]) -> list[str]:
    """Names put before then that nothing names. Raises Dead if there are too many of them to be true."""
    unnamed: set[str] = set()
    looked_at = 0
    for some in _old_names(shop, before):
        looked_at += len(some)
        with reading(shop.db) as conn:
            unnamed.update(set(some) - in_rows(conn, some))
    with reading(shop.db) as conn:
        unnamed -= in_listings(conn, unnamed)
        unnamed -= in_messages(conn, unnamed, shop.settings, now - UNUSED)
    strange = len(unnamed - given_up)
    if strange > max(FEW, looked_at // 2):
        log.error("sweep_refused", unnamed=strange, kept=looked_at)
        raise jobs.Dead(f"of {looked_at} files {strange} are in no table: is this the store's database?")
    return sorted(unnamed)


def _old_names(shop: Workshop, before: datetime) -> Iterator[list[str]]:
    """The names put before then, some at a time."""
    old = (name for name, put_at, _ in shop.store.names() if put_at < before)
    while some := list(islice(old, AT_ONCE)):
        yield some

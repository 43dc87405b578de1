"""Bring one attachment from the provider into the store, and take it for what its bytes are."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from sqlalchemy import Connection, func, select, update

from bot import jobs, metrics
from bot.engine.listening import CALL
from bot.hours import day_of, midnight_before, next_morning
from bot.media.download import Downloader, DownloadError
from bot.media.sniff import is_sticker, sniff
from bot.messages import Inbound, MediaKind
from bot.receive import receive
from bot.tasks.settle_album import settle_soon
from bot.tasks.workshop import Workshop
from models import Media, Message
from models.database import reading, writing

log = structlog.get_logger(__name__)
UNREADABLE = {"verdict": "refuse", "problems": ["unreadable"]}
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Fetched:
    """Bytes that are safe in the store. `readable`: a kind of file we handle."""

    sha256: str
    size: int
    kind: MediaKind
    content_type: str
    readable: bool


def run(shop: Workshop, job: jobs.Job) -> None:
    """Fetch, keep, and put the job that judges it; a failure for good is told to her."""
    media_id = job.payload["media_id"]
    table = Media.__table__.c
    with reading(shop.db) as conn:
        row = conn.execute(
            select(table.url, table.kind, table.content_type, table.seller_id, Message.channel)
            .join(Message, Message.id == table.message_id)
            .where(table.id == media_id, table.status == "waiting")
        ).one_or_none()
        full = row is not None and _full(conn, shop, row.seller_id)
    if row is None:
        with writing(shop.db) as conn:
            jobs.finish(conn, job)
        return
    if full:
        _tomorrow(shop, job, media_id, row.seller_id)
        return
    try:
        fetched = _fetch(shop, row.url or "", row.kind, row.content_type or "")
    except DownloadError as error:
        log.warning("attachment_not_fetched", media=media_id, reason=str(error))
        # A call's recording is named some seconds before it can be had.
        late = row.channel == CALL and str(error) == "http-404"
        if (late or not error.permanent) and job.attempts < jobs.MAX_ATTEMPTS:
            raise jobs.Retry(str(error)) from None
        metrics.FAILURES.labels("fetch_media", str(error)).inc()
        _give_up(shop, job, media_id)
        return
    _keep(shop, job, media_id, row.url, fetched)


def _full(conn: Connection, shop: Workshop, seller_id: int) -> bool:
    """Have as many bytes of hers been fetched today as one sender may fill?"""
    table, most = Media.__table__.c, shop.settings.limit_media_mb_day
    today = (table.seller_id == seller_id, table.fetched_at >= midnight_before(shop.clock()))
    return bool(most) and (conn.scalar(select(func.sum(table.size)).where(*today)) or 0) >= most * MEGABYTE


def _tomorrow(shop: Workshop, job: jobs.Job, media_id: int, seller_id: int) -> None:
    """The provider keeps it until then; she is told once a day, through the one door, which knows repeats."""
    now = shop.clock()
    table = Message.__table__.c
    of_it = select(Media.__table__.c.message_id).where(Media.__table__.c.id == media_id).scalar_subquery()
    with reading(shop.db) as conn:
        came = conn.execute(select(table.channel, table.address).where(table.id == of_it)).one()
    name = f"tomorrow:{seller_id}:{day_of(now)}"
    told = Inbound(
        came.channel, came.address, name, "media_ready", now, payload="tomorrow", seller_id=seller_id
    )
    if not receive(shop.db, shop.talk, told, now).repeat:
        metrics.HELD.labels("media").inc()
        log.warning("flood", limit="media", address=came.address)
    again_at = next_morning(now, seller_id)
    with writing(shop.db) as conn:
        jobs.put(conn, job.kind, job.payload, now=now, run_at=again_at)
        jobs.finish(conn, job)


def _fetch(shop: Workshop, url: str, kind: MediaKind, claimed: str) -> Fetched:
    data = Downloader(shop.settings).fetch(url)
    sniffed = sniff(data, claimed)
    readable = sniffed.kind != "other" and not is_sticker(data)
    return Fetched(
        sha256=shop.store.put(data),
        size=len(data),
        kind=sniffed.kind if readable else kind,
        content_type=sniffed.content_type,
        readable=readable,
    )


def _keep(shop: Workshop, job: jobs.Job, media_id: int, url: str, fetched: Fetched) -> None:
    """Mark it stored with its next job, unless she took it back meanwhile: then the bytes go too."""
    now = shop.clock()
    values: dict[str, object] = {
        "fetched_at": now,
        "status": "stored" if fetched.readable else "refused",
        "sha256": fetched.sha256,
        "size": fetched.size,
        "kind": fetched.kind,
        "content_type": fetched.content_type,
    }
    if not fetched.readable:
        values["verdict"] = UNREADABLE
    with writing(shop.db) as conn:
        if not _mark(conn, media_id, **values):
            if not _in_use(conn, fetched.sha256):
                shop.store.delete(fetched.sha256)
        elif fetched.readable:
            judge = "check_photo" if fetched.kind == "photo" else "transcribe"
            jobs.put(conn, judge, {"media_id": media_id}, now=now)
        else:
            settle_soon(conn, shop, media_id)
        jobs.put(conn, "delete_media", {"url": url}, now=now)
        jobs.finish(conn, job)


def _give_up(shop: Workshop, job: jobs.Job, media_id: int) -> None:
    """It will not come any more: the failure settles with its album, so that she is told."""
    with writing(shop.db) as conn:
        if _mark(conn, media_id, status="failed"):
            settle_soon(conn, shop, media_id)
        jobs.finish(conn, job)


def _mark(conn: Connection, media_id: int, **values: object) -> bool:
    table = Media.__table__
    done = conn.execute(
        update(table).where(table.c.id == media_id, table.c.status == "waiting").values(**values)
    )
    return bool(done.rowcount)


def _in_use(conn: Connection, sha256: str) -> bool:
    table = Media.__table__.c
    return bool(conn.scalar(select(func.count()).where(table.sha256 == sha256)))

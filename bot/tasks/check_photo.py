"""Judge one stored photo: ready to be shown, or to be taken again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from bot import jobs
from bot.media.photos import judge
from bot.tasks.settle_album import settle_soon
from bot.tasks.workshop import Workshop
from models import Media
from models.database import reading, writing

_media = Media.__table__
_columns = _media.c
SAME_WITHIN = timedelta(days=1)
"""A photo sent twice in a day is a slip; next month it may show the same piece made again."""


def run(shop: Workshop, job: jobs.Job) -> None:
    """Mark the photo `ready` or `refused` with its verdict; its album settles some seconds later."""
    media_id = job.payload["media_id"]
    with reading(shop.db) as conn:
        row = conn.execute(
            select(_media).where(_columns.id == media_id, _columns.status == "stored")
        ).one_or_none()
        earlier = _earlier(conn, row) if row else []
    values = _judged(shop, row, earlier) if row else {}
    with writing(shop.db) as conn:
        same = (_columns.id == media_id, _columns.status == "stored")
        if values and conn.execute(update(_media).where(*same).values(**values)).rowcount:
            settle_soon(conn, shop, media_id)
        jobs.finish(conn, job)


def _judged(shop: Workshop, row: Row[Any], earlier: list[str]) -> dict[str, Any]:
    try:
        data = shop.store.read(row.sha256)
    except FileNotFoundError:
        return {"status": "failed"}
    verdict = judge(data, earlier)
    return {
        "status": "refused" if verdict.verdict == "refuse" else "ready",
        "verdict": verdict.as_json(),
        "width": verdict.width,
        "height": verdict.height,
    }


def _earlier(conn: Connection, row: Row[Any]) -> list[str]:
    """The fingerprints of her other photos of the day that were sent before this one."""
    verdicts = conn.scalars(
        select(_columns.verdict).where(
            _columns.seller_id == row.seller_id,
            _columns.id < row.id,
            _columns.status == "ready",
            _columns.created_at >= row.created_at - SAME_WITHIN,
        )
    )
    return [verdict["hash"] for verdict in verdicts if verdict and verdict.get("hash")]

"""Judge one stored photo and make its pictures for the shop: ready to be shown, or to be taken again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, update

from bot import jobs
from bot.media.photos import Examined, examine
from bot.media.renditions import in_use, keep, made_from
from bot.media.shop import Made
from bot.tasks.settle_album import settle_soon
from bot.tasks.workshop import Workshop
from models import Media, Seller
from models.database import reading, writing
from models.rendition import RenditionKind

_media = Media.__table__
_columns = _media.c
Kept = dict[RenditionKind, tuple[str, Made]]


def run(shop: Workshop, job: jobs.Job) -> None:
    """Mark the photo `ready` or `refused` with its verdict; its album settles some seconds later.

    The pictures are in the store before the transaction that names them; after a crash they are made again,
    byte for byte.
    """
    media_id = job.payload["media_id"]
    with reading(shop.db) as conn:
        row = conn.execute(
            select(_media).where(_columns.id == media_id, _columns.status == "stored")
        ).one_or_none()
        made_before = made_from(conn, row.sha256) if row else {}
        others = _others(conn, row) if row else {}
    examined = _examined(shop, row.sha256, pictures="shop" not in made_before) if row else None
    kept = _put(shop, examined) if examined else {}
    with writing(shop.db) as conn:
        if row:
            values = _values(conn, row, examined, others)
            same = (_columns.id == media_id, _columns.status == "stored")
            if conn.execute(update(_media).where(*same).values(**values)).rowcount:
                keep(conn, row.sha256, kept, shop.clock())
                settle_soon(conn, shop, media_id)
            else:
                _take_back(conn, shop, kept)
        jobs.finish(conn, job)


def _examined(shop: Workshop, sha256: str, pictures: bool) -> Examined | None:
    """None when the bytes are gone. A file on this machine is read piece by piece, never held whole."""
    try:
        return examine(shop.store.path_of(sha256) or shop.store.read(sha256), pictures=pictures)
    except FileNotFoundError:
        return None


def _put(shop: Workshop, examined: Examined) -> Kept:
    kept: Kept = {}
    if examined.shop and examined.thumbnail:
        kept["shop"] = shop.store.put(examined.shop.data), examined.shop
        kept["thumbnail"] = shop.store.put(examined.thumbnail.data), examined.thumbnail
    return kept


def _values(
    conn: Connection, row: Row[Any], examined: Examined | None, others: dict[int, str]
) -> dict[str, Any]:
    """What the row becomes. Two photos of hers that are judged at one moment wait here for each other."""
    if examined is None:
        return {"status": "failed"}
    conn.execute(select(Seller.id).where(Seller.id == row.seller_id).with_for_update())
    verdict = examined.judgement.beside(others | _others(conn, row, _columns.delivered_at.is_(None)))
    return {
        "status": "refused" if verdict.verdict == "refuse" else "ready",
        "verdict": verdict.as_json(),
        "width": verdict.width,
        "height": verdict.height,
    }


def _others(conn: Connection, row: Row[Any], *only: ColumnElement[bool]) -> dict[int, str]:
    """The likenesses of her other accepted photos, oldest first: of this listing and of any before."""
    mark = _columns.verdict["hash"].as_string()
    hers = conn.execute(
        select(_columns.id, mark.label("mark"))
        .where(
            _columns.seller_id == row.seller_id,
            _columns.id != row.id,
            _columns.kind == "photo",
            _columns.status == "ready",
            *only,
        )
        .order_by(_columns.id)
    )
    return {each.id: each.mark for each in hers if each.mark}


def _take_back(conn: Connection, shop: Workshop, kept: Kept) -> None:
    """She erased the photo meanwhile: its pictures go too, unless another photo has the same."""
    for sha256, _made in kept.values():
        if not in_use(conn, sha256):
            shop.store.delete(sha256)

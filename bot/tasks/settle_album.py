"""Photos that came together are answered together, once all are judged; a note when it is written down.

Of a note that a person is still to write down the talk hears at most twice: that a machine could not
(`desk`), and the one advice about its sound (`advise`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from bot import jobs
from bot.messages import Inbound
from bot.receive import receive
from bot.tasks.workshop import Workshop
from models import Media, Message
from models.database import reading, writing

_media = Media.__table__
_columns = _media.c
PENDING = ("waiting", "stored")
SETTLED = ("ready", "refused", "failed")
NEWS = ("desk", "advise")
_message = Message.__table__
_WITH_ADDRESS = select(
    *(_columns.id, _columns.seller_id, _columns.transcript, _columns.verdict),
    *(_message.c.channel, _message.c.address),
).join(_message, _message.c.id == _columns.message_id)


def settle_soon(conn: Connection, shop: Workshop, media_id: int) -> None:
    """Put the job that tells of this attachment, some seconds after its seller's last photo."""
    seller_id = conn.scalar(select(_columns.seller_id).where(_columns.id == media_id))
    last = conn.scalar(
        select(func.max(_columns.created_at)).where(_columns.seller_id == seller_id, _columns.kind == "photo")
    )
    now = shop.clock()
    settled = (last or now) + timedelta(seconds=shop.settings.album_settle_s)
    jobs.put(
        conn,
        "settle_album",
        {"seller_id": seller_id},
        now=now,
        run_at=max(now, settled),
        unique_key=f"album:{seller_id}",
    )


def run(shop: Workshop, job: jobs.Job) -> None:
    """Tell the talk once of all settled photos; while one is still on its way, wait for its own call."""
    seller_id = job.payload["seller_id"]
    with reading(shop.db) as conn:
        voices = _settled(conn, seller_id, "voice")
        unheard = _with_news(conn, seller_id)
        photos = [] if _pending(conn, seller_id) else _settled(conn, seller_id, "photo")
    for row in unheard:
        for news in NEWS:
            if row.verdict.get(news):
                _tell(shop, f"{news}:{row.id}", [row], news=news)
    for voice in voices:
        _tell(shop, f"voice:{voice.id}", [voice], voice.transcript or "")
    if photos:
        _tell(shop, f"album:{photos[0].id}-{photos[-1].id}", photos)
    with writing(shop.db) as conn:
        told = [row.id for row in (*voices, *photos)]
        if photos:
            jobs.cancel(conn, f"looking:{seller_id}")
        conn.execute(
            update(_media)
            .where(_columns.id.in_(told), _columns.delivered_at.is_(None))
            .values(delivered_at=shop.clock())
        )
        for row in unheard:
            told_of = {key: value for key, value in row.verdict.items() if key not in NEWS}
            same = (_columns.id == row.id, _columns.status == "stored")
            conn.execute(update(_media).where(*same).values(verdict=told_of))
        jobs.finish(conn, job)


def _pending(conn: Connection, seller_id: int) -> bool:
    return bool(
        conn.scalar(
            select(func.count()).where(
                _columns.seller_id == seller_id, _columns.kind == "photo", _columns.status.in_(PENDING)
            )
        )
    )


def _with_news(conn: Connection, seller_id: int) -> list[Row[*tuple[Any, ...]]]:
    """Notes that wait for a person, of which there is something to say."""
    waiting = (
        _columns.seller_id == seller_id,
        _columns.kind == "voice",
        _columns.status == "stored",
        _columns.verdict.is_not(None),
    )
    rows = conn.execute(_WITH_ADDRESS.where(*waiting).order_by(_columns.id)).all()
    return [row for row in rows if any(row.verdict.get(news) for news in NEWS)]


def _settled(conn: Connection, seller_id: int, kind: str) -> Sequence[Row[*tuple[Any, ...]]]:
    return conn.execute(
        _WITH_ADDRESS.where(
            _columns.seller_id == seller_id,
            _columns.kind == kind,
            _columns.status.in_(SETTLED),
            _columns.delivered_at.is_(None),
        ).order_by(_columns.id)
    ).all()


def _tell(
    shop: Workshop,
    name: str,
    media: Sequence[Row[*tuple[Any, ...]]],
    text: str = "",
    news: str | None = None,
) -> None:
    """Through the one door; told twice after a crash, it is a repeat there and changes nothing."""
    now = shop.clock()
    inbound = Inbound(
        channel=media[-1].channel,
        address=media[-1].address,
        provider_id=name,
        kind="media_ready",
        received_at=now,
        text=text,
        payload=news,
        media_ids=tuple(row.id for row in media),
        seller_id=media[-1].seller_id,
    )
    receive(shop.db, shop.talk, inbound, now)

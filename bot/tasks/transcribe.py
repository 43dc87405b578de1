"""Hear one stored voice note. With TRANSCRIBER=desk a person writes down what she said; we only judge it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Update, select, update

from bot import jobs
from bot.media.audio import probe
from bot.tasks.settle_album import settle_soon
from bot.tasks.workshop import Workshop
from models import Media, Transcription
from models.database import reading, writing

_media = Media.__table__
_columns = _media.c


def run(shop: Workshop, job: jobs.Job) -> None:
    """Keep length and verdict; a note that nobody could write down is refused, and she is told."""
    media_id = job.payload["media_id"]
    waiting = (_columns.id == media_id, _columns.status == "stored")
    with reading(shop.db) as conn:
        sha256 = conn.scalar(select(_columns.sha256).where(*waiting))
    values = _judged(shop, sha256) if sha256 else {}
    with writing(shop.db) as conn:
        marked = bool(values) and conn.execute(update(_media).where(*waiting).values(**values)).rowcount == 1
        if marked and "status" in values:
            settle_soon(conn, shop, media_id)
        jobs.finish(conn, job)


def submit(shop: Workshop, media_id: int, text: str, by: str) -> None:
    """A transcript came: it is told to the talk as her words. `by` is a person or a model.

    The words and the job that tells them are one transaction; given twice, the first ones stand.
    """
    with writing(shop.db) as conn:
        untold = update(_media).where(
            _columns.id == media_id, _columns.transcript.is_(None), _columns.status.not_in(("held", "erased"))
        )
        if conn.execute(untold.values(transcript=text, transcribed_by=by, status="ready")).rowcount:
            conn.execute(_closed(media_id, "done", shop))
            settle_soon(conn, shop, media_id)


def cannot_hear(shop: Workshop, media_id: int, by: str) -> None:
    """Nobody can write it down: the note is refused as unreadable, and she is asked to say it again."""
    unheard = (_columns.id == media_id, _columns.status == "stored", _columns.transcript.is_(None))
    with writing(shop.db) as conn:
        row = conn.execute(select(_columns.verdict).where(*unheard)).first()
        if row is None:
            return
        problems = (row.verdict or {}).get("problems") or []
        verdict = (row.verdict or {}) | {"problems": [*problems, *{"unreadable"}.difference(problems)]}
        refused = update(_media).where(*unheard)
        if conn.execute(refused.values(status="refused", verdict=verdict)).rowcount:
            conn.execute(_closed(media_id, "cannot_hear", shop).values(claimed_by=by))
            settle_soon(conn, shop, media_id)


def _closed(media_id: int, status: str, shop: Workshop) -> Update:
    waiting = (Transcription.media_id == media_id, Transcription.status == "waiting")
    return update(Transcription).where(*waiting).values(status=status, done_at=shop.clock())


def _judged(shop: Workshop, sha256: str) -> dict[str, Any]:
    try:
        heard = probe(shop.store.read(sha256))
    except FileNotFoundError:
        return {"status": "failed"}
    values: dict[str, Any] = {"seconds": heard.seconds, "verdict": heard.as_json()}
    return values | {"status": "refused"} if heard.verdict == "refuse" else values

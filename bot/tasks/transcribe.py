"""Hear one stored voice note: it is judged, and a machine or a person at the desk writes it down."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot import jobs
from bot.channels.twilio_inbound import MAX_TEXT, clean
from bot.language.private_numbers import without_private_numbers
from bot.media.speech_copy import is_kept, keep_copy
from bot.speech.hearing import Heard
from bot.speech.recogniser import Machine, machine
from bot.tasks.listen import Found, Waiting, listen, unheard
from bot.tasks.settle_album import settle_soon
from bot.tasks.workshop import Workshop
from models import Conversation, Media, Message, Transcription
from models.database import reading, writing

BUSY_S = 1
_media, _desk = Media.__table__, Transcription.__table__
_columns = _media.c
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_WAITING = (
    select(_columns.id, _columns.sha256, _columns.asks, _columns.created_at, Conversation.state, Message.body)
    .join(Message, Message.id == _columns.message_id)
    .outerjoin(Conversation, Conversation.seller_id == _columns.seller_id)
    .where(_columns.id == bindparam("media_id"), _columns.status == "stored")
)


def run(shop: Workshop, job: jobs.Job) -> None:
    """Keep length, verdict and words; a note that nobody could write down is refused, and she is told."""
    by = machine(shop.settings)
    with by.place() if by else nullcontext(True) as free:
        if free:
            _hear(shop, job, by)
            return
    # Put anew and not failed: how long others take is no fault of this note.
    now = shop.clock()
    with writing(shop.db) as conn:
        jobs.put(conn, "transcribe", job.payload, now=now, run_at=now + timedelta(seconds=BUSY_S))
        jobs.finish(conn, job)


def submit(shop: Workshop, media_id: int, text: str, by: str, confidence: float | None = None) -> None:
    """A transcript came: it is told to the talk as her words. `by` is a person or a machine.

    The words, the end of the desk's work and the job that tells the talk are one transaction. Given twice,
    or after `cannot_hear`, what came first stands.
    """
    with writing(shop.db) as conn:
        _write_down(conn, shop, media_id, Heard(text, confidence, by))


def cannot_hear(shop: Workshop, media_id: int, by: str) -> None:
    """Nobody can make it out, says the person `by`: it is refused and she is told; words that came stand."""
    with writing(shop.db) as conn:
        verdict = _open_verdict(conn, media_id)
        if verdict is None:
            return
        problems = list(dict.fromkeys([*verdict.get("problems", []), "unreadable"]))
        refused = {"verdict": verdict | {"verdict": "refuse", "problems": problems}, "status": "refused"}
        conn.execute(update(_media).where(_columns.id == media_id).values(**refused))
        _end(conn, shop, media_id, status="cannot_hear", claimed_by=by[:64])


def _hear(shop: Workshop, job: jobs.Job, by: Machine | None) -> None:
    note = _waiting(shop, job.payload["media_id"])
    found = listen(shop, job, note, by) if note else None
    if note and found and found.desk and note.practice:
        found = unheard(shop, found)
    with writing(shop.db) as conn:
        if note and found:
            _keep(conn, shop, note, found)
        jobs.finish(conn, job)


def _waiting(shop: Workshop, media_id: int) -> Waiting | None:
    with reading(shop.db) as conn:
        row = conn.execute(_WAITING, {"media_id": media_id}).one_or_none()
    if row is None:
        return None
    state = row.state or {}
    language = state.get("slots", {}).get("language") or state.get("language_heard") or "hi"
    return Waiting(row.id, row.sha256, row.asks, row.created_at, language, bool(row.body.get("practice")))


def _keep(conn: Connection, shop: Workshop, note: Waiting, found: Found) -> None:
    """Write down all that was found, unless she took the note back meanwhile or a person was faster."""
    still = (_columns.id == note.id, _columns.status == "stored")
    if not conn.execute(update(_media).where(*still).values(**found.values)).rowcount:
        if found.copy and not is_kept(conn, found.copy):
            shop.store.delete(found.copy)
        return
    if found.heard:
        _write_down(conn, shop, note.id, found.heard)
        return
    if found.copy:
        keep_copy(conn, note.sha256, found.copy, shop.clock())
    if found.desk:
        _to_desk(conn, note)
    verdict = found.values.get("verdict", {})
    if "status" in found.values or verdict.get("advise") or verdict.get("desk"):
        settle_soon(conn, shop, note.id)


def _to_desk(conn: Connection, note: Waiting) -> None:
    work = {
        "media_id": note.id,
        "language": note.language,
        "status": "waiting",
        "created_at": note.created_at,
    }
    conn.execute(_INSERT[conn.dialect.name](_desk).values(work).on_conflict_do_nothing())


def _write_down(conn: Connection, shop: Workshop, media_id: int, heard: Heard) -> None:
    verdict = _open_verdict(conn, media_id)
    if verdict is None:
        return
    values: dict[str, Any] = {
        "transcript": without_private_numbers(clean(heard.text, MAX_TEXT)),
        "transcribed_by": heard.by[:64],
        "status": "ready",
    }
    if heard.confidence is not None:
        values["verdict"] = verdict | {"confidence": heard.confidence}
    conn.execute(update(_media).where(_columns.id == media_id).values(**values))
    _end(conn, shop, media_id, status="done")


def _open_verdict(conn: Connection, media_id: int) -> dict[str, Any] | None:
    """The verdict of a note that still waits for its words, and that is ours until the commit; else None."""
    open_note = select(_columns.verdict).where(_columns.id == media_id, _columns.status == "stored")
    row = conn.execute(open_note.with_for_update()).one_or_none()
    return None if row is None else row.verdict or {}


def _end(conn: Connection, shop: Workshop, media_id: int, **values: Any) -> None:
    """End the desk's work, if the desk had the note, and have her told."""
    work = update(_desk).where(_desk.c.media_id == media_id)
    conn.execute(work.values(done_at=shop.clock(), **values))
    settle_soon(conn, shop, media_id)

"""Hand one message of the outbox to its provider: once, in order per person, and never after a stop.

A voice bubble gets its prompt first. One without a prompt ends here: its words stand in the next bubble.
"""

from __future__ import annotations

from dataclasses import replace

import structlog
from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from bot import jobs, metrics
from bot.channels import Channel, SendError
from bot.hours import by_day, may_write
from bot.messages import Outbound
from bot.tasks import next_step, outbox, pictures
from bot.tasks.outbox import Letter
from bot.tasks.workshop import Workshop
from models import Message
from models.database import reading, writing

log = structlog.get_logger(__name__)
OPEN = ("queued", "sending", "dead")
"""States from which a message may go; `dead` is one that was given up and is tried again by hand."""


def run(shop: Workshop, job: jobs.Job) -> None:
    """Mark it `sending`, send it, keep the provider's id. One found `sending` is looked up first."""
    letter = _take(shop, job)
    if letter is not None and letter.kind == "voice":
        letter = _voiced(shop, job, letter)
    if letter is None:
        return
    out = outbox.outbound(letter, shop.settings, pictures.made_ready(shop, letter.body.get("image")))
    channel = shop.channels[letter.channel]
    try:
        sid = None if letter.status == "queued" else _already_taken(shop, channel, letter, out)
        if sid is None:
            with reading(shop.db) as conn:
                stored = outbox.template(conn, letter, out)
            sid = channel.send(out, stored)
    except SendError as error:
        _not_taken(shop, job, letter, error)
        return
    try:
        _taken(shop, job, letter, provider_id=sid, error=None)
    except IntegrityError:
        # Another message has this id: no report will be known as its own, but it is not sent again.
        _taken(shop, job, letter, provider_id=None, error="id-repeated")


def _taken(shop: Workshop, job: jobs.Job, letter: Letter, **values: object) -> None:
    now = shop.clock()
    with writing(shop.db) as conn:
        _mark(conn, letter.id, status="sent", sent_at=now, **values)
        if outbox.kept_by_rules(shop.channels[letter.channel]):
            next_step.look_after(conn, letter, now)
        jobs.finish(conn, job)


def _take(shop: Workshop, job: jobs.Job, prompt: str | None = None) -> Letter | None:
    """The message, marked `sending` on disk before anything leaves; None when there is nothing to send.

    A voice bubble is marked only with its `prompt`: until then nothing of it can have left.
    """
    with writing(shop.db) as conn:
        letter = outbox.load(conn, job.payload["message_id"])
        if letter is None or letter.status not in OPEN or letter.provider_id:
            jobs.finish(conn, job)
            return None
        if _waits_for_morning(shop, conn, job, letter):
            return None
        waited = job.payload.get("waited") and next_step.wrote_after(conn, letter)
        if waited or not letter.may_go or next_step.needless(conn, letter):
            _mark(conn, letter.id, status="cancelled")
            jobs.finish(conn, job)
            return None
        if closed := _closed(shop, letter):
            _mark(conn, letter.id, status="cancelled", error=closed)
            next_step.put(conn, letter.id, letter.seller_id, closed, shop.clock())
            jobs.finish(conn, job)
            return None
        if letter.kind != "voice":
            _mark(conn, letter.id, status="sending")
        elif prompt is not None:
            letter = replace(letter, body=letter.body | {"audio": prompt})
            _mark(conn, letter.id, status="sending", body=letter.body)
    return letter


def _waits_for_morning(shop: Workshop, conn: Connection, job: jobs.Job, letter: Letter) -> bool:
    """Nobody is spoken to first by night: the job comes again by day, and is then told that it waited."""
    now = shop.clock()
    if letter.body.get("class") != "opening" or letter.status != "queued" or may_write(now):
        return False
    jobs.finish(conn, job)
    payload = job.payload | {"seller_id": letter.seller_id, "waited": True}
    # Not with the seller's key: her answers do not wait for the morning.
    key, at = f"opening:{letter.seller_id}", by_day(now, letter.seller_id)
    jobs.put(conn, "send_message", payload, now=now, key=key, run_at=at)
    return True


def _closed(shop: Workshop, letter: Letter) -> str | None:
    """Why this way is closed before anything was tried; None for a letter that may go, or may have gone."""
    ruled = outbox.kept_by_rules(shop.channels[letter.channel])
    if not ruled or letter.status == "sending" or letter.body.get("template"):
        return None
    return letter.closed_by(shop.clock())


def _voiced(shop: Workshop, job: jobs.Job, letter: Letter) -> Letter | None:
    """The voice bubble with its prompt, taken; None when there is none to be had, and then it has ended."""
    from bot.speech.prompts import Part, Unspeakable, prompt  # only here: most sends need no audio code

    body = letter.body
    try:
        parts = [Part(part["utter"], part["variation"], part["text"]) for part in body["speak"]]
        made = prompt(shop.db, shop.store, shop.settings, parts, body["language"], shop.clock())
    except Unspeakable as error:
        reason = error.code
    except Exception as error:
        # It is a help beside the written words: whatever goes wrong with it must not keep them waiting.
        reason = type(error).__name__
        metrics.FAILURES.labels("send_message", reason).inc()
    else:
        return _take(shop, job, made)
    log.warning("voice_left_out", message=letter.id, reason=reason)
    with writing(shop.db) as conn:
        _mark(conn, letter.id, status="cancelled", error=reason)
        jobs.finish(conn, job)
    return None


def _already_taken(shop: Workshop, channel: Channel, letter: Letter, out: Outbound) -> str | None:
    """The id of an earlier attempt that the provider took although we never heard so."""
    found = channel.find_sent(out, letter.created_at)
    if not found:
        return None
    table = Message.__table__.c
    with reading(shop.db) as conn:
        ours = select(table.provider_id).where(table.channel == letter.channel, table.provider_id.in_(found))
        known = set(conn.scalars(ours))
    # The same question may have been asked twice: what belongs to another row is not this one.
    return next((sid for sid in found if sid not in known), None)


def _not_taken(shop: Workshop, job: jobs.Job, letter: Letter, error: SendError) -> None:
    log.warning("message_not_taken", message=letter.id, code=error.code, reason=error.reason)
    if not error.retryable:
        metrics.FAILURES.labels("send_message", error.code).inc()
        with writing(shop.db) as conn:
            _mark(conn, letter.id, status="failed", error=error.code)
            if letter.channel in outbox.CARRIED:
                next_step.put(conn, letter.id, letter.seller_id, error.code, shop.clock())
            jobs.finish(conn, job)
        return
    last = job.attempts >= jobs.MAX_ATTEMPTS
    # Surely refused means it may simply be sent again; otherwise it stays `sending` and is looked up.
    status = "dead" if last else "sending" if error.unknown or letter.status != "queued" else "queued"
    with writing(shop.db) as conn:
        _mark(conn, letter.id, status=status, error=error.code)
    raise jobs.Dead(error.code) if last else jobs.Retry(error.code)


def _mark(conn: Connection, message_id: int, **values: object) -> None:
    table = Message.__table__
    conn.execute(update(table).where(table.c.id == message_id).values(**values))

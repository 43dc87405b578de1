"""The long work on one voice note, outside of any transaction: judge it, let the machine hear it, copy it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from bot import jobs, metrics
from bot.channels.twilio_inbound import MAX_TEXT, clean
from bot.media.audio import examine
from bot.media.speech_copy import copy_of, encode
from bot.media.waveform import Sound
from bot.speech.hearing import Heard, Note, NotHeard
from bot.speech.recogniser import Machine
from bot.tasks.workshop import Workshop
from models.database import reading

TRIES = 3
"""So often a machine may fail in a way that can pass; then a person hears the note, for she waits."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A stored note without its words; `language` is that of the talk. None for practice goes to a person."""

    id: int
    sha256: str
    asks: str | None
    created_at: datetime
    language: str
    practice: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of the note now: `values` of its row, and its words or that the desk must hear it.

    `copy` is a sound made for the desk; it lies in the store and no row tells of it yet.
    """

    values: dict[str, Any]
    heard: Heard | None = None
    desk: bool = False
    copy: str | None = None


def listen(shop: Workshop, job: jobs.Job, note: Waiting, by: Machine | None) -> Found:
    """Find out what can be found out without a person. Raises jobs.Retry while the machine may recover."""
    try:
        probe, sound = examine(shop.store.read(note.sha256))
    except FileNotFoundError:
        return Found({"status": "failed"})
    verdict = probe.as_json()
    values: dict[str, Any] = {"seconds": probe.seconds, "verdict": verdict}
    if probe.verdict == "refuse":
        return Found(values | {"status": "refused"})
    if probe.verdict == "warn":
        verdict["advise"] = True
    if by:
        heard = _heard(by, job, Note(str(note.id), sound, note.language, note.asks))
        if heard:
            return Found(values, heard=heard)
        verdict["desk"] = True
    return Found(values, desk=True, copy=_copy(shop, note.sha256, sound))


def unheard(shop: Workshop, found: Found) -> Found:
    """What no person is to hear: refused, so that she is told to say it again or to write it."""
    if found.copy:
        shop.store.delete(found.copy)
    verdict = found.values.get("verdict", {}) | {"verdict": "refuse", "problems": ["unreadable"]}
    return Found(found.values | {"verdict": verdict, "status": "refused"})


def _heard(by: Machine, job: jobs.Job, note: Note) -> Heard | None:
    """The machine's words; None when it has none."""
    try:
        heard = by.hear(note)
        if clean(heard.text, MAX_TEXT):
            return heard
        reason = "no words"
    except NotHeard as error:
        reason = str(error)
        if error.again and job.attempts < TRIES:
            raise jobs.Retry(reason) from None
    metrics.FAILURES.labels("transcribe", reason).inc()
    log.warning("note_goes_to_the_desk", media=note.id, reason=reason)
    return None


def _copy(shop: Workshop, source: str, sound: Sound) -> str | None:
    """Make and store the desk's copy, unless there is one."""
    with reading(shop.db) as conn:
        if copy_of(conn, source):
            return None
    return shop.store.put(encode(sound))

"""A copy of a voice note for whoever writes it down: any phone plays it, and it is short to fetch."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.media import opus
from bot.media.waveform import Sound
from models import Rendition

BIT_RATE = 24_000
_rendition = Rendition.__table__
_columns = _rendition.c
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def encode(sound: Sound) -> bytes:
    """OGG/Opus, 16 kHz mono, about 3 kB a second."""
    return opus.encode(sound, BIT_RATE)


def copy_of(conn: Connection, source: str) -> str | None:
    """The copy's name in the store, if the note with the SHA-256 `source` has one."""
    made = select(_columns.sha256).where(_columns.source == source, _columns.kind == "speech")
    return conn.scalar(made)


def keep_copy(conn: Connection, source: str, sha256: str, now: datetime) -> None:
    """Note down that the stored bytes `sha256` are the copy of `source`; the first copy stands."""
    row = {"source": source, "kind": "speech", "sha256": sha256, "created_at": now}
    conn.execute(_INSERT[conn.dialect.name](_rendition).values(row).on_conflict_do_nothing())


def is_kept(conn: Connection, sha256: str) -> bool:
    """Do these stored bytes belong to a note that is still here?"""
    return conn.scalar(select(_columns.sha256).where(_columns.sha256 == sha256).limit(1)) is not None

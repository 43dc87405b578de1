"""A copy of a voice note for whoever writes it down: any phone plays it, and it is short to fetch."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any

import av
import numpy as np
from av.audio.stream import AudioStream
from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.media.waveform import RATE, Sound
from models import Rendition

BIT_RATE = 24_000
_rendition = Rendition.__table__
_columns = _rendition.c
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def encode(sound: Sound) -> bytes:
    """OGG/Opus, 16 kHz mono, about 3 kB a second; the same sound gives the same bytes."""
    kept = BytesIO()
    # Without `bitexact` each file gets a random number of its own.
    with av.open(kept, "w", format="ogg", options={"fflags": "+bitexact"}) as out:
        stream = out.add_stream("libopus", rate=RATE, layout="mono", options={"application": "voip"})
        assert isinstance(stream, AudioStream)
        stream.bit_rate = BIT_RATE
        samples = (sound * 32767).astype(np.int16)[None, :]
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.rate = RATE
        for packet in (*stream.encode(frame), *stream.encode(None)):
            out.mux(packet)
    return kept.getvalue()


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

"""What is said on the telephone: prompts one after the other, as WAV at 8 kHz, which every exchange plays."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO

import av
import numpy as np
from sqlalchemy import Engine

from bot.media.audio import decode
from bot.media.store import MediaStore
from bot.media.waveform import RATE, Sound
from bot.settings import Settings
from bot.speech.prompts import Part, made_once, prompt

TELEPHONE_RATE = 8_000


def telephone(
    db: Engine, store: MediaStore, settings: Settings, parts: Sequence[Part], language: str, now: datetime
) -> str:
    """The SHA-256 of the parts said one after the other, made or found in the store; raises Unspeakable.

    Each part is a prompt of its own: what is said in every talk is spoken once, and nothing is cut to fit.
    """
    names = [prompt(db, store, settings, [part], language, now) for part in parts]
    source = hashlib.sha256("\n".join(names).encode()).hexdigest()
    return made_once(db, store, source, "telephone", lambda: _together(store, names), now)


def _together(store: MediaStore, names: Sequence[str]) -> bytes:
    return encode(np.concatenate([decode(store.read(name)) for name in names]))


def encode(sound: Sound) -> bytes:
    """A sound at 16 kHz as WAV, mono, µ-law; the same sound gives the same bytes."""
    frame = av.AudioFrame.from_ndarray(np.clip(sound, -1, 1)[None, :], format="flt", layout="mono")
    frame.sample_rate = RATE
    resampler = av.AudioResampler(format="s16", layout="mono", rate=TELEPHONE_RATE)
    file = BytesIO()
    with av.open(file, "w", format="wav", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("pcm_mulaw", rate=TELEPHONE_RATE, layout="mono")
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return file.getvalue()

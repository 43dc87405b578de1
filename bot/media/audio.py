"""Judge a voice note: can it be opened, is there a voice in it, is it loud and short enough?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from typing import Any, Literal

import av
import numpy as np

from bot.media.sniff import sniff
from bot.media.waveform import FRAME, RATE, Sound, decibels, waveform

CAP_S = 120.0
"""What is longer is heard up to here."""
ACTIVE_DB, QUIET_DB = -50.0, -45.0
CONTAINERS = {
    "audio/ogg": "ogg",
    "audio/amr": "amr",
    "audio/mpeg": "mp3",
    "audio/aac": "aac",
    "audio/wav": "wav",
    "audio/mp4": "mov",
    "audio/webm": "matroska",
}
CODECS = "opus,libopus,vorbis,amrnb,amrwb,libopencore_amrnb,libopencore_amrwb,mp3,mp3float,aac"
CODECS += ",pcm_s16le,pcm_mulaw,pcm_alaw"
"""What phones record, and what telephone exchanges do."""


@dataclass(frozen=True, slots=True)
class Probe:
    """`seconds` heard, at most CAP_S; problems: silent too_quiet clipped too_long unreadable."""

    verdict: Literal["ok", "warn", "refuse"]
    problems: tuple[str, ...]
    seconds: float
    waveform: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The form kept beside the note."""
        return {
            "verdict": self.verdict,
            "problems": list(self.problems),
            "seconds": self.seconds,
            "waveform": list(self.waveform),
        }


UNREADABLE = Probe("refuse", ("unreadable",), 0.0)


def probe(data: bytes) -> Probe:
    """Judge one voice note from its bytes; an unreadable one is a verdict too."""
    return examine(data)[0]


def examine(data: bytes) -> tuple[Probe, Sound]:
    """The verdict with what was heard, at most CAP_S seconds of it; never raises, whatever the bytes are."""
    nothing = np.zeros(0, np.float32)
    try:
        sound = _decode(data)
    except (av.FFmpegError, ValueError, IndexError, MemoryError):
        return UNREADABLE, nothing
    if not sound.size:
        return UNREADABLE, nothing
    problems = ["too_long"] if sound.size > CAP_S * RATE else []
    sound = sound[: int(CAP_S * RATE)]
    problems = _problems(sound) + problems
    verdict: Literal["ok", "warn", "refuse"] = "warn" if problems else "ok"
    if "silent" in problems:
        verdict = "refuse"
    seconds = round(sound.size / RATE, 2)
    return Probe(verdict, tuple(problems), seconds, waveform(sound)), sound


def decode(data: bytes) -> Sound:
    """At most CAP_S seconds at 16 kHz mono, -1 to 1; raises ValueError or av.FFmpegError."""
    return _decode(data)[: int(CAP_S * RATE)]


def _decode(data: bytes) -> Sound:
    """A little more than CAP_S seconds, if there is more."""
    container_format = CONTAINERS.get(sniff(data, "audio/").content_type)
    if container_format is None:
        raise ValueError("not a sound we know")
    parts = list(_parts(data, container_format))
    sound = np.concatenate(parts) if parts else np.zeros(0, np.float32)
    # Damaged bytes decode to anything, also to what is no number.
    return np.clip(np.nan_to_num(sound, copy=False), -1, 1)


def _parts(data: bytes, container_format: str) -> Iterator[Sound]:
    """Decoded pieces until the cap. Only bytes in memory are read: no protocol may open anything else."""
    options = {
        "format_whitelist": container_format if container_format != "mov" else "mov,mp4,m4a,3gp,3g2,mj2",
        "codec_whitelist": CODECS,
        "protocol_whitelist": "none",
    }
    heard = 0
    with av.open(
        BytesIO(data), "r", format=container_format, options=options, metadata_errors="ignore"
    ) as container:
        if not container.streams.audio:
            raise ValueError("no sound in it")
        resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
        # At the end the resampler hands out what it still holds back.
        for frame in chain(container.decode(container.streams.audio[0]), [None]):
            for piece in resampler.resample(frame):
                sound = piece.to_ndarray().ravel().astype(np.float32)
                heard += sound.size
                yield sound
            if heard > CAP_S * RATE:
                return


def _problems(sound: Sound) -> list[str]:
    levels = decibels(sound)
    active = levels[levels > ACTIVE_DB]
    if active.size * FRAME < 0.3 * RATE:
        return ["silent"]
    problems = []
    if float(10 * np.log10(np.mean(10 ** (active / 10)))) < QUIET_DB:
        problems.append("too_quiet")
    if float(np.mean(np.abs(sound) >= 0.99)) > 0.01:
        problems.append("clipped")
    return problems

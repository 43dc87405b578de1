"""Judge a voice note: can it be opened, is there a voice in it, is it loud and short enough?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Literal

import av
import numpy as np

from bot.media.sniff import sniff

CAP_S = 120.0
"""What is longer is heard up to here."""
RATE = 16_000
FRAME = RATE // 50
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

Sound = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class Probe:
    """`seconds` heard, at most CAP_S; problems: silent too_quiet clipped too_long unreadable."""

    verdict: Literal["ok", "warn", "refuse"]
    problems: tuple[str, ...]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The form kept beside the note."""
        return {"verdict": self.verdict, "problems": list(self.problems), "seconds": self.seconds}


def probe(data: bytes) -> Probe:
    """Judge one voice note from its bytes; an unreadable one is a verdict too."""
    try:
        sound = decode(data)
    except (av.FFmpegError, ValueError, IndexError, MemoryError):
        return Probe("refuse", ("unreadable",), 0.0)
    if not sound.size:
        return Probe("refuse", ("unreadable",), 0.0)
    seconds = round(sound.size / RATE, 2)
    problems = _problems(sound)
    if seconds >= CAP_S:
        problems.append("too_long")
    if "silent" in problems:
        return Probe("refuse", tuple(problems), seconds)
    return Probe("warn" if problems else "ok", tuple(problems), seconds)


def decode(data: bytes) -> Sound:
    """At most CAP_S seconds at 16 kHz mono, -1 to 1; raises ValueError or av.FFmpegError."""
    container_format = CONTAINERS.get(sniff(data, "audio/").content_type)
    if container_format is None:
        raise ValueError("not a sound we know")
    parts = list(_parts(data, container_format))
    return np.concatenate(parts)[: int(CAP_S * RATE)] if parts else np.zeros(0, np.float32)


def _parts(data: bytes, container_format: str) -> Iterator[Sound]:
    """Decoded pieces until the cap. Only bytes in memory are read: no protocol may open anything else."""
    options = {
        "format_whitelist": container_format if container_format != "mov" else "mov,mp4,m4a,3gp,3g2,mj2",
        "codec_whitelist": CODECS,
        "protocol_whitelist": "none",
    }
    heard = 0
    with av.open(BytesIO(data), "r", format=container_format, options=options) as container:
        if not container.streams.audio:
            raise ValueError("no sound in it")
        resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
        for frame in container.decode(container.streams.audio[0]):
            for piece in resampler.resample(frame):
                sound = piece.to_ndarray().ravel().astype(np.float32)
                heard += sound.size
                yield sound
            if heard >= CAP_S * RATE:
                return


def _problems(sound: Sound) -> list[str]:
    frames = sound[: sound.size // FRAME * FRAME].reshape(-1, FRAME)
    active = frames[_decibels(frames) > ACTIVE_DB] if frames.size else frames
    if active.shape[0] * FRAME < 0.3 * RATE:
        return ["silent"]
    problems = []
    if float(_decibels(active.reshape(1, -1))[0]) < QUIET_DB:
        problems.append("too_quiet")
    if float(np.mean(np.abs(sound) >= 0.99)) > 0.01:
        problems.append("clipped")
    return problems


def _decibels(frames: Sound) -> Sound:
    power = np.mean(np.square(frames), axis=1)
    decibels: Sound = 10 * np.log10(np.maximum(power, 1e-12))
    return decibels

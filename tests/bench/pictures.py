"""What one photo and one voice note cost a worker: the tests' real files, made as large as they come."""

from __future__ import annotations

import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import av
from av.audio.stream import AudioStream
from PIL import Image

from bot.media.audio import decode
from bot.media.photos import judge

TESTS = Path(__file__).resolve().parent.parent
TWELVE_MEGAPIXELS = (4032, 3024)
NOTE_S = 60
RATE = 16_000


def photo_cpu_ms(rounds: int) -> list[float]:
    """CPU milliseconds to judge a 12-megapixel JPEG, once a round."""
    with Image.open(TESTS / "images" / "bowl.jpg") as image:
        large, kept = image.resize(TWELVE_MEGAPIXELS, Image.Resampling.LANCZOS), BytesIO()
    large.save(kept, "JPEG", quality=90)
    return _timed(rounds, time.process_time, lambda: judge(kept.getvalue()), 1000)


def voice_decode_s(rounds: int) -> list[float]:
    """Seconds to decode a one-minute voice note, once a round."""
    note = _one_minute((TESTS / "audio" / "brass_elephant_hi.ogg").read_bytes())
    return _timed(rounds, time.perf_counter, lambda: decode(note), 1)


def _timed(rounds: int, clock: Callable[[], float], work: Callable[[], object], scale: float) -> list[float]:
    work()
    found = []
    for _ in range(rounds):
        started = clock()
        work()
        found.append((clock() - started) * scale)
    return found


def _one_minute(note: bytes) -> bytes:
    """The note said again and again for a minute, as OGG/Opus."""
    kept = BytesIO()
    with av.open(kept, "w", format="ogg") as out:
        stream = out.add_stream("libopus", rate=RATE, layout="mono")
        assert isinstance(stream, AudioStream)
        said = 0
        while said < NOTE_S * RATE:
            resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
            with av.open(BytesIO(note), "r") as source:
                for frame in source.decode(audio=0):
                    for piece in resampler.resample(frame):
                        piece.pts, said = said, said + piece.samples
                        out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return kept.getvalue()

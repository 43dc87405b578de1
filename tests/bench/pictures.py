"""What one photo and one voice note cost a worker: the tests' real files, made as large as they come.

`python -m tests.bench.pictures FILE` is the process whose memory is measured: it prints CPU and peak.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from PIL import Image

from bot.media.audio import decode
from bot.media.photos import examine

TESTS = Path(__file__).resolve().parent.parent
TWELVE_MEGAPIXELS = (4032, 3024)
GRAIN = 6
NOTE_S = 60
RATE = 16_000


def photo_cost(rounds: int) -> dict[str, list[float]]:
    """CPU milliseconds to judge a 12-megapixel JPEG and make its pictures, and the peak memory in MB of a
    process that does only this: one new process a round, which has done it once before it is timed.
    """
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        file.write(_large_photo())
        file.flush()
        command = [sys.executable, "-m", "tests.bench.pictures", file.name]
        found = [
            json.loads(subprocess.run(command, cwd=TESTS.parent, capture_output=True, check=True).stdout)
            for _ in range(rounds)
        ]
    return {name: [one[name] for one in found] for name in ("cpu_ms", "peak_mb")}


def _large_photo() -> bytes:
    """A photo with grain: smooth parts alone would be decoded too fast."""
    with Image.open(TESTS / "images" / "bowl.jpg") as image:
        large = np.asarray(image.convert("RGB").resize(TWELVE_MEGAPIXELS, Image.Resampling.BICUBIC))
    grain = np.random.default_rng(1).integers(-GRAIN, GRAIN + 1, (*large.shape[:2], 1), dtype=np.int16)
    kept = BytesIO()
    Image.fromarray(np.clip(large + grain, 0, 255).astype(np.uint8)).save(kept, "JPEG", quality=90)
    return kept.getvalue()


def _measured(photo: Path) -> dict[str, float]:
    """CPU of one photo and the most memory this process ever had."""
    cpu_ms = _timed(1, time.process_time, lambda: examine(photo), 1000)[0]
    status = Path("/proc/self/status").read_text()
    peak_kb = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    return {"cpu_ms": cpu_ms, "peak_mb": peak_kb / 1024}


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


if __name__ == "__main__":
    print(json.dumps(_measured(Path(sys.argv[1]))))

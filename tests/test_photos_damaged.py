"""Damaged files by the thousand, and the largest ones together: always a verdict, never much memory."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from bot.media.photos import Judgement, examine, judge
from tests.degraded import encoded, picture

pillow_heif.register_heif_opener()  # only here: to write such files

KINDS = ("JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF")
MOVING = ("GIF", "PNG", "WEBP", "AVIF")


def bowl() -> Image.Image:
    return picture("bowl")


def damaged(good: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, some cut out, some said twice: mostly near the start, where the headers are."""
    data = bytearray(good)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(data)) if chance.random() < 0.5 else chance.randrange(min(600, len(data)))
        kind = chance.random()
        if kind < 0.7:
            data[at] = chance.choice((0, 255, chance.randrange(256)))
        elif kind < 0.85:
            del data[at : at + chance.randint(1, 40)]
        else:
            data[at:at] = data[at : at + chance.randint(1, 40)]
    return bytes(data)


def originals() -> dict[str, bytes]:
    """A small file of every format, still and moving, with metadata and without."""
    small, exif = bowl().resize((330, 224)), Image.Exif()
    exif[0x0112] = 6
    files = {kind: encoded(small, kind) for kind in KINDS}
    files |= {f"{kind} moving": encoded(small, kind, save_all=True, append_images=[small]) for kind in MOVING}
    files["JPEG progressive"] = encoded(small, progressive=True, exif=exif)
    files["JPEG CMYK"] = encoded(small.convert("CMYK"))
    files["PNG palette"] = encoded(small.convert("P"), "PNG")
    files["PNG 16"] = encoded(Image.fromarray(np.asarray(small.convert("L")).astype(np.uint16) * 257), "PNG")
    files["PNG clear"] = encoded(small.convert("RGBA"), "PNG", exif=exif)
    return files


def test_damaged_files_get_a_verdict() -> None:
    """Some hundred damaged files of every format: always a verdict, whatever the decoders raise."""
    chance = random.Random(7)
    for good in originals().values():
        for _ in range(12):
            assert isinstance(examine(damaged(good, chance)).judgement, Judgement)


@pytest.mark.slow
def test_thousands_of_damaged_files() -> None:
    """3,000 damaged files through judgement and pictures: always a verdict, and memory does not grow."""
    chance, most, seen = random.Random(11), 0.0, set()
    files = list(originals().values())
    for count in range(3000):
        found = examine(damaged(files[count % len(files)], chance))
        assert isinstance(found.judgement, Judgement) and (found.shop is None) == (found.thumbnail is None)
        seen.add(found.judgement.problems == ("unreadable",))
        if count == 500:
            most = resident_mb()
    assert seen == {True, False}
    assert resident_mb() < most + 40


TOGETHER = """
import sys, threading
from pathlib import Path
from bot.media.photos import examine
def mb(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))
before = mb("VmRSS")
threads = [threading.Thread(target=examine, args=(Path(name),)) for name in sys.argv[1:] * 2]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(mb("VmHWM") - before, mb("VmRSS") - before)
"""


@pytest.mark.slow
def test_large_photos_that_come_together(tmp_path: Path) -> None:
    """Eight jobs at once with the largest files of four formats: at their peak they take less than 90 MB
    more than a worker at rest, and when they are done nearly nothing of it is kept."""
    large = {"PNG": 12.5, "WEBP": 3.9, "HEIF": 12.5, "AVIF": 5.9}
    names = []
    for kind, megapixels in large.items():
        scale = (megapixels * 1_000_000 / (1478 * 1000)) ** 0.5
        image = bowl().resize((int(1478 * scale), int(1000 * scale)))
        (tmp_path / kind).write_bytes(encoded(image, kind, **({"speed": 10} if kind == "AVIF" else {})))
        names.append(str(tmp_path / kind))
        assert judge(tmp_path / kind).width == image.width and judge(tmp_path / kind).problems == ()
    done = subprocess.run(
        [sys.executable, "-c", TOGETHER, *names], capture_output=True, text=True, check=True
    )
    peak, kept = map(float, done.stdout.split())
    assert peak < 90 and kept < 35


def resident_mb() -> float:
    """Memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6

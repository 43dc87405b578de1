"""Judge a photo: is it safe to open, can a buyer see the piece, was it sent before? Nothing here is a crash.

The limits are measured on real photographs at 1024 px on the long side, as WhatsApp recompresses them.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pillow_heif
from PIL import Image, ImageOps

from bot.media import sharpness
from bot.media.likeness import SAME, distance, likeness

pillow_heif.register_heif_opener()

FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF"]
MAX_PIXELS = 40_000_000
REFUSE_SIDE = 200
"""Below this nothing can be measured."""
SMALL_SIDE = 500
LOOKED_AT = 1024
"""Only what is too small, cannot be opened or is hopelessly blurred is refused; the rest is advice."""

Verdict = Literal["ok", "warn", "refuse"]
Gray = np.ndarray[Any, np.dtype[np.uint8]]


@dataclass(frozen=True, slots=True)
class Judgement:
    """`width` and `height` as seen upright, 0 when unreadable; like photos have like `hash` (16 hex)."""

    verdict: Verdict
    problems: tuple[str, ...]
    width: int
    height: int
    sha256: str
    hash: str = ""

    def as_json(self) -> dict[str, Any]:
        """The form kept beside the photo."""
        return {
            "verdict": self.verdict,
            "problems": list(self.problems),
            "width": self.width,
            "height": self.height,
            "hash": self.hash,
        }


def judge(source: bytes | Path, earlier: Iterable[str] = ()) -> Judgement:
    """Judge one photo; `earlier` are the hashes of her other photos. An unreadable file is a verdict too."""
    data = source if isinstance(source, bytes) else source.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _judge(data, sha256, list(earlier))
    except Exception:  # decoders raise nearly everything on hostile files
        return Judgement("refuse", ("unreadable",), 0, 0, sha256)


def _judge(data: bytes, sha256: str, earlier: list[str]) -> Judgement:
    with Image.open(BytesIO(data), formats=FORMATS) as image:
        width, height = image.size
        if width * height > MAX_PIXELS:
            return Judgement("refuse", ("unreadable",), width, height, sha256)
        if min(width, height) < REFUSE_SIDE:
            return Judgement("refuse", ("too_small",), width, height, sha256)
        animated = getattr(image, "n_frames", 1) > 1 and image.format != "MPO"
        scale = min(1.0, LOOKED_AT / max(width, height))
        image.draft("RGB", (int(width * scale), int(height * scale)))
        seen = ImageOps.exif_transpose(_gray(image))
    if (seen.width > seen.height) != (width > height):  # it was turned upright
        width, height = height, width
    seen.thumbnail((LOOKED_AT, LOOKED_AT), Image.Resampling.BOX)
    mark = likeness(seen)
    problems = ["too_small"] if min(width, height) < SMALL_SIDE else []
    look = np.asarray(seen)
    blur = sharpness.measure(look)
    problems += ["blurred"] if blur.doubtful or blur.hopeless else []
    problems += _light(look)
    problems += ["same"] if any(distance(mark, other) <= SAME for other in earlier) else []
    problems += ["animated"] if animated else []
    refused = blur.hopeless or "too_small" in problems
    verdict: Verdict = "refuse" if refused else "warn" if problems else "ok"
    return Judgement(verdict, tuple(problems), width, height, sha256, mark)


def _gray(image: Image.Image) -> Image.Image:
    """Frame 0 as 8-bit gray on white; 16-bit values are scaled, not clipped."""
    orientation = image.getexif().get(0x0112)
    if image.mode.startswith("I"):
        values = np.asarray(image, dtype=np.float64)
        gray = Image.fromarray((values * (255.0 / max(65535.0, float(values.max())))).astype(np.uint8))
    elif "A" in image.getbands() or "transparency" in image.info:
        layered = image.convert("RGBA")
        gray = Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered).convert("L")
    else:
        gray = image.convert("L")
    if orientation:
        gray.getexif()[0x0112] = orientation
    return gray


def _light(look: Gray) -> list[str]:
    """Dark, overexposed or flat, from the histogram."""
    counts = np.bincount(look.ravel(), minlength=256)
    shares = np.cumsum(counts) / look.size
    p5, p95 = (int(np.searchsorted(shares, share)) for share in (0.05, 0.95))
    mean = float(np.dot(counts, np.arange(256))) / look.size
    problems = []
    if mean < 70 and p95 < 150:
        problems.append("dark")
    if counts[251:].sum() / look.size > 0.30:
        problems.append("overexposed")
    if p95 - p5 < 80:
        problems.append("flat")
    return problems

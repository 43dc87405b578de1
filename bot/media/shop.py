"""Pictures a shop can show, rebuilt from pixels: nothing of camera, place or hidden file is in them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image

LEAST, MOST = 1000, 1600
"""Sides of the shop picture. A small photo stands in the middle of the white and is not blown up."""
THUMBNAIL = 320
QUALITY = 85
GAIN = 2.0
"""The most that the contrast of a dark or flat photo is raised: what is not there cannot be shown."""
SPILL = 0.005
"""The share of the darkest and of the lightest pixels that may become all black or all white."""


@dataclass(frozen=True, slots=True)
class Made:
    """A JPEG of ours."""

    data: bytes
    width: int
    height: int


def make(picture: Image.Image, problems: Collection[str]) -> tuple[Made, Made]:
    """The shop picture and its thumbnail, both square on white, of an upright RGB photo in sRGB."""
    fitted = _fitted(picture)
    if "dark" in problems or "flat" in problems:
        fitted = _levelled(fitted)
    square = _on_white(fitted)
    small = square.resize((THUMBNAIL, THUMBNAIL), Image.Resampling.BOX)
    return encoded(square), encoded(small)


def encoded(picture: Image.Image) -> Made:
    """As a plain JPEG."""
    out = BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return Made(out.getvalue(), picture.width, picture.height)


def _fitted(picture: Image.Image) -> Image.Image:
    scale = MOST / max(picture.size)
    if scale >= 1:
        return picture
    width, height = (max(1, round(side * scale)) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.HAMMING)


def _on_white(picture: Image.Image) -> Image.Image:
    side = max(LEAST, *picture.size)
    square = Image.new("RGB", (side, side), "white")
    square.paste(picture, ((side - picture.width) // 2, (side - picture.height) // 2))
    return square


def _levelled(picture: Image.Image) -> Image.Image:
    """Light and dark spread towards the whole range, by one rule for all colours, so that none shifts."""
    shares = np.cumsum(picture.convert("L").histogram()) / (picture.width * picture.height)
    low, high = (int(np.searchsorted(shares, share)) for share in (SPILL, 1 - SPILL))
    span = max(1, high - low)
    part = min(1.0, (GAIN - 1) * span / max(1, 255 - span))
    new_low, new_high = low * (1 - part), high + (255 - high) * part
    values = (np.arange(256) - low) * (new_high - new_low) / span + new_low
    return picture.point([int(value) for value in np.clip(values, 0, 255)] * 3)

"""A 64-bit fingerprint that stays nearly the same when a photo is sent again smaller or recompressed."""

from __future__ import annotations

import numpy as np
from PIL import Image

SAME = 8
"""Photos whose fingerprints differ in at most this many bits are the same; others differ in 18 or more."""
SIDE, KEPT = 32, 8
_POINTS = np.arange(SIDE)
_COSINES = np.cos(np.pi / SIDE * (_POINTS[None, :] + 0.5) * _POINTS[:KEPT, None])


def likeness(gray: Image.Image) -> str:
    """16 hex digits: the signs of the lowest frequencies of the picture against their median."""
    small = np.asarray(gray.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.float64)
    waves = (_COSINES @ small @ _COSINES.T).ravel()
    bits = waves > np.median(waves[1:])
    return f"{int.from_bytes(np.packbits(bits).tobytes(), 'big'):016x}"


def distance(one: str, other: str) -> int:
    """How many of the 64 bits differ; 64 when one of them is missing."""
    if len(one) != 16 or len(other) != 16:
        return 64
    return (int(one, 16) ^ int(other, 16)).bit_count()

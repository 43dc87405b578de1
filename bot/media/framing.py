"""How the piece stands in the picture: on a plain ground, before a busy one, or so near that it fills it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

FRAME = 0.12
"""The width of the outer frame, of each side."""
EDGE = 40
"""The least step of gray, both ways together, that the eye takes for an edge."""
FEW = 0.002
"""With fewer edges than this share of the pixels there is nothing to say."""

Bytes = np.ndarray[Any, np.dtype[np.uint8]]


@dataclass(frozen=True, slots=True)
class Framing:
    """The share of the edges that lie in the frame, and how much its colours are those of the middle."""

    outside: float
    alike: float

    @property
    def fills_frame(self) -> bool:
        """The piece goes on over the edges: a near view."""
        return self.outside >= 0.25 and self.alike >= 0.50

    @property
    def busy(self) -> bool:
        """Other things stand around the piece."""
        return self.outside >= 0.10 and not self.fills_frame


def measure(gray: Bytes, colours: Bytes) -> Framing:
    """Of a picture in gray and the same in RGB."""
    height, width = gray.shape
    rows = slice(round(height * FRAME), round(height * (1 - FRAME)))
    columns = slice(round(width * FRAME), round(width * (1 - FRAME)))
    edges = _edges(gray)
    found = edges.sum()
    outside = 1 - edges[rows, columns].sum() / found if found >= FEW * edges.size else 0.0
    return Framing(float(outside), _alike(colours, rows, columns))


def _edges(gray: Bytes) -> np.ndarray[Any, np.dtype[np.bool_]]:
    values = gray.astype(np.int16)
    across = np.abs(values[1:-1, 2:] - values[1:-1, :-2])
    down = np.abs(values[2:, 1:-1] - values[:-2, 1:-1])
    return np.pad(across + down > EDGE, 1)


def _alike(colours: Bytes, rows: slice, columns: slice) -> float:
    """What the frame and the middle have in common, in 512 colours."""
    height, width = colours.shape[:2]
    coarse = (colours >> 5).astype(np.int32)
    kinds = (coarse[..., 0] << 6) | (coarse[..., 1] << 3) | coarse[..., 2]
    middle = kinds[round(height * 0.3) : round(height * 0.7), round(width * 0.3) : round(width * 0.7)]
    all_of_it = np.bincount(kinds.ravel(), minlength=512)
    frame = all_of_it - np.bincount(kinds[rows, columns].ravel(), minlength=512)
    within = np.bincount(middle.ravel(), minlength=512)
    return float(np.minimum(frame / frame.sum(), within / within.sum()).sum())

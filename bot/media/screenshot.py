"""A picture of a phone's screen, or of a page of text, in place of a photo of the piece.

A screen is known by its status bar: a plain strip along the top of a tall picture, with small signs to the
left and to the right and nothing between. Text is known by tiles of one plain ground with many thin strokes
in lines. Neither is ever found on prints, paintings, woven goods, labels or a piece cut out on white.
"""

from __future__ import annotations

from typing import Any

import numpy as np

TALL = 1.6
BAR = 0.08
"""The share of the height in which the status bar lies."""
SAME, MARK = 4, 40
"""Steps of gray: up to here it is the bar's own colour, from here on a sign on it."""
CLEAN = 0.985
TILE = 64
DENSE, DENSE_ON_PLAIN = 0.15, 0.08
"""The share of the tiles that must hold text; less is enough where the rest is as plain as a screen."""

Bytes = np.ndarray[Any, np.dtype[np.uint8]]


def is_screenshot(gray: Bytes) -> bool:
    """Of a gray picture of at most about 1024 px on its long side."""
    return _has_status_bar(gray) or _is_text(gray)


def _has_status_bar(gray: Bytes) -> bool:
    height, width = gray.shape
    if height < TALL * width:
        return False
    top = gray[: int(BAR * height)].astype(np.int16)
    ground = int(np.median(top[: max(2, height // 85)]))
    away = np.abs(top - ground)
    clean = (away <= SAME).mean(axis=1) > CLEAN
    first = int(np.argmin(clean))
    if clean.all() or not 1 <= first <= 0.045 * height:
        return False
    rest = clean[first:]
    tall = int(np.argmax(rest))
    if not rest.any() or not 0.006 * height <= tall <= 0.035 * height:
        return False
    signs = away[first : first + tall] > MARK
    left, middle, right = (
        signs[:, int(start * width) : int(end * width)].mean()
        for start, end in ((0, 0.36), (0.40, 0.60), (0.64, 1))
    )
    return bool(min(left, right) > 0.01 and middle < 0.002)


def _is_text(gray: Bytes) -> bool:
    height, width = (side // TILE * TILE for side in gray.shape)
    tiles = gray[:height, :width].reshape(height // TILE, TILE, width // TILE, TILE).swapaxes(1, 2)
    share = float(_text_tiles(tiles.reshape(-1, TILE, TILE).astype(np.int16)).mean())
    return share >= DENSE or (share >= DENSE_ON_PLAIN and _is_plain(gray))


def _text_tiles(tiles: np.ndarray[Any, np.dtype[np.int16]]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which tiles hold lines of text: much plain ground, little ink, many strokes a row, rows without any."""
    low, ground, high = np.percentile(tiles[:, ::4, ::4], (3, 50, 97), axis=(1, 2))[..., None, None]
    dark_ink = ground - low > high - ground
    contrast = np.where(dark_ink, ground - low, high - ground)
    from_ground = np.where(dark_ink, ground - tiles, tiles - ground)
    ink = from_ground > contrast / 2
    share = ink.mean(axis=(1, 2))
    plain = (np.abs(tiles - ground) < 0.18 * contrast).mean(axis=(1, 2))
    strokes = (ink[:, :, 1:] != ink[:, :, :-1]).mean(axis=(1, 2)) * TILE
    gaps = (ink.mean(axis=2) < 0.01).mean(axis=1)
    found: np.ndarray[Any, np.dtype[np.bool_]] = (
        (contrast[:, 0, 0] >= 25)
        & (share > 0.04)
        & (share < 0.35)
        & (plain > 0.5)
        & (strokes > 2.5)
        & (gaps > 0.15)
    )
    return found


def _is_plain(gray: Bytes) -> bool:
    """Nearly everything is either quite without change or an edge: no light falls on this."""
    height, width = (side // 8 * 8 for side in gray.shape)
    parts = gray[:height, :width].reshape(height // 8, 8, width // 8, 8)
    change = parts.max(axis=(1, 3)).astype(np.int16) - parts.min(axis=(1, 3))
    still, between = (change <= 3).mean(), ((change > 3) & (change < 60)).mean()
    return bool(still >= 0.45 and between < 0.25)

"""A picture of a phone's screen, or of a page of text, in place of a photo of the piece.

A screen is known by its status bar: a plain strip along the top of a tall picture, with small signs to the
left and to the right and nothing between. Text is known by many thin strokes on a plain ground, in lines that
go on and strokes that do not repeat: prints and weaves repeat, and drawings, stones and labels have no lines
that go on for long.
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
DENSE = 0.10
"""The share of the tiles that must hold text."""

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]
Floats = np.ndarray[Any, np.dtype[np.float64]]


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
    height, width = (side // TILE for side in gray.shape)
    if width < 2:
        return False
    parts = gray[: height * TILE, : width * TILE].reshape(height, TILE, width, TILE).swapaxes(1, 2)
    ink, found = _strokes(parts.reshape(-1, TILE, TILE).astype(np.int16))
    rows = _even(ink.mean(axis=2)).reshape(height, width, TILE)
    columns = _even(ink.mean(axis=1)).reshape(height, width, TILE)
    found = found.reshape(height, width)
    pairs = found[:, :-1] & found[:, 1:] & _go_on(rows) & ~_repeat(columns)
    text = np.pad(pairs, ((0, 0), (1, 0))) | np.pad(pairs, ((0, 0), (0, 1)))
    return bool(text.mean() >= DENSE)


def _strokes(tiles: np.ndarray[Any, np.dtype[np.int16]]) -> tuple[Mask, Mask]:
    """Where the ink is, and which tiles have much plain ground, many strokes a row, and rows without any."""
    low, ground, high = np.percentile(tiles[:, ::4, ::4], (3, 50, 97), axis=(1, 2))[..., None, None]
    dark_ink = ground - low > high - ground
    contrast = np.where(dark_ink, ground - low, high - ground)
    from_ground = np.where(dark_ink, ground - tiles, tiles - ground)
    ink = from_ground > contrast / 2
    share = ink.mean(axis=(1, 2))
    plain = (np.abs(tiles - ground) < 0.18 * contrast).mean(axis=(1, 2))
    strokes = (ink[:, :, 1:] != ink[:, :, :-1]).mean(axis=(1, 2)) * TILE
    gaps = (ink.mean(axis=2) < 0.01).mean(axis=1)
    found = (contrast[:, 0, 0] >= 25) & (share > 0.04) & (share < 0.35) & (plain > 0.5)
    return ink, found & (strokes > 2.5) & (gaps > 0.15)


def _even(profiles: Floats) -> Floats:
    """Without their mean and of length 1, so that the product of two tells how alike they are."""
    centred = profiles - profiles.mean(axis=1, keepdims=True)
    even: Floats = centred / (np.linalg.norm(centred, axis=1, keepdims=True) + 1e-6)
    return even


def _go_on(rows: Floats) -> Mask:
    """Lines go on in the tile to the right, on a page a little aslant too; chance strokes do not."""
    left, right = rows[:, :-1], rows[:, 1:]
    alike = [(left * np.roll(right, slant, axis=2)).sum(axis=2) for slant in (-6, -3, 0, 3, 6)]
    mask: Mask = np.max(alike, axis=0) > 0.5
    return mask


def _repeat(columns: Floats) -> Mask:
    """The tile to the right has the same strokes again, as a print or a weave has, and text never."""
    left, right = np.fft.rfft(columns[:, :-1], axis=2), np.fft.rfft(columns[:, 1:], axis=2)
    mask: Mask = np.fft.irfft(left * np.conj(right), n=TILE, axis=2).max(axis=2) > 0.62
    return mask

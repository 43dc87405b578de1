"""Cut a long sound where nobody speaks: recognisers take less than a minute at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bot.media.waveform import FRAME, RATE, Sound, decibels

SHORTEST = 0.25
"""No piece of a cut sound is shorter than this part of the longest: few words alone are heard badly."""


def pieces(sound: Sound, longest_s: float) -> Iterator[Sound]:
    """The whole sound in pieces of at most `longest_s` (from 1 s), each cut in its longest pause."""
    longest = int(longest_s * RATE)
    shortest = int(SHORTEST * longest)
    while sound.size > longest:
        cut = _cut(sound[: min(longest, sound.size - shortest)], shortest)
        yield sound[:cut]
        sound = sound[cut:]
    yield sound


def _cut(window: Sound, shortest: int) -> int:
    """The sample in the middle of the longest pause after `shortest`; of pauses as long, of the last."""
    first = -(-shortest // FRAME)
    levels = decibels(window)
    # Quiet is what lies nearer to the quietest than to the loudest: noise around her raises both.
    quiet, loud = np.percentile(levels, (10, 90))
    silent = levels[first:] <= (quiet + loud) / 2
    edges = np.flatnonzero(np.diff(np.concatenate(([False], silent, [False])).astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    if not starts.size:
        return window.size
    longest = starts.size - 1 - int(np.argmax((ends - starts)[::-1]))
    return (first + int(starts[longest] + ends[longest]) // 2) * FRAME

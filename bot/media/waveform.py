"""Sound as figures: how loud each moment is, and the bars that a person sees beside a voice note."""

from __future__ import annotations

from typing import Any

import numpy as np

RATE = 16_000
"""Samples a second of every sound in here; a sound is mono, from -1 to 1."""
FRAME = RATE // 50
BARS = 64
FLOOR = 10 ** (-50 / 20)
"""What is below is no bar: the hiss of a silent note must not look like speech."""

Sound = np.ndarray[Any, np.dtype[np.float32]]


def decibels(sound: Sound) -> Sound:
    """The level of each whole frame of 20 ms, in dB below full scale."""
    frames = sound[: sound.size // FRAME * FRAME].reshape(-1, FRAME)
    levels: Sound = 10 * np.log10(np.maximum(np.mean(np.square(frames), axis=1), 1e-12))
    return levels


def waveform(sound: Sound) -> tuple[int, ...]:
    """BARS numbers from 0 to 100, each for an equal part of the sound, beside the loudest part."""
    parts = np.array_split(np.square(sound), BARS)
    levels = [float(np.sqrt(part.mean())) if part.size else 0.0 for part in parts]
    loudest = max(levels)
    return tuple(round(100 * level / loudest) if level >= FLOOR else 0 for level in levels)

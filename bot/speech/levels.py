"""Sounds of different makers made alike: silence cut off, equally loud, joined with short pauses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.media.waveform import FRAME, RATE, Sound

LOUD_DB = -20.0
"""How loud the voice itself is, without its pauses."""
PEAK = 0.9
HEARD_DB = 35.0
"""What lies this far below the loudest moment is room noise and silence."""
BEFORE_S, BETWEEN_S, AFTER_S = 0.2, 0.4, 0.2
"""Phones swallow the first moment of a note; between two sentences people take a breath."""


def alike(sound: Sound) -> Sound:
    """The sound from its first to its last word, as loud as all others; empty if there is none in it."""
    frames = sound[: sound.size // FRAME * FRAME].reshape(-1, FRAME)
    power = np.mean(np.square(frames), axis=1)
    if not power.size or power.max() < 1e-9:
        return np.zeros(0, np.float32)
    voiced = np.flatnonzero(power > power.max() * 10 ** (-HEARD_DB / 10))
    gain = 10 ** (LOUD_DB / 20) / np.sqrt(power[voiced].mean())
    # A click louder than all words must not keep the words low.
    highest = float(np.quantile(np.abs(frames), 0.9995)) or 1.0
    heard = frames[max(voiced[0] - 1, 0) : voiced[-1] + 3].ravel()
    levelled: Sound = np.clip(heard * min(gain, PEAK / highest), -PEAK, PEAK).astype(np.float32)
    return levelled


def joined(sounds: Sequence[Sound]) -> Sound:
    """One after the other, with pauses before, between and after them."""
    pieces = [_silence(BEFORE_S)]
    for place, sound in enumerate(sounds):
        pieces += [_silence(BETWEEN_S), sound] if place else [sound]
    return np.concatenate([*pieces, _silence(AFTER_S)])


def _silence(seconds: float) -> Sound:
    return np.zeros(int(seconds * RATE), np.float32)

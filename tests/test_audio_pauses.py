"""A long note is cut where she breathes, and no sample of it is lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.media.pauses import SHORTEST, pieces
from bot.media.waveform import RATE, Sound


def sounding(seconds: float) -> Sound:
    """A voice-like hum without a pause."""
    moments = np.arange(int(seconds * RATE)) / RATE
    return (0.2 * np.sin(2 * np.pi * 180 * moments)).astype(np.float32)


def hush(seconds: float, level: float = 0.001) -> Sound:
    """A pause with the hiss of a phone in it."""
    return (np.random.default_rng(5).standard_normal(int(seconds * RATE)) * level).astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.05, 6), st.floats(0, 2)), max_size=12),
    st.floats(1, 10),
)
def test_nothing_is_lost(said: list[tuple[float, float]], longest_s: float) -> None:
    """Joined again the pieces are the sound; none is too long, and where it is cut none is very short."""
    parts = [part for voice, pause in said for part in (sounding(voice), hush(pause))]
    sound = np.concatenate([*parts, np.zeros(0, np.float32)])
    cut = list(pieces(sound, longest_s))
    assert np.array_equal(np.concatenate(cut), sound)
    assert all(piece.size <= longest_s * RATE for piece in cut)
    assert len(cut) == 1 or all(piece.size >= int(SHORTEST * longest_s * RATE) for piece in cut)


def test_a_short_note_stays_whole() -> None:
    """What fits is not cut."""
    sound = np.concatenate([sounding(3), hush(1), sounding(3)])
    [whole] = pieces(sound, 7)
    assert np.array_equal(whole, sound)


@pytest.mark.parametrize("level", [0.0, 0.001, 0.02])
def test_in_the_middle_of_the_longest_pause(level: float) -> None:
    """Of three pauses the longest is taken, in silence and in noise."""
    sound = np.concatenate(
        [
            sounding(3),
            hush(0.4, level),
            sounding(2),
            hush(1.0, level),
            sounding(2),
            hush(0.4, level),
            sounding(4),
        ]
    )
    first, second = pieces(sound, 10)
    assert first.size / RATE == pytest.approx(3 + 0.4 + 2 + 0.5, abs=0.05)


def test_of_equal_pauses_the_last() -> None:
    """Fewer pieces are better heard than many."""
    said = [part for _ in range(20) for part in (sounding(1.5), hush(0.5))]
    cut = [piece.size / RATE for piece in pieces(np.concatenate(said), 10)]
    assert len(cut) == 5 and min(cut[:-1]) > 7


def test_who_never_breathes_is_cut_all_the_same() -> None:
    """A hum without a pause, and dead silence, come in pieces that fit."""
    for sound in (sounding(30), np.zeros(30 * RATE, np.float32)):
        cut = list(pieces(sound, 10))
        assert (
            sum(piece.size for piece in cut) == sound.size and max(piece.size for piece in cut) <= 10 * RATE
        )

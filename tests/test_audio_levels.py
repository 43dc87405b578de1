"""Levels of a voice note: Hindi speech with known amounts of silence, noise and gain, through Opus."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.media.audio import CAP_S, examine, probe
from bot.media.speech_copy import encode
from bot.media.waveform import BARS, RATE, Sound, decibels, waveform
from tests.spoken import speech

SAID = "ये पीतल का हाथी है, आठ इंच ऊँचा, पाँच नग हैं, दाम पंद्रह सौ रुपये"


def silence(seconds: float) -> Sound:
    return np.zeros(int(seconds * RATE), np.float32)


def noise(seconds: float, level: float) -> Sound:
    """White noise of this level in dB."""
    values = np.random.default_rng(3).standard_normal(int(seconds * RATE)) * 10 ** (level / 20)
    return values.astype(np.float32)


def louder(sound: Sound, gain: float) -> Sound:
    """The sound with this gain in dB, cut at full scale as a microphone cuts it."""
    return np.clip(sound * 10 ** (gain / 20), -1, 1).astype(np.float32)


def heard(*parts: Sound) -> tuple[str, ...]:
    """The problems of these parts, one after the other, in one note."""
    return probe(encode(np.concatenate(parts))).problems


@pytest.mark.parametrize(
    ("gain", "problems"),
    [
        (6, ()),
        (0, ()),
        (-15, ()),
        (-25, ("too_quiet",)),
        (-27, ("too_quiet",)),
        (-40, ("silent",)),
        (20, ("clipped",)),
        (30, ("clipped",)),
    ],
)
def test_how_loud_she_speaks(gain: float, problems: tuple[str, ...]) -> None:
    """Speech of -23 dB is fine 20 dB up or down; below it is too quiet, then nothing; far above it is cut."""
    assert heard(louder(speech(SAID), gain)) == problems


@pytest.mark.parametrize("seconds", [1, 10, 50])
def test_silence_around_her_changes_nothing(seconds: float) -> None:
    """She thinks before she speaks: only where somebody speaks is the level taken."""
    assert heard(silence(seconds), speech(SAID), silence(seconds)) == ()
    assert heard(silence(seconds), louder(speech(SAID), -26), silence(seconds)) == ("too_quiet",)


@pytest.mark.parametrize("level", [-70, -60, -52])
def test_the_hiss_of_a_phone_is_silence(level: float) -> None:
    """Nothing but a quiet hiss is refused as silent, and does not spoil speech above it."""
    assert heard(noise(3, level)) == ("silent",)
    said = speech(SAID)
    assert heard(said + noise(said.size / RATE, level)[: said.size]) == ()


@pytest.mark.parametrize(("seconds", "problems"), [(0.1, ("silent",)), (0.24, ("silent",)), (0.4, ())])
def test_a_click_is_no_voice(seconds: float, problems: tuple[str, ...]) -> None:
    """Less than 0.3 s of sound in a note is silence."""
    said = speech(SAID)[RATE // 2 :][: int(seconds * RATE)]
    assert heard(silence(1), said, silence(1)) == problems


def test_too_long() -> None:
    """What is over two minutes is said, and the first two minutes are heard; two minutes are not too long."""
    said = np.resize(speech(SAID), int(CAP_S * RATE) + 10 * RATE)
    found, sound = examine(encode(said))
    assert (found.verdict, found.problems, found.seconds) == ("warn", ("too_long",), 120.0)
    assert sound.size == CAP_S * RATE
    assert probe(encode(said[: int(CAP_S * RATE) - RATE])).problems == ()


def test_every_problem_is_named() -> None:
    """A note may be too quiet and too long at once."""
    said = louder(np.resize(speech(SAID), 130 * RATE), -26)
    assert heard(said) == ("too_quiet", "too_long")


def test_the_whole_note_is_heard() -> None:
    """Nothing is lost at either end: what was said is there, sample for sample as long."""
    for seconds in (1, 1.01, 7.77):
        said = np.resize(speech(SAID), int(seconds * RATE))
        sound = examine(encode(said))[1]
        assert abs(sound.size - said.size) < RATE // 50


def test_bars_show_where_she_speaks() -> None:
    """The waveform is high where she speaks and zero where she does not, however loud the note is."""
    said = speech(SAID)
    for gain in (0, -20):
        bars = probe(encode(np.concatenate([silence(4), louder(said, gain), silence(4)]))).waveform
        spoken = [index for index, bar in enumerate(bars) if bar]
        whole = 8 + said.size / RATE
        assert len(bars) == BARS and max(bars) == 100
        assert spoken[0] == pytest.approx(4 / whole * BARS, abs=2)
        assert spoken[-1] == pytest.approx((whole - 4) / whole * BARS, abs=4)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2000).flatmap(
        lambda size: st.lists(st.floats(-1, 1, width=32), min_size=size, max_size=size)
    )
)
def test_a_waveform_of_anything(values: list[float]) -> None:
    """Always 64 whole numbers from 0 to 100, also of nothing at all."""
    bars = waveform(np.array(values, np.float32))
    assert len(bars) == BARS and all(isinstance(bar, int) and 0 <= bar <= 100 for bar in bars)


def test_decibels_are_of_full_scale() -> None:
    """A full sine is 3 dB below full scale, a tenth of it 20 dB less, silence the bottom."""
    sine = np.sin(np.arange(RATE) * 2 * np.pi * 200 / RATE).astype(np.float32)
    assert decibels(sine) == pytest.approx(-3.01, abs=0.01)
    assert decibels(sine / 10) == pytest.approx(-23.01, abs=0.01)
    assert decibels(silence(1)) == pytest.approx(-120)


def test_the_desk_s_copy() -> None:
    """OGG/Opus of about 3 kB a second, the same bytes each time; what is in it sounds as loud as before."""
    said = np.resize(speech(SAID), 20 * RATE)
    copy = encode(said)
    assert copy == encode(said) and copy[:4] == b"OggS" and b"OpusHead" in copy[:64]
    assert len(copy) < 20 * 3500
    found, sound = examine(copy)
    assert found.problems == () and found.seconds == pytest.approx(20, abs=0.02)
    loud = [float(np.sqrt(np.mean(np.square(one)))) for one in (said, sound)]
    assert loud[0] == pytest.approx(loud[1], rel=0.1)


def test_the_note_of_the_demo() -> None:
    """The note that all other tests use is a good one."""
    found = probe((Path(__file__).parent / "audio" / "brass_elephant_hi.ogg").read_bytes())
    assert (found.verdict, found.problems) == ("ok", ()) and 5 < found.seconds < 6
    assert found.as_json()["waveform"] == list(found.waveform) and max(found.waveform) == 100

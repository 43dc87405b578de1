"""Recordings: a speaker gets a script, and what she recorded is heard instead of the voice."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bot.media.audio import decode
from bot.media.opus import encode
from bot.settings import ROOT, Settings
from bot.speech.check_recordings import recording_problems
from bot.speech.recordings import wordings
from bot.speech.voices import Part, make, plan, recipe
from tests.open_rooms import loaded_talk

TEXT = "एकर दाम कतका रुपिया रखबो?"
PRICE = Part("utter_ask_price", 0, TEXT)


def tone(hertz: float = 440, seconds: float = 3.0) -> bytes:
    """Somebody's recording: no voice of ours sounds like it."""
    wave = np.sin(np.arange(int(seconds * 16_000)) * hertz * 2 * np.pi / 16_000)
    return encode(wave.astype(np.float32) / 4, 16_000)


def loudest_hertz(sound: bytes) -> float:
    heard = decode(sound)
    return float(np.argmax(np.abs(np.fft.rfft(heard))) / (heard.size / 16_000))


@pytest.fixture
def locales(tmp_path: Path) -> Path:
    """A copy of the locales in which recordings can be put."""
    shutil.copytree(ROOT / "locales", tmp_path / "locales")
    return tmp_path / "locales"


def put(locales: Path, name: str, data: bytes, language: str = "hne") -> None:
    (locales / language / "audio").mkdir(exist_ok=True)
    (locales / language / "audio" / name).write_bytes(data)


def script(*arguments: str) -> str:
    command = [sys.executable, "app.py", "record-script", *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("language", ["hi", "hne"])
def test_the_script_holds_every_wording_that_can_be_recorded(language: str) -> None:
    """All without values, each once under its own file name; at the end it counts those for the machine."""
    said = loaded_talk().library.wordings[language].responses
    fixed = {
        (f"{utter}.{place}.ogg" if place else f"{utter}.ogg"): item.parts[0]
        for utter, variations in said.items()
        for place, item in enumerate(variations)
        if not item.placeholders() - {name for title, _ in item.buttons for name in title[1::2]}
    }
    rows = list(csv.DictReader(io.StringIO(script("--language", language, "--csv"))))
    assert {row["file"]: row["text"] for row in rows} == fixed and len(rows) == len(fixed)
    everything = sum(len(variations) for variations in said.values())
    text = script("--language", language)
    assert all(f". {name}\n" in text for name in fixed)
    assert f"\n{everything - len(fixed)} hold values" in text


def test_a_draft_is_not_recorded_in_another_language() -> None:
    """Halbi says nothing of its own yet: there is nothing to read."""
    assert script("--language", "hlb").startswith("0 wordings")


@pytest.mark.parametrize("voice", ["espeak", "none"])
def test_a_recording_is_heard_instead_of_the_voice(locales: Path, voice: str) -> None:
    """A file at its place is all it takes; of texts in Latin letters too."""
    put(locales, "utter_ask_price.ogg", tone())
    steps = plan([PRICE], "hne", Settings(voice=voice), locales)
    assert loudest_hertz(make(steps)) == pytest.approx(440, abs=1)
    put(locales, "utter_ask_price.1.ogg", tone(330), "hi")
    latin = plan([Part("utter_ask_price", 1, "आप कितने?")], "hi-Latn", Settings(voice=voice), locales)
    assert loudest_hertz(make(latin)) == pytest.approx(330, abs=1)


def test_each_wording_has_its_own_recording(locales: Path) -> None:
    """The first one's recording is not played for the second."""
    put(locales, "utter_ask_price.ogg", tone())
    [step] = plan([Part("utter_ask_price", 1, TEXT)], "hne", Settings(), locales)
    assert step.recorded is None


def test_a_recording_never_stands_for_values(locales: Path) -> None:
    """A price is not silenced by a file that somebody put at the wrong place; `check` names it."""
    put(locales, "utter_price_range.ogg", tone())
    text = "₹200 (दू सौ रुपिया) अउ ₹300 (तीन सौ रुपिया) के बीच समझेंव।"
    [step] = plan([Part("utter_price_range", 0, text)], "hne", Settings(), locales)
    assert step.recorded is None and "तीन सौ" in step.words
    assert recording_problems(locales) == [
        "locales/hne/audio/utter_price_range.ogg: its wording holds values, which a recording cannot say"
    ]


def test_a_recording_of_old_words_is_not_used(locales: Path) -> None:
    """With the script beside it, a recording counts only for the words that were read; `check` names it."""
    put(locales, "utter_ask_price.ogg", tone())
    put(locales, "script.csv", script("--language", "hne", "--csv").replace("\n", "\r\n").encode())
    assert plan([PRICE], "hne", Settings(), locales)[0].recorded and recording_problems(locales) == []
    now = next(each.text for each in wordings(locales, "hne") if each.file == "utter_ask_price.ogg")
    put(
        locales,
        "script.csv",
        f'file,response,text\nutter_ask_price.ogg,utter_ask_price,"{now} अउ?"\n'.encode(),
    )
    assert plan([PRICE], "hne", Settings(), locales)[0].recorded is None
    [problem] = recording_problems(locales)
    assert "utter_ask_price.ogg: its words have changed" in problem


def test_recorded_and_spoken_parts_are_equally_loud(locales: Path) -> None:
    """Her own recording and the voice after it follow each other at one level, with a pause between."""
    put(locales, "utter_ask_price.ogg", tone(seconds=2))
    steps = plan(
        [PRICE, Part("utter_say_price", 0, "₹1,250 (बारा सौ पचास रुपिया)")], "hne", Settings(), locales
    )
    heard = decode(make(steps))
    pause = np.convolve(np.abs(heard), np.ones(3200) / 3200, "same")[24_000:48_000]
    assert pause.min() < 0.002
    split = 24_000 + int(pause.argmin())
    first, second = (level(part) for part in (heard[:split], heard[split:]))
    assert abs(first - second) < 3


def level(sound: np.ndarray) -> float:
    """Decibels of the moments in which something is heard."""
    power = np.mean(np.square(sound[: sound.size // 320 * 320].reshape(-1, 320)), axis=1)
    return float(10 * np.log10(power[power > power.max() / 1000].mean()))


def test_a_new_recording_is_a_new_prompt(locales: Path) -> None:
    """What was made from the old file is not found again."""
    put(locales, "utter_ask_price.ogg", tone(440))
    before = recipe(plan([PRICE], "hne", Settings(), locales), "hne")
    put(locales, "utter_ask_price.ogg", tone(330))
    assert recipe(plan([PRICE], "hne", Settings(), locales), "hne") != before


def test_a_damaged_recording_is_spoken_instead(locales: Path) -> None:
    """She hears the voice, and `check` names the file."""
    put(locales, "utter_ask_price.ogg", b"OggS" + bytes(400))
    heard = decode(make(plan([PRICE], "hne", Settings(), locales)))
    assert 1 < heard.size / 16_000 < 6
    assert recording_problems(locales) == [
        "locales/hne/audio/utter_ask_price.ogg: cannot be heard: not OGG, damaged or silent"
    ]


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("utter_ask_prise.ogg", tone(), "is the recording of no wording"),
        ("utter_ask_price.9.ogg", tone(), "is the recording of no wording"),
        ("utter_ask_price.mp3", b"ID3" + bytes(99), "is the recording of no wording"),
        ("utter_ask_price.ogg", b"ID3" + bytes(99), "cannot be heard"),
        ("utter_ask_price.ogg", encode(np.zeros(32_000, np.float32), 16_000), "cannot be heard"),
        ("utter_ask_price.ogg", tone(seconds=70), "is 70 s long"),
    ],
    ids=["misspelled", "too many", "other ending", "not OGG", "silent", "long"],
)
def test_check_names_what_is_wrong(locales: Path, name: str, data: bytes, problem: str) -> None:
    """Every file in an audio folder is the recording of a wording, and can be heard."""
    put(locales, name, data)
    found = recording_problems(locales)
    assert any(line.startswith(f"locales/hne/audio/{name}: {problem}") for line in found), found


def test_our_own_recordings_are_right() -> None:
    """What is in the repository passes."""
    assert recording_problems(ROOT / "locales") == []

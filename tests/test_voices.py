"""Prompts: from words to a small sound file, whatever happens to the process that speaks."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import av
import espeakng_loader
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from bot.language.spoken import spoken
from bot.media.audio import CAP_S, decode, probe
from bot.media.store import MediaStore
from bot.settings import MissingSetting, Settings
from bot.speech import espeak
from bot.speech.prompts import prompt
from bot.speech.voices import LONGEST_WORDS, Part, Unspeakable, make, plan
from models import Rendition
from models.database import reading
from tests.sample_slots import rendered

ASK = Part("utter_price_range", 0, "₹200 (दो सौ रुपये) से ₹300 (तीन सौ रुपये) के बीच समझा।\nएक पक्का दाम बताइए।")
NOW = datetime(2026, 11, 23, tzinfo=UTC)
DIES_ONCE = """
import os, pathlib, runpy, sys
mark = pathlib.Path(sys.argv[1])
sys.argv = sys.argv[2:]
if not mark.exists():
    mark.touch()
    sys.stdin.buffer.read(20)
    os.kill(os.getpid(), 9)
runpy.run_path(sys.argv[0], run_name="__main__")
"""
HANGS_ONCE = DIES_ONCE.replace("os.kill(os.getpid(), 9)", "__import__('time').sleep(60)")
FROM_ELSEWHERE = """
import runpy, sys
sys.path.insert(0, sys.argv[1])
sys.argv = sys.argv[2:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def spoken_prompt(*parts: Part, language: str = "hi", voice: str = "espeak") -> bytes:
    return make(plan(parts or (ASK,), language, Settings(voice=voice)))


def through(monkeypatch: pytest.MonkeyPatch, code: str, argument: Path) -> None:
    """Let the voice's own program be run by these lines of Python."""
    program = espeak.PROGRAM[-1]
    monkeypatch.setattr(espeak, "PROGRAM", (sys.executable, "-c", code, str(argument), program))


def level(sound: np.ndarray) -> float:
    """Decibels of the moments in which something is heard."""
    power = np.mean(np.square(sound[: sound.size // 320 * 320].reshape(-1, 320)), axis=1)
    return float(10 * np.log10(power[power > power.max() / 1000].mean()))


def test_a_prompt_is_a_small_clear_note() -> None:
    """OGG/Opus, mono; loud, not clipped, about as long as the words need, and few bytes."""
    data = spoken_prompt()
    with av.open(BytesIO(data)) as file:
        [stream] = file.streams
        assert (file.format.name, stream.codec_context.name, stream.channels) == ("ogg", "opus", 1)
    heard = decode(data)
    words = len(spoken(ASK.text, "hi").split())
    assert 0.3 * words < heard.size / 16_000 < 0.9 * words
    assert -22 < level(heard) < -18 and np.abs(heard).max() < 0.99
    assert probe(data).problems == () and len(data) < 30_000


def test_the_same_words_are_the_same_bytes() -> None:
    """Also when several are spoken at the same moment."""
    texts = [Part("utter_x", 0, f"₹{amount} एक नग का") for amount in range(100, 108)]
    alone = [spoken_prompt(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(spoken_prompt, texts)) == alone
    assert len(set(alone)) == len(alone)


@pytest.mark.parametrize("code", [DIES_ONCE, HANGS_ONCE], ids=["dies", "hangs"])
def test_a_voice_that_falls_silent_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str
) -> None:
    """Its process dies in the middle or never answers: the second one speaks, and nothing is missing."""
    whole = spoken_prompt()
    through(monkeypatch, code, tmp_path / "mark")
    if code == HANGS_ONCE:
        monkeypatch.setattr(espeak, "PATIENCE_S", 2.0)
    assert spoken_prompt() == whole
    assert (tmp_path / "mark").exists()


@pytest.mark.parametrize(
    "program",
    [
        ("false",),
        ("/no/such/program",),
        ("echo", "not a sound"),
        ("true",),
        (sys.executable, "-c", "import sys; sys.stdin.read(); sys.exit('espeak-ng did not start')"),
    ],
)
def test_a_voice_that_stays_silent_is_no_prompt(
    monkeypatch: pytest.MonkeyPatch, program: tuple[str, ...]
) -> None:
    """It is asked twice, then its failure has a name."""
    monkeypatch.setattr(espeak, "PROGRAM", program)
    with pytest.raises(Unspeakable, match="voice_failed"):
        spoken_prompt()


def test_a_voice_may_live_at_the_end_of_a_long_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """espeak-ng cuts a long path of its data without a word: the voice must not depend on it."""
    whole = spoken_prompt()
    deep = tmp_path / ("d" * 120) / ("e" * 120)
    shutil.copytree(Path(espeakng_loader.__file__).parent, deep / "espeakng_loader")
    through(monkeypatch, FROM_ELSEWHERE, deep)
    assert spoken_prompt() == whole


def test_no_prompt_is_long() -> None:
    """The voice stops after two minutes; of a long text the first sentences and the last one are said."""
    assert espeak.say("एक दो तीन चार पाँच " * 200).size == CAP_S * 16_000
    text = "टोकरी पाँच नग।\n" * 200 + "बाज़ार में भेज दें?"
    [step] = plan([Part("utter_x", 0, text)], "hi", Settings())
    assert len(step.words) <= LONGEST_WORDS
    assert step.words.startswith("टोकरी पाँच नग।") and step.words.endswith("। बाज़ार में भेज दें?")
    data = make([step])
    assert 60 < decode(data).size / 16_000 <= CAP_S and len(data) < 512 * 1024


@given(st.text(max_size=3000), st.integers(1, 3))
@settings(max_examples=50, deadline=None)
def test_any_text_has_a_plan_or_a_reason(text: str, count: int) -> None:
    """Whatever she wrote that is read back to her: bounded words, or nothing to say."""
    try:
        steps = plan([Part("utter_x", 0, text)] * count, "hi", Settings())
    except Unspeakable as reason:
        assert reason.code == "nothing_to_say" and not spoken(text, "hi")
    else:
        assert 0 < sum(len(step.words) for step in steps) <= LONGEST_WORDS


def test_nothing_to_say() -> None:
    """A bubble of signs alone has no prompt; beside words they are passed over."""
    with pytest.raises(Unspeakable, match="nothing_to_say"):
        spoken_prompt(Part("utter_x", 0, "👍 · !"))
    assert spoken_prompt(Part("utter_x", 0, "👍"), ASK) == spoken_prompt(ASK, Part("utter_x", 0, ""))


def test_without_a_voice_only_recordings_speak() -> None:
    """VOICE=none and nobody recorded it."""
    with pytest.raises(Unspeakable, match="not_recorded"):
        spoken_prompt(voice="none")


def test_an_unknown_voice_is_refused_at_once() -> None:
    """A slip in VOICE is told when the settings are read, not at the first prompt."""
    with pytest.raises(MissingSetting, match="VOICE must be one of espeak, none, not 'espaek'"):
        Settings.from_environment({"VOICE": "espaek"})


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("गाँव मं हँव", "गांव म हौं"),
        ("मैं संगवारी अँव।", "मैं संगवारी औं।"),
        ("मंदिर, पाँव", "मंदिर, पांव"),
        ("समझेंव", "समझेंव"),
    ],
)
def test_the_voice_gets_a_spelling_that_it_reads_rightly(written: str, read: str) -> None:
    """Whole words and endings only: `मं` inside `मंदिर` stays."""
    assert espeak.as_read(written) == read


@pytest.fixture
def keep(db: Engine, tmp_path: Path) -> Callable[..., str]:
    """Make or find a prompt of some parts; the store is a folder of this test."""
    store = MediaStore(f"file://{tmp_path}/media")
    return lambda *parts, language="hi": prompt(db, store, Settings(), parts or (ASK,), language, NOW)


def kept(db: Engine) -> list[str]:
    with reading(db) as conn:
        return list(conn.scalars(select(Rendition.sha256).where(Rendition.kind == "prompt")))


def test_a_prompt_is_made_once(
    keep: Callable[..., str], db: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked for again, it is found, even when the voice could not speak any more."""
    data, first = spoken_prompt(), keep()
    monkeypatch.setattr(espeak, "PROGRAM", ("false",))
    assert keep() == first and kept(db) == [first]
    assert MediaStore(f"file://{tmp_path}/media").read(first) == data


def test_two_at_the_same_moment_make_one(keep: Callable[..., str], db: Engine) -> None:
    """Workers do not know of each other: they end with the same prompt."""
    with ThreadPoolExecutor(4) as pool:
        made = set(pool.map(lambda _: keep(), range(4)))
    assert kept(db) == list(made)


def test_other_words_or_another_language_are_another_prompt(keep: Callable[..., str], db: Engine) -> None:
    """Figures are said in the words of each language."""
    price = Part("utter_x", 0, "₹250")
    made = {keep(price), keep(price, language="hne"), keep(replace(price, text="₹350"))}
    assert len(made) == 3 and sorted(kept(db)) == sorted(made)


def test_lost_bytes_are_made_again(keep: Callable[..., str], db: Engine, tmp_path: Path) -> None:
    """A store that was restored without the prompts fills up again."""
    store = MediaStore(f"file://{tmp_path}/media")
    store.delete(keep())
    assert store.exists(keep()) and len(kept(db)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("language", ["hi", "hne"])
def test_every_response_is_spoken_within_its_limits(language: str) -> None:
    """All that we say, with ordinary values: audible, at most two minutes, and small if it is short."""

    def said(item: tuple[str, int, str]) -> tuple[str, bytes]:
        utter, variation, text = item
        return f"{utter}.{variation}", spoken_prompt(Part(utter, variation, text), language=language)

    with ThreadPoolExecutor(2) as pool:
        prompts = dict(pool.map(said, rendered(language)))
    wrong = {}
    for name, data in prompts.items():
        heard = probe(data)
        allowed = 30_000 if heard.seconds <= 28 else 512 * 1024
        if heard.problems or len(data) > allowed or not -22 < level(decode(data)) < -18:
            wrong[name] = (heard, len(data), level(decode(data)))
    assert wrong == {} and len(prompts) > 200

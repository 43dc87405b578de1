"""Which machine hears, how many notes at once, and when it is left alone."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from bot.settings import MissingSetting, Settings
from bot.speech.hearing import Heard, Note, NotHeard
from bot.speech.recogniser import FAILURES, REST_S, Machine, machine
from bot.speech.sherpa import Sherpa
from tests.tiny_recogniser import make_model, spoken

NOTE = Note("1", np.zeros(16_000, np.float32), "hi")


class Moody:
    """A recogniser that fails while it is told to; counts the notes that it was given."""

    def __init__(self) -> None:
        self.fails = False
        self.asked = 0

    def hear(self, note: Note) -> Heard:
        self.asked += 1
        if self.fails:
            raise NotHeard("no mood", again=True)
        return Heard("हाथी", 0.5, "moody")

    def close(self) -> None:
        """Nothing is open."""


class Timepiece:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def moody() -> Moody:
    return Moody()


@pytest.fixture
def clock() -> Timepiece:
    return Timepiece()


@pytest.fixture
def ears(moody: Moody, clock: Timepiece) -> Machine:
    return Machine(moody, clock=clock)


def fail(ears: Machine, times: int) -> str:
    """Let it fail so often; the last reason."""
    for _ in range(times):
        with pytest.raises(NotHeard) as refusal:
            ears.hear(NOTE)
    return str(refusal.value)


def test_after_many_failures_it_rests(ears: Machine, moody: Moody, clock: Timepiece) -> None:
    """So many in a row, and it is not asked for a while; a rest is no reason to try the note again."""
    moody.fails = True
    assert fail(ears, FAILURES) == "no mood"
    with pytest.raises(NotHeard, match="resting") as refusal:
        ears.hear(NOTE)
    assert not refusal.value.again and moody.asked == FAILURES
    clock.now += REST_S - 1
    assert fail(ears, 1) == "resting"


def test_after_its_rest_one_note_tries(ears: Machine, moody: Moody, clock: Timepiece) -> None:
    """One failure more and it rests again; a success, and it is as good as new."""
    moody.fails = True
    fail(ears, FAILURES)
    clock.now += REST_S
    assert fail(ears, 1) == "no mood" and fail(ears, 1) == "resting"
    clock.now += REST_S
    moody.fails = False
    assert ears.hear(NOTE).text == "हाथी"
    moody.fails = True
    assert fail(ears, FAILURES) == "no mood"


def test_only_failures_in_a_row_count(ears: Machine, moody: Moody) -> None:
    """A success in between starts the count anew."""
    for _ in range(3):
        moody.fails = True
        assert fail(ears, FAILURES - 1) == "no mood"
        moody.fails = False
        ears.hear(NOTE)


def test_nobody_waits_at_the_door(moody: Moody) -> None:
    """As many notes at once as the setting says; the next one is sent away, not made to wait."""
    ears = Machine(moody, at_once=2)
    with ears.place() as first, ears.place() as second, ears.place() as third:
        assert (first, second, third) == (True, True, False)
    with ears.place() as again:
        assert again


def test_two_notes_at_once_are_two_processes(tmp_path: Path) -> None:
    """Two threads hear side by side, each with a process of its own, and both stay for the next notes."""
    ear = Sherpa(make_model(tmp_path / "tiny", "ab "), at_once=2)
    heard: list[str] = []
    notes = [Note(str(number), spoken("ab ba " * 20 + "ab"), "hi") for number in range(2)]
    threads = [threading.Thread(target=lambda one=one: heard.append(ear.hear(one).text)) for one in notes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == ["ab ba " * 20 + "ab"] * 2 and 1 <= len(ear._idle) <= 2
    ear.close()
    assert ear._idle == []


def test_the_desk_is_no_machine() -> None:
    """With TRANSCRIBER=desk people write everything down."""
    assert machine(Settings()) is None


def test_one_machine_a_process(tmp_path: Path) -> None:
    """All threads of a worker share it, its processes and its failures."""
    settings = Settings(transcriber="sherpa", transcriber_model=str(tmp_path / "tiny"))
    assert machine(settings) is machine(
        Settings(transcriber="sherpa", transcriber_model=str(tmp_path / "tiny"))
    )
    service = Settings(transcriber="http", transcriber_url="http://127.0.0.1:9/hear")
    assert machine(service) is not machine(settings)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"TRANSCRIBER": "whisper"}, "desk, sherpa, http"),
        ({"TRANSCRIBER": "sherpa"}, "TRANSCRIBER_MODEL"),
        ({"TRANSCRIBER": "http"}, "TRANSCRIBER_URL"),
        ({"TRANSCRIBER": "http", "TRANSCRIBER_URL": "ftp://x/hear"}, "TRANSCRIBER_URL"),
        ({"TRANSCRIBER_AT_ONCE": "0"}, "TRANSCRIBER_AT_ONCE"),
        ({"TRANSCRIBER_AT_ONCE": "many"}, "TRANSCRIBER_AT_ONCE"),
    ],
)
def test_what_is_missing_is_named_at_the_start(given: dict[str, str], told: str) -> None:
    """A wrong setting ends the start with its name, not the first note."""
    with pytest.raises(MissingSetting, match=told):
        Settings.from_environment(given)


def test_settings_of_a_machine() -> None:
    """The settings as the README has them."""
    given = {"TRANSCRIBER": "http", "TRANSCRIBER_URL": "https://asr.example/hear", "TRANSCRIBER_AT_ONCE": "3"}
    read = Settings.from_environment(given | {"TRANSCRIBER_TOKEN": "t"})
    assert (read.transcriber_url, read.transcriber_token) == ("https://asr.example/hear", "t")
    assert read.transcriber_at_once == 3

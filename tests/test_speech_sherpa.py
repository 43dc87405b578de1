"""sherpa-onnx for real, in its own processes: what it hears, and what it may not cost when it breaks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from bot.media.audio import decode
from bot.media.waveform import RATE, Sound
from bot.speech import sherpa as room
from bot.speech.hearing import Heard, Note, NotHeard
from bot.speech.sherpa import Sherpa
from tests.tiny_recogniser import lonely, make_model, say, spoken, write_model

ROOT = Path(__file__).resolve().parent.parent
ASCII = "".join(map(chr, range(0x20, 0x7F)))
DEVANAGARI = "".join(map(chr, range(0x900, 0x980)))
PRICE = "पंद्रह सौ रुपये"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("models") / "tiny-1", ASCII + DEVANAGARI)


@pytest.fixture(scope="module")
def ear(model: Path) -> Iterator[Sherpa]:
    ear = Sherpa(model)
    yield ear
    ear.close()


@pytest.fixture
def fragile(tmp_path: Path) -> Iterator[Sherpa]:
    """One whose model never ends a loud note."""
    ear = Sherpa(make_model(tmp_path / "hangs", PRICE, hangs=True))
    yield ear
    ear.close()


def note(sound: Sound) -> Note:
    return Note("1", sound, "hi")


def pid_of(ear: Sherpa) -> int:
    """The one process that waits for a note."""
    [process] = ear._idle
    return process._process.pid


def is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_price_is_heard(ear: Sherpa) -> None:
    """Through Opus, PyAV and sherpa-onnx, letter by letter; the folder's name says which model it was."""
    assert ear.hear(note(decode(say(PRICE)))) == Heard(PRICE, None, "sherpa:tiny-1")


@settings(max_examples=25, deadline=None)
@given(st.text(ASCII + DEVANAGARI, max_size=40))
def test_any_text_is_heard(ear: Sherpa, text: str) -> None:
    """Whatever is said of the model's letters is written down so."""
    assert ear.hear(note(decode(say(text)))).text == text.strip()


def test_nothing_is_heard_in_silence(ear: Sherpa) -> None:
    """No words are no failure."""
    assert ear.hear(note(np.zeros(3 * RATE, np.float32))).text == ""


def test_a_long_note_is_cut_and_joined(ear: Sherpa) -> None:
    """More than the model takes at once is cut between two sentences, and comes back as one text."""
    sentences = [f"{number} {PRICE}" for number in range(50)]
    sound = np.concatenate([spoken(text) for text in sentences])
    assert sound.size > 2 * room.LONGEST_S * RATE
    heard = ear.hear(note(sound)).text
    assert heard != "".join(sentences) == heard.replace("रुपये ", "रुपये")


def test_the_model_stays_loaded(ear: Sherpa) -> None:
    """The next note is heard by the same process."""
    ear.hear(note(spoken("a")))
    first = pid_of(ear)
    ear.hear(note(spoken("b")))
    assert pid_of(ear) == first


def test_a_hanging_model_costs_its_note(fragile: Sherpa, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is killed, and the next note has a new process."""
    monkeypatch.setattr(room, "PIECE_S", 1)
    fragile.hear(note(spoken(PRICE)))
    first = pid_of(fragile)
    with pytest.raises(NotHeard, match="took too long"):
        fragile.hear(note(lonely()))
    assert not is_there(first)
    assert fragile.hear(note(spoken(PRICE))).text == PRICE and pid_of(fragile) != first


def test_killed_in_the_middle_of_a_note(fragile: Sherpa) -> None:
    """kill -9 of the process costs the note in hand; the next one is heard."""
    fragile.hear(note(spoken(PRICE)))
    victim = pid_of(fragile)
    threading.Timer(0.3, os.kill, (victim, signal.SIGKILL)).start()
    with pytest.raises(NotHeard, match="died"):
        fragile.hear(note(lonely()))
    assert fragile.hear(note(spoken(PRICE))).text == PRICE


def test_killed_between_two_notes(fragile: Sherpa) -> None:
    """A process that died while it waited costs nothing."""
    fragile.hear(note(spoken(PRICE)))
    victim = pid_of(fragile)
    os.kill(victim, signal.SIGKILL)
    # All of its threads are gone, and it is not fetched yet: that is for the recogniser to find out.
    os.waitid(os.P_PID, victim, os.WEXITED | os.WNOWAIT)
    assert fragile.hear(note(spoken(PRICE))).text == PRICE


def test_the_end_of_the_worker_is_no_end_of_the_note(ear: Sherpa) -> None:
    """SIGTERM goes to the whole service; the worker finishes its note, so its process does too."""
    ear.hear(note(spoken("a")))
    pid = pid_of(ear)
    os.kill(pid, signal.SIGTERM)
    assert ear.hear(note(spoken("b"))).text == "b" and pid_of(ear) == pid


@pytest.mark.parametrize("busy", [False, True])
def test_it_ends_with_its_worker(tmp_path: Path, busy: bool) -> None:
    """kill -9 of the worker leaves no process behind, not even one that hangs."""
    folder = make_model(tmp_path / "hangs", PRICE, hangs=True)
    code = f"""
import sys
from pathlib import Path
from bot.speech import sherpa
from bot.speech.hearing import Note
from tests.tiny_recogniser import lonely, spoken
sherpa.PIECE_S = 2
ear = sherpa.Sherpa(Path({str(folder)!r}))
ear.hear(Note("1", spoken("सौ"), "hi"))
print(ear._idle[0]._process.pid, flush=True)
{"ear.hear(Note('2', lonely(), 'hi'))" if busy else "sys.stdin.read()"}
"""
    command = [sys.executable, "-c", code]
    worker = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with worker:
        assert worker.stdout
        child = int(worker.stdout.readline())
        time.sleep(0.2)
        assert is_there(child)
        worker.kill()
    until = time.monotonic() + 20
    while is_there(child) and time.monotonic() < until:
        time.sleep(0.02)
    assert not is_there(child)


def deadly_tokens(folder: Path) -> None:
    """sherpa-onnx ends its process over these."""
    make_model(folder, "ab")
    (folder / "tokens.txt").write_text("these are no tokens at all\n")


def deadly_shape(folder: Path) -> None:
    """sherpa-onnx reads past the end of these logits."""
    make_model(folder, "ab")
    write_model(folder, [helper.make_node("Identity", ["x"], ["logits"])], {}, [1, "samples"])


def no_model_at_all(folder: Path) -> None:
    make_model(folder, "ab")
    (folder / "model.onnx").write_bytes(b"not a model" * 1000)


def too_hungry(folder: Path) -> None:
    """Wants two gigabytes for any note."""
    make_model(folder, "ab")
    node = helper.make_node
    nodes = [
        node("ConstantOfShape", ["size"], ["zeros"]),
        node("ReduceSum", ["zeros"], ["none"], keepdims=0),
        node("ReduceMax", ["x"], ["peak"], keepdims=0),
        node("Add", ["none", "peak"], ["sum"]),
        node("Expand", ["sum", "shape"], ["logits"]),
    ]
    constants = {"size": np.array([1 << 29], np.int64), "shape": np.array([1, 5, 3], np.int64)}
    write_model(folder, nodes, constants, [1, 5, 3])


@pytest.mark.parametrize("spoil", [deadly_tokens, deadly_shape, no_model_at_all, too_hungry])
def test_a_model_that_ends_its_process(
    tmp_path: Path, spoil: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """We live on, and the note is not heard; once the folder is mended, the next one is."""
    assert callable(spoil)
    monkeypatch.setattr(room, "MEMORY", 1 << 30)
    ear = Sherpa(tmp_path / "model")
    spoil(tmp_path / "model")
    with pytest.raises(NotHeard, match="died"):
        ear.hear(note(spoken("ab")))
    make_model(tmp_path / "model", "ab")
    assert ear.hear(note(spoken("ab"))).text == "ab"
    ear.close()


@pytest.mark.parametrize(
    ("missing", "told"), [("model.onnx", "model"), ("tokens.txt", "tokens.txt"), (".", "model")]
)
def test_files_that_are_missing_are_named(tmp_path: Path, missing: str, told: str) -> None:
    """Without tokens a model loads silently and writes nothing: the files are looked at first."""
    folder = tmp_path / "model"
    if missing != ".":
        make_model(folder, "ab")
        (folder / missing).write_bytes(b"")
        with pytest.raises(NotHeard, match=told):
            Sherpa(folder).hear(note(spoken("ab")))
        (folder / missing).unlink()
    with pytest.raises(NotHeard, match=told) as refusal:
        Sherpa(folder).hear(note(spoken("ab")))
    assert not refusal.value.again

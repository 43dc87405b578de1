"""`app.py desk` as its users have it: a process on a terminal or on pipes, on the service's database."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.meaning import meaning
from bot.desk.note import Note
from bot.desk.player import listenable
from bot.desk.terminal import LEVELS, WIDTH, drawn
from bot.language.score import load
from bot.settings import ROOT
from bot.tasks.workshop import Workshop
from tests.conftest import Clock
from tests.desk_notes import QUESTION, VOICE, note, standing
from tests.open_rooms import job_kinds, loaded_talk, media_row, settings_for, workshop


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return workshop(settings_for(tmp_path))


def environ(shop: Workshop, **more: str) -> dict[str, str]:
    """Where the notes are; no player, unless one is given."""
    where = {"DATABASE_URL": shop.settings.database_url, "MEDIA_URL": shop.settings.media_url}
    home = {"TMPDIR": str(Path(shop.settings.media_url[7:]).parent), "TERM": "dumb", "LANG": "C.UTF-8"}
    return {"PATH": "/nowhere"} | where | home | more


def desk(shop: Workshop, typed: str, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """One sitting of Asha's, over pipes."""
    return subprocess.run(
        [sys.executable, "app.py", "desk", "--by", "asha", *arguments],
        input=typed,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environ(shop, **more),
        timeout=120,
    )


def copies(shop: Workshop) -> list[Path]:
    return list(Path(shop.settings.media_url[7:]).parent.glob("desk-*"))


def transcript(shop: Workshop, media_id: int) -> str | None:
    found: str | None = media_row(shop.db, media_id).transcript
    return found


def test_notes_are_written_down_one_after_the_other(shop: Workshop) -> None:
    """Shown: question, length, loudness, where to listen. Words without a number are sent at once."""
    piece, unheard, skipped = note(shop, asks="product_name"), note(shop), note(shop, "hi")
    done = desk(shop, "बांस के टुकनी\n?\nskip\n")
    assert done.returncode == 0, done.stderr
    first, second, third = done.stdout.split("── ")[1:]
    assert first.startswith(f"note {piece} · hne · 6 s · 0 min old · 3 wait\n{QUESTION}\n[समान के नांव, दाम")
    assert "▁▃█▄" in first and f"{piece}.wav" in first and "समान के नांव: बांस के टुकनी" in first
    assert (transcript(shop, piece), media_row(shop.db, piece).transcribed_by) == ("बांस के टुकनी", "desk:asha")
    assert standing(shop.db, unheard).status == "cannot_hear"
    assert (standing(shop.db, skipped).status, standing(shop.db, skipped).claimed_until) == ("waiting", None)
    assert set(job_kinds(shop.db)) == {"settle_album"} and "1 written down" in done.stderr
    assert copies(shop) == []


def test_a_number_is_read_back_before_it_is_sent(shop: Workshop) -> None:
    """What the bot would take it for is shown; `y` sends it, Enter plays again, other words replace it."""
    right, corrected, left = note(shop), note(shop), note(shop)
    done = desk(shop, "अढ़ाई सौ रुपिया\n\ny\nतीन सौ\nचार सौ\ny\nपाँच सौ\n")
    assert "दाम: ₹250" in done.stdout and "दाम: ₹300" in done.stdout and "दाम: ₹400" in done.stdout
    assert [transcript(shop, each) for each in (right, corrected, left)] == ["अढ़ाई सौ रुपिया", "चार सौ", None]
    assert done.stdout.count("again> listen to") == 1
    assert standing(shop.db, left).claimed_until is None


def test_what_cannot_be_sent_is_typed_again(shop: Workshop) -> None:
    """A stray control character, or far too much, is told and nothing is sent."""
    media_id = note(shop)
    done = desk(shop, f"दू\x07 सौ\n{'क' * 4001}\nहौ\n")
    assert "text: no control characters" in done.stdout and "text of 1 to 4000 letters" in done.stdout
    assert transcript(shop, media_id) == "हौ"


@pytest.mark.slow
def test_a_language_is_chosen(shop: Workshop) -> None:
    """Who does not know Chhattisgarhi is not given it."""
    other, mine = note(shop), note(shop, "hi")
    desk(shop, "हाँ\nहाँ\n", "--language", "hi")
    assert (transcript(shop, other), transcript(shop, mine)) == (None, "हाँ")


def test_a_note_whose_sound_is_gone_says_so(shop: Workshop) -> None:
    """It is shown all the same and may be skipped."""
    media_id = note(shop)
    shop.store.delete(media_row(shop.db, media_id).sha256)
    assert "Its sound is gone." in desk(shop, "skip\n").stdout


@pytest.mark.slow
def test_a_store_that_is_down_ends_the_sitting(shop: Workshop) -> None:
    """With its reason and without a traceback; the note is given back."""
    media_id = note(shop)
    nowhere = {
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }
    done = desk(shop, "हौ\n", MEDIA_URL="s3://bucket/notes", AWS_DEFAULT_REGION="us-east-1", **nowhere)
    assert done.returncode == 1 and done.stderr.splitlines()[-1].startswith("media store: ")
    assert standing(shop.db, media_id).claimed_until is None


def test_scripts_speak_json(shop: Workshop) -> None:
    """A note a line out, its answer in, what became of it out; a wrong line is told and costs nothing."""
    first, second, third, fourth = (note(shop) for _ in range(4))
    answers = [
        {"text": "दू सौ"},
        "no JSON",
        {"text": ""},
        {"cannot_hear": True},
        {"skip": True},
    ]
    typed = "\n".join(each if isinstance(each, str) else json.dumps(each) for each in answers)
    done = desk(shop, typed + "\n", "--jsonl")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line.get("id") for line in lines] == [
        first,
        first,
        second,
        None,
        None,
        second,
        third,
        third,
        fourth,
    ]
    assert [line["status"] for line in lines if "status" in line] == ["done", "cannot_hear", "waiting"]
    assert lines[0]["question"] == QUESTION and lines[0]["audio"].endswith(f"/{first}.wav")
    assert [line["error"].split(":")[0] for line in lines if "error" in line] == ["not JSON", "text"]
    assert (transcript(shop, first), standing(shop.db, fourth).claimed_until) == ("दू सौ", None)


class Screen:
    """A process on a terminal of its own, and what has appeared on it."""

    def __init__(self, process: subprocess.Popen[bytes], terminal: int) -> None:
        self.process = process
        self._terminal = terminal
        self._shown = b""

    def until(self, words: str, seconds: float = 60) -> str:
        """Wait for these words; answers everything up to them and forgets it."""
        end = time.monotonic() + seconds
        while words.encode() not in self._shown:
            assert time.monotonic() < end, self._shown.decode(errors="replace")
            if select.select([self._terminal], [], [], 0.2)[0]:
                self._shown += os.read(self._terminal, 4096)
        before, _, self._shown = self._shown.partition(words.encode())
        return before.decode()

    def at_rest(self) -> None:
        """Wait until it waits for a key: a signal just before that is only heard at the next key."""
        state = Path(f"/proc/{self.process.pid}/stat")
        while state.read_text().rpartition(")")[2].split()[0] != "S":
            time.sleep(0.01)

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode())


@contextmanager
def on_a_terminal(shop: Workshop, **more: str) -> Iterator[Screen]:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "app.py", "desk", "--by", "asha"],
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env=environ(shop, **more),
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Screen(process, ours)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def player(folder: Path) -> dict[str, str]:
    """A player that tells which file it plays, and plays it for long."""
    (folder / "bin").mkdir()
    script = folder / "bin" / "ffplay"
    script.write_text(f'#!/bin/sh\necho $$ "$@" >> {folder}/played\nexec /bin/sleep 60\n')
    script.chmod(0o755)
    return {"PATH": str(folder / "bin")}


def played(folder: Path, times: int) -> list[list[str]]:
    """What was played so far, once it was so often."""
    file = folder / "played"
    end = time.monotonic() + 20
    while not file.exists() or len(file.read_text().splitlines()) < times:
        assert time.monotonic() < end
        time.sleep(0.02)
    return [line.split() for line in file.read_text().splitlines()]


def alive(pid: str) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_a_note_is_heard_while_it_is_typed(shop: Workshop, tmp_path: Path) -> None:
    """It plays by itself, Enter plays it from the start, a line can be corrected, and sending ends it."""
    first, second = note(shop), note(shop)
    with on_a_terminal(shop, **player(tmp_path)) as screen:
        screen.until("> ")
        [(pid, *arguments)] = played(tmp_path, 1)
        assert arguments[:-1] == ["-nodisp", "-autoexit", "-loglevel", "quiet"]
        with wave.open(arguments[-1]) as sound:
            assert (sound.getnchannels(), sound.getframerate()) == (1, 16_000)
            assert 5 < sound.getnframes() / 16_000 < 6
        screen.type("\r")
        again = played(tmp_path, 2)[1]
        assert not alive(pid) and alive(again[0]) and again[-1] == arguments[-1]
        screen.until("> ")
        screen.type("dhai so\x7fau rupaye\r")
        assert "₹250" in screen.until("> ")
        screen.type("y\r")
        screen.until(f"note {second}")
        assert not alive(again[0]) and transcript(shop, first) == "dhai sau rupaye"
        screen.until("> ")
        players = played(tmp_path, 3)  # ended before it has told its number, the last one would tell none
        screen.type("\x04")
        assert screen.process.wait(20) == 0
    assert standing(shop.db, second).claimed_until is None and copies(shop) == []
    assert not any(alive(line[0]) for line in players)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 1), (signal.SIGHUP, 1)]
)
def test_who_is_called_away_gives_the_note_back(shop: Workshop, number: int, status: int) -> None:
    """Ctrl-C, an end from outside, a closed window: the note is free at once and no copy stays behind."""
    media_id = note(shop)
    with on_a_terminal(shop) as screen:
        screen.until("> ")
        assert standing(shop.db, media_id).claimed_by == "asha" and len(copies(shop)) == 1
        screen.at_rest()
        screen.process.send_signal(number)
        assert screen.process.wait(20) == status
    assert standing(shop.db, media_id).claimed_until is None and copies(shop) == []


@pytest.mark.slow
def test_a_killed_sitting_keeps_the_note_for_its_lease_only(shop: Workshop) -> None:
    """The power fails: nothing is lost, and the next person gets the note when the lease has run out."""
    media_id = note(shop)
    with on_a_terminal(shop) as screen:
        screen.until("> ")
        screen.process.kill()
        screen.process.wait()
    row = standing(shop.db, media_id)
    assert row.status == "waiting" and (row.claimed_until - shop.clock()).total_seconds() <= 300


@pytest.mark.slow
def test_one_waits_for_the_next_note(shop: Workshop) -> None:
    """When none waits, Enter looks again: also for those that were skipped."""
    with on_a_terminal(shop) as screen:
        screen.until("No note waits.")
        media_id = note(shop)
        screen.type("\r")
        screen.until(f"note {media_id}")
        screen.type("skip\r")
        screen.until("No note waits.")
        screen.type("\r")
        screen.until(f"note {media_id}")


@given(st.lists(st.integers(0, 100) | st.floats(0, 1), min_size=1, max_size=300))
def test_loudness_is_drawn_in_a_line(heights: list[float]) -> None:
    """As wide as there are values, at most WIDTH; the loudest place stands highest."""
    line = drawn(heights)
    assert len(line) == min(len(heights), WIDTH) and set(line) <= set(LEVELS)
    assert max(heights) == 0 or LEVELS[-1] in line


def test_a_sound_that_cannot_be_decoded_is_handed_over_as_it_is(tmp_path: Path) -> None:
    """Some player may know it."""
    assert listenable(b"no sound", tmp_path / "1.wav").read_bytes() == b"no sound"
    assert listenable(VOICE[:400], tmp_path / "2.wav").exists()


@pytest.mark.parametrize("language", ["hi", "hne", "hi-Latn"])
def test_every_labelled_sentence_can_be_read_back(clock: Clock, language: str) -> None:
    """Whatever the bot understands of a transcript has words in her language."""
    for sentence in load(ROOT / "tests" / "sentences")[language]:
        asks = sentence.get("asks")
        heard = Note(1, "", clock(), language, 0, None, asks, None, (), None, "")
        understood = meaning(sentence["text"], heard, loaded_talk())
        assert all(line.strip() for line in understood.lines), sentence
        if "price" in (sentence.get("slots") or {}):
            assert understood.amounts, sentence

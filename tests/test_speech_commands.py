"""`hear`, `chat` and `work` with a machine, as their users start them; and killed in the middle."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, select

from bot import jobs
from bot.media.speech_copy import encode
from bot.media.store import MediaStore
from bot.media.waveform import RATE
from bot.settings import ROOT, Settings
from models import JobRow, Transcription
from models.database import reading, writing
from tests.open_rooms import attachment, media_row, seller, settings_for
from tests.tiny_recogniser import make_model, say, spoken

NOTE = ROOT / "tests" / "audio" / "brass_elephant_hi.ogg"
SAID = "ये पीतल का हाथी है, आठ इंच ऊँचा, पाँच नग हैं, दाम पंद्रह सौ रुपया"
KEYS = ["file", "verdict", "problems", "width", "height", "seconds", "sha256", "transcript"]


def run(arguments: list[str], given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "app.py", *arguments],
        input=given,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | environment,
        timeout=120,
    )


def hear(*files: Path, **environment: str) -> tuple[list[Any], str]:
    """What `hear --json` printed, line by line, and what it told."""
    done = run(["hear", "--json", *map(str, files)], **environment)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def test_hear_without_a_machine() -> None:
    """The desk is no part of the command: `transcript` is null, and the keys are the agreed ones."""
    [heard], _ = hear(NOTE)
    assert list(heard) == KEYS and heard["transcript"] is None
    assert (heard["verdict"], heard["width"], heard["file"]) == ("ok", None, str(NOTE))


def test_hear_with_a_machine(tmp_path: Path) -> None:
    """A note that was heard has its words; one without words, and one that is no note, have null."""
    note, other = tmp_path / "note.ogg", tmp_path / "other.ogg"
    note.write_bytes(say(SAID))
    other.write_text("no note")
    model = make_model(tmp_path / "tiny", SAID)
    heard, _ = hear(note, NOTE, other, TRANSCRIBER="sherpa", TRANSCRIBER_MODEL=str(model))
    assert [list(one) for one in heard] == [KEYS] * 3
    assert [one["transcript"] for one in heard] == [SAID, None, None]


def test_hear_with_a_machine_that_fails(tmp_path: Path) -> None:
    """The verdict is there all the same, and the reason is told aside."""
    model = make_model(tmp_path / "tiny", SAID)
    (model / "tokens.txt").write_text("these are no tokens\n")
    [heard], told = hear(NOTE, TRANSCRIBER="sherpa", TRANSCRIBER_MODEL=str(model))
    assert (heard["verdict"], heard["transcript"]) == ("ok", None) and "not heard" in told


def test_a_wrong_setting_is_named() -> None:
    """Nothing starts with a transcriber that nobody knows."""
    done = run(["hear", "--json", str(NOTE)], TRANSCRIBER="whisper")
    assert done.returncode == 1 and "desk, sherpa, http" in done.stderr and done.stdout == ""


def test_she_speaks_and_is_answered(tmp_path: Path) -> None:
    """In `chat` a voice note that the machine heard fills the slots in its own line, like typed words."""
    note = tmp_path / "note.ogg"
    note.write_bytes(say(SAID))
    model = make_model(tmp_path / "tiny", SAID)
    photos = [str(ROOT / "tests" / "images" / name) for name in ("bowl.jpg", "brushes.jpg", "drum.jpg")]
    lines = [{"text": "नमस्ते"}, {"text": "हिंदी"}, {"text": "हाँ"}, {"photos": photos}, {"voice": str(note)}]
    done = run(
        ["chat", "--jsonl"],
        "\n".join(map(json.dumps, lines)),
        TRANSCRIBER="sherpa",
        TRANSCRIBER_MODEL=str(model),
        DATABASE_URL=f"sqlite:///{tmp_path}/chat.db",
        MEDIA_URL=f"file://{tmp_path}/media",
    )
    assert done.returncode == 0, done.stderr
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["asks"] == "confirm_heard"
    assert {"category": "dhokra", "price": "1500", "stock": 5}.items() <= last["slots"].items()


def until(there: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def worker(settings: Settings, log: Path) -> subprocess.Popen[bytes]:
    """A worker of its own whose lease does not make a test wait."""
    given = {field.name.upper(): str(getattr(settings, field.name)) for field in fields(Settings)}
    with log.open("ab") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.killed_worker", "2", "sangwari.test"],
            cwd=ROOT,
            env=os.environ | given | {"SIMULATOR": ""},
            stdout=file,
            stderr=file,
        )


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_of_a_note(tmp_path: Path, db: Engine) -> None:
    """kill -9 while the model listens: the next worker hears the note, and she is told once."""
    words = "दो हजार"
    model = make_model(tmp_path / "model", words, hangs=True)
    settings = settings_for(
        tmp_path,
        database_url=db.url.render_as_string(hide_password=False),
        transcriber="sherpa",
        transcriber_model=str(model),
    )
    # Words in a long silence: the first model never ends them.
    sound = np.concatenate([spoken(words), np.zeros(34 * RATE, np.float32)])
    with writing(db) as conn:
        sha256 = MediaStore(settings.media_url).put(encode(sound))
        media_id = attachment(conn, seller(conn), "", "voice", status="stored", sha256=sha256)
        jobs.put(conn, "transcribe", {"media_id": media_id}, now=datetime.now(UTC))
    first = worker(settings, tmp_path / "log")
    try:
        until(lambda: _listens(first.pid))
        make_model(model, words)
    finally:
        first.kill()
        first.wait()
    assert media_row(db, media_id).status == "stored" and _attempts(db) == 1
    second = worker(settings, tmp_path / "log")
    try:
        until(lambda: media_row(db, media_id).status == "ready")
        until(lambda: _attempts(db) is None)
    finally:
        second.terminate()
        second.wait()
    row = media_row(db, media_id)
    assert (row.transcript, row.transcribed_by) == (words, "sherpa:model")
    with reading(db) as conn:
        assert conn.scalar(select(Transcription.media_id)) is None


def _listens(pid: int) -> bool:
    """Has the model of this worker used a second of CPU? Only a note costs it so much."""
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            if "sherpa_process" in Path(f"/proc/{child}/cmdline").read_text():
                figures = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
                return (int(figures[11]) + int(figures[12])) / os.sysconf("SC_CLK_TCK") > 1
    return False


def _attempts(db: Engine) -> int | None:
    with reading(db) as conn:
        return conn.scalar(select(JobRow.attempts).where(JobRow.kind == "transcribe"))

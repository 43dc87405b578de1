"""Voice bubbles: the prompt goes first and its words after it; without a prompt the words go alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update

from bot import jobs
from bot.media.audio import probe
from bot.media.links import sha256_of
from bot.speech import espeak
from bot.tasks.workshop import Workshop
from bot.worker import Worker
from models import Rendition, Seller
from models.database import reading, writing
from tests.fake_twilio import FakeTwilio, Trouble
from tests.open_rooms import job_kinds, message_row, outgoing, seller, settings_for, workshop, writes

WORDS = "इसका दाम कितने रुपये रखें?"


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as fake:
        yield fake


@pytest.fixture
def shop(tmp_path: Path, twilio: FakeTwilio, db: Engine) -> Workshop:
    return workshop(settings_for(tmp_path, twilio), db)


def queue(db: Engine, her: int | None = None, text: str = WORDS, **values: Any) -> tuple[int, int, int]:
    """One turn in the outbox: a voice bubble and its words. The seller, the voice row and the text row."""
    speak = [{"utter": "utter_ask_price", "variation": 0, "text": text}]
    body = {"utter": "utter_ask_price", "text": "", "image": None, "audio": None, "speak": speak}
    with writing(db) as conn:
        if her is None:
            her = seller(conn)
            writes(conn, her)
        voice = outgoing(conn, her, kind="voice", body=body | values.pop("body", {}), **values)
        written = outgoing(conn, her, text)
        for message_id in (voice, written):
            now = datetime.now(UTC)
            jobs.put(conn, "send_message", {"message_id": message_id}, now=now, key=f"seller:{her}")
    return her, voice, written


def work(shop: Workshop, later_s: float = 0) -> None:
    """Run everything that is due by then."""
    moment = datetime.now(UTC) + timedelta(seconds=later_s)
    Worker(replace(shop, clock=lambda: moment)).drain()


def alone(shop: Workshop, twilio: FakeTwilio, voice: int, written: int) -> str | None:
    """Only the words went out, nothing waits, nothing is dead; why the voice bubble ended."""
    work(shop)
    work(shop, 60)
    row = message_row(shop.db, voice)
    assert (row.status, row.provider_id) == ("cancelled", None)
    assert message_row(shop.db, written).status == "sent"
    assert [form.get("Body") for form in twilio.forms] == [WORDS]
    assert job_kinds(shop.db) == [] and jobs.dead(shop.db) == []
    error: str | None = row.error
    return error


def test_the_prompt_goes_first_and_its_words_after_it(shop: Workshop, twilio: FakeTwilio) -> None:
    """A note at a signed address without a word of text; the row names its bytes for whoever shows it."""
    _, voice, written = queue(shop.db)
    work(shop)
    first, second = twilio.forms
    assert "Body" not in first and second["Body"] == WORDS
    row = message_row(shop.db, voice)
    assert (row.status, row.provider_id) == ("sent", twilio.messages[0]["sid"])
    token = first["MediaUrl"].removeprefix("https://sangwari.example/media/")
    assert sha256_of(shop.settings, token) == row.body["audio"]
    assert probe(shop.store.read(row.body["audio"])).verdict == "ok"
    assert message_row(shop.db, written).status == "sent"


def test_the_same_question_is_spoken_once(shop: Workshop, twilio: FakeTwilio) -> None:
    """Two sellers hear one prompt."""
    _, first, _ = queue(shop.db)
    with writing(shop.db) as conn:
        another = seller(conn, "whatsapp:+919999900002")
        writes(conn, another)
    _, second, _ = queue(shop.db, another)
    work(shop)
    assert message_row(shop.db, first).body["audio"] == message_row(shop.db, second).body["audio"]
    with reading(shop.db) as conn:
        assert conn.scalar(select(func.count()).select_from(Rendition)) == 1


def test_without_a_voice_the_words_go_alone(shop: Workshop, twilio: FakeTwilio) -> None:
    """VOICE=none and no recording."""
    mute = replace(shop, settings=replace(shop.settings, voice="none"))
    _, voice, written = queue(mute.db)
    assert alone(mute, twilio, voice, written) == "not_recorded"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"speak": [{"utter": "utter_thanks", "variation": 0, "text": "🙏"}]}, "nothing_to_say"),
        ({"speak": []}, "nothing_to_say"),
        ({"speak": [{"utter": "utter_thanks"}]}, "KeyError"),
        ({"speak": [{"utter": "utter_thanks", "variation": "x", "text": 5}]}, "TypeError"),
    ],
    ids=["signs", "nothing", "half a part", "no text"],
)
def test_a_bubble_that_cannot_be_spoken(
    shop: Workshop, twilio: FakeTwilio, body: dict[str, Any], error: str
) -> None:
    """The words are sent all the same."""
    _, voice, written = queue(shop.db, body=body)
    assert alone(shop, twilio, voice, written) == error


def test_a_voice_that_is_dead(shop: Workshop, twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked twice within the one attempt, and never again: the words do not wait."""
    monkeypatch.setattr(espeak, "PROGRAM", ("false",))
    _, voice, written = queue(shop.db)
    assert alone(shop, twilio, voice, written) == "voice_failed"


def test_a_store_that_takes_nothing(shop: Workshop, twilio: FakeTwilio, tmp_path: Path) -> None:
    """A full or missing disk costs the prompt, not the words."""
    (tmp_path / "media").write_bytes(b"no folder")
    _, voice, written = queue(shop.db)
    assert alone(shop, twilio, voice, written) == "StoreDown"


def test_nothing_is_spoken_after_a_stop(
    shop: Workshop, twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither sent nor made."""
    _, voice, _ = queue(shop.db)
    with writing(shop.db) as conn:
        conn.execute(update(Seller).values(stopped_at=datetime.now(UTC)))
    work(shop)
    row = message_row(shop.db, voice)
    assert (row.status, row.error, row.body["audio"]) == ("cancelled", None, None)
    assert twilio.forms == []


@pytest.mark.parametrize("trouble", [Trouble(drop=True, after=True), Trouble(500, after=True)])
def test_taken_but_never_heard_of(shop: Workshop, twilio: FakeTwilio, trouble: Trouble) -> None:
    """The answer was lost: the provider's list shows a note without words, and it is not sent again."""
    _, voice, written = queue(shop.db)
    twilio.trouble.append(trouble)
    work(shop)
    assert message_row(shop.db, voice).status == "sending"
    work(shop, 5)
    work(shop, 10)
    assert [row["body"] for row in twilio.messages] == ["", WORDS]
    assert message_row(shop.db, voice).provider_id == twilio.messages[0]["sid"]
    assert message_row(shop.db, written).status == "sent"


@pytest.mark.parametrize("trouble", [Trouble(503), Trouble(429, 20429), Trouble(drop=True)])
def test_not_taken(shop: Workshop, twilio: FakeTwilio, trouble: Trouble) -> None:
    """It is sent a little later, and its words still after it."""
    queue(shop.db)
    twilio.trouble.append(trouble)
    work(shop)
    assert twilio.messages == []
    work(shop, 5)
    work(shop, 10)
    assert [row["body"] for row in twilio.messages] == ["", WORDS]


def test_an_earlier_note_is_not_taken_for_this_one(shop: Workshop, twilio: FakeTwilio) -> None:
    """All notes look alike in the provider's list: one that belongs to another row does not count."""
    her, _, _ = queue(shop.db)
    work(shop)
    queue(shop.db, her, status="sending", body={"audio": "a" * 64})
    work(shop)
    work(shop, 5)
    assert [row["body"] for row in twilio.messages] == ["", WORDS, "", WORDS]


def test_one_that_cannot_be_told_apart_is_not_sent_twice(shop: Workshop, twilio: FakeTwilio) -> None:
    """An unknown note to her may be this one: she rather misses a prompt than hears it twice."""
    her, voice, _ = queue(shop.db, status="sending")
    sid = twilio.take(
        {
            "To": message_row(shop.db, voice).address,
            "From": shop.settings.twilio_whatsapp_from,
            "MediaUrl": "https://sangwari.example/media/unknown",
        }
    )
    work(shop)
    assert message_row(shop.db, voice).provider_id == sid
    assert [row["body"] for row in twilio.messages] == ["", WORDS]


def test_a_refused_note_does_not_hold_up_its_words(shop: Workshop, twilio: FakeTwilio) -> None:
    """A provider that takes no media for this number takes the text."""
    _, voice, written = queue(shop.db)
    twilio.trouble.append(Trouble(400, 63021))
    work(shop)
    assert (message_row(shop.db, voice).status, message_row(shop.db, voice).error) == ("failed", "63021")
    assert message_row(shop.db, written).status == "sent"


@pytest.mark.slow
def test_killed_while_it_speaks(db: Engine, tmp_path: Path, twilio: FakeTwilio) -> None:
    """A worker killed while the prompt is made had sent nothing: the next one asks nobody, and sends once."""
    _, voice, written = queue(db)
    url = db.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.slow_voice_worker", str(tmp_path), url, twilio.url]
    root = Path(__file__).parent.parent
    worker = subprocess.Popen(command, cwd=root, stderr=subprocess.DEVNULL, start_new_session=True)
    speaking = tmp_path / "speaking"
    until = time.monotonic() + 60
    while not speaking.exists() and worker.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    assert speaking.exists()
    row = message_row(db, voice)
    assert (row.status, row.body["audio"]) == ("queued", None)
    work(workshop(settings_for(tmp_path, twilio), db), 60)
    # What comes after these two is the worker's look for messages that it missed.
    assert [method for method, _, _ in twilio.calls[:2]] == ["POST", "POST"]
    assert [row["body"] for row in twilio.messages] == ["", WORDS]

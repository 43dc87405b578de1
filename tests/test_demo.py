"""`app.py demo` does what it shows: real photos and a real note, the signed webhook, and the queue."""

# mypy: allow-untyped-calls

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection, Queue
from sqlalchemy import insert

from bot.demo.talk import NOTE, PHOTOS, SHE_SAID
from bot.handoff.publisher import QUEUE
from bot.handoff.schema import problems
from bot.settings import ROOT
from models import Address, Seller
from models.database import connect, migrate, writing

RABBIT = "amqp://guest:guest@127.0.0.1:5672//"


def demo(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run it as a newcomer does, from another folder."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, str(ROOT / "app.py"), "demo"],
        cwd=tmp_path,
        env=kept | {"VAR_DIR": str(tmp_path / "var")} | environment,
        capture_output=True,
        text=True,
        timeout=180,
    )


def listing(output: str) -> Any:
    """The message at the end of the output, after the talk."""
    return json.loads(output[output.index("\n{") :])


@pytest.mark.slow
def test_a_newcomer_sees_a_whole_listing(tmp_path: Path) -> None:
    """The talk is printed line by line, then the valid listing message; nothing is left in the folder."""
    done = demo(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    talk, message = done.stdout[: done.stdout.index("\n{")], listing(done.stdout)
    assert talk.startswith("▶ नमस्ते\n◀ ")
    assert all(f"▶ [{name}]" in talk for name in (*PHOTOS, NOTE.name))
    assert problems(message) == []
    assert message["event"] == "listing.completed"
    assert len(message["photos"]) == len(PHOTOS)
    assert [note["transcript"] for note in message["voice_notes"]] == [SHE_SAID]
    assert (message["price"]["asked"]["amount"], message["product"]["stock"]) == ("1500", 5)
    assert talk.count("▶") <= 14
    assert not (tmp_path / "var").exists()


@pytest.mark.slow
@pytest.mark.rabbitmq
def test_the_same_listing_arrives_in_the_queue(tmp_path: Path) -> None:
    """With QUEUE_URL the message that is printed is on the queue, under the same event_id."""
    done = demo(tmp_path, QUEUE_URL=RABBIT)
    assert done.returncode == 0, done.stderr
    printed = listing(done.stdout)
    assert f"on the queue {QUEUE}" in done.stdout
    arrived = take(printed["event_id"])
    for part in ("event", "listing_id", "number", "product", "price", "provenance"):
        assert arrived[part] == printed[part]


@pytest.mark.slow
def test_the_demo_says_why_it_could_not_finish(tmp_path: Path) -> None:
    """A queue that does not answer: status 1, the reason last on standard error, no listing printed."""
    done = demo(tmp_path, QUEUE_URL="amqp://guest:secret@127.0.0.1:1//")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("the queue took no listing within 40 seconds")
    assert "secret" not in done.stderr
    assert "\n{" not in done.stdout


def test_the_demo_keeps_away_from_real_talks(tmp_path: Path) -> None:
    """A database with somebody's real number is not used: the demo's worker would send what waits there."""
    url = f"sqlite:///{tmp_path}/live.db"
    db = connect(url)
    migrate(db)
    now = datetime.now(UTC)
    with writing(db) as conn:
        conn.execute(insert(Seller).values(id=1, key="k", language="hi", created_at=now))
        address = {"seller_id": 1, "channel": "whatsapp", "address": "whatsapp:+14155550123"}
        conn.execute(insert(Address).values(**address, created_at=now))
    done = demo(tmp_path, DATABASE_URL=url)
    assert done.returncode == 1
    assert "has talks with real people" in done.stderr
    assert done.stdout == ""


def take(event_id: str) -> Any:
    """That message from the queue; the others stay for whoever waits for them."""
    with Connection(RABBIT, connect_timeout=4) as broker, broker.channel() as channel:
        queue = Queue(QUEUE, durable=True, channel=channel)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            message = queue.get(no_ack=False)
            if message is None:
                break
            if message.properties["message_id"] == event_id:
                message.ack()
                return json.loads(message.body)
        return pytest.fail("the listing is not on the queue")

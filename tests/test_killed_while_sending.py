"""kill -9 of the sending worker, again and again: every message goes out once, in order."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from bot import jobs
from models import Message
from models.database import reading, writing
from tests.fake_twilio import FakeTwilio, Trouble
from tests.open_rooms import outgoing, seller, writes
from tests.sending_worker import LEASE_S

MESSAGES, KILLS = 12, 4


def start(folder: Path, db: Engine, twilio: FakeTwilio) -> subprocess.Popen[bytes]:
    """A worker of its own; how it dies is our business."""
    url = db.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.sending_worker", str(folder), url, twilio.url]
    return subprocess.Popen(command, cwd=Path(__file__).parent.parent, stderr=subprocess.DEVNULL)


_SENT = select(Message.provider_id).where(Message.direction == "out").order_by(Message.id)


def sent(db: Engine) -> int:
    """How many messages are known to be sent."""
    with reading(db) as conn:
        return conn.scalar(select(func.count()).where(Message.status == "sent")) or 0


@pytest.mark.slow
def test_killed_again_and_again(db: Engine, tmp_path: Path) -> None:
    """Whenever the worker dies, before, during or after a call: nothing is lost, doubled or overtaken."""
    chance = random.Random(5)
    with writing(db) as conn:
        her = seller(conn)
        writes(conn, her)
        for number in range(MESSAGES):
            message_id = outgoing(conn, her, f"संदेश {number}")
            now = datetime.now(UTC)
            jobs.put(conn, "send_message", {"message_id": message_id}, now=now, key=f"seller:{her}")
    with FakeTwilio() as twilio:
        # A slow provider that takes a message even when nobody waits for the answer any more.
        twilio.trouble.extend([Trouble(delay_s=0.1)] * 10 * MESSAGES)
        for _ in range(KILLS):
            worker = start(tmp_path, db, twilio)
            calls = len(twilio.calls)
            while len(twilio.calls) < calls + chance.randint(1, 4) and worker.poll() is None:
                time.sleep(0.005)
            time.sleep(chance.uniform(0, 0.15))
            worker.kill()
            worker.wait()
        last = start(tmp_path, db, twilio)
        until = time.monotonic() + 30 + KILLS * LEASE_S
        while sent(db) < MESSAGES and time.monotonic() < until:
            time.sleep(0.05)
        last.kill()
        last.wait()
        assert [message["body"] for message in twilio.messages] == [f"संदेश {n}" for n in range(MESSAGES)]
        sids = [message["sid"] for message in twilio.messages]
    with reading(db) as conn:
        assert list(conn.scalars(_SENT)) == sids

"""How fast one worker hands messages to a carrier, and whether everybody hears hers in order.

The carrier is our own, in a process of its own. The limit beside it is the same HTTP calls without anything
around them: one kept connection, one after the other.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests
from sqlalchemy import Connection, Engine, func, insert, select

from bot import jobs
from models import Address, Message, Seller
from models.database import connect, migrate, reading, writing
from tests.bench.server import cores, free_port, pinned
from tests.bench.store import fresh
from tests.fake_twilio import ACCOUNT, SENDER, SID, TOKEN

EACH = 3
"""Messages for each person: their order must hold."""
PATIENCE_S = 120.0


def sending(folder: Path, database: str | None, people: int) -> dict[str, float]:
    """`messages_per_s` of one worker, `calls_per_s` of the bare calls, and the ratio of the two.

    RuntimeError when a message is missing, doubled or out of order.
    """
    ours, load = cores()
    with fresh(database, folder) as url, carrier(load) as there:
        engine = connect(url)
        migrate(engine)
        with pinned(ours):
            bare = _bare(there, people)
            expected = _queue(engine, people)
            took = _sent_by_worker(engine, url, folder, there)
        _check(there, expected)
        engine.dispose()
    rate = people * EACH / took
    return {"messages_per_s": rate, "calls_per_s": bare, "ratio_to_bare": rate / bare}


@contextmanager
def carrier(core: set[int]) -> Iterator[str]:
    """The fake provider's address, in a process of its own."""
    with pinned(core):
        command = [sys.executable, "-m", "tests.fake_twilio", str(free_port())]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


def _bare(there: str, calls: int) -> float:
    """POSTs a second over one connection; they go to a number of their own."""
    with requests.Session() as session:
        session.auth = (SID, TOKEN)
        form = {"To": "whatsapp:+919999900000", "From": SENDER, "Body": "नमस्ते"}
        began = time.perf_counter()
        for _ in range(calls):
            session.post(f"{there}{ACCOUNT}/Messages.json", data=form, timeout=10).raise_for_status()
        return calls / (time.perf_counter() - began)


def _queue(engine: Engine, people: int) -> dict[str, list[str]]:
    """Messages for so many people, all due; answers what each must hear, in order."""
    expected: dict[str, list[str]] = {}
    with writing(engine) as conn:
        for number in range(people):
            address = f"whatsapp:+919999{number:06d}"
            expected[address] = [f"संदेश {place} {number}" for place in range(EACH)]
            _outbox(conn, address, expected[address])
    return expected


def _outbox(conn: Connection, address: str, texts: list[str]) -> None:
    now = datetime.now(UTC)
    seller = insert(Seller).values(key=uuid4().hex, language="hi", created_at=now).returning(Seller.id)
    mine: dict[str, Any] = {"seller_id": conn.execute(seller).scalar_one(), "channel": "whatsapp"}
    conn.execute(insert(Address).values(address=address, created_at=now, **mine))
    written = mine | {"provider_id": uuid4().hex, "kind": "text", "body": {"text": "नमस्ते"}}
    stamps = {"address": address, "created_at": now}
    conn.execute(insert(Message).values(direction="in", status="received", **written, **stamps))
    for text in texts:
        body = {"utter": "utter_hello", "text": text, "language": "hi", "buttons": []}
        row = mine | stamps | {"direction": "out", "kind": "text", "body": body, "status": "queued"}
        message = conn.execute(insert(Message).values(**row).returning(Message.id)).scalar_one()
        key = f"seller:{mine['seller_id']}"
        jobs.put(conn, "send_message", {"message_id": message}, now=now, key=key)


def _sent_by_worker(engine: Engine, url: str, folder: Path, there: str) -> float:
    """Seconds from the first to the last message that a worker, as `work` starts it, hands over."""
    command = [sys.executable, "-m", "tests.bench.sender", str(folder), url, there]
    process = subprocess.Popen(command, stdout=sys.stderr)  # its log; ours is for the figures
    try:
        end = time.monotonic() + PATIENCE_S
        while (left := _unsent(engine)) and time.monotonic() < end:
            time.sleep(0.2)
        if left:
            raise RuntimeError(f"{left} messages are not sent")
    finally:
        process.terminate()
        process.wait(20)
    with reading(engine) as conn:
        sent = select(func.min(Message.sent_at), func.max(Message.sent_at)).where(Message.direction == "out")
        first, last = conn.execute(sent).one()
    assert first is not None and last is not None
    return (last - first).total_seconds()


def _unsent(engine: Engine) -> int:
    with reading(engine) as conn:
        waiting = (Message.direction == "out", Message.status != "sent")
        return conn.scalar(select(func.count()).select_from(Message).where(*waiting)) or 0


def _check(there: str, expected: dict[str, list[str]]) -> None:
    heard: dict[str, list[str]] = defaultdict(list)
    for row in json.loads(requests.get(f"{there}/fake/messages", timeout=30).content)["messages"]:
        heard[row["to"]].append(row["body"])
    wrong = [address for address, texts in expected.items() if heard[address] != texts]
    if wrong:
        raise RuntimeError(f"{len(wrong)} people heard something else, the first is {heard[wrong[0]]}")

"""Copies and neighbours in the same moment: each message counts once, and the talk goes one way."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, select

from bot.messages import Inbound
from bot.receive import receive
from bot.web import create_app
from bot.worker import run_together
from models import Conversation, JobRow, Message
from models.database import reading
from tests.fake_twilio import SENDER, FakeTwilio
from tests.killed_house import together, until
from tests.open_rooms import HER, database, house, loaded_talk, settings_for, signed_post, workshop

WHATSAPP = "/webhooks/twilio/whatsapp"
THREADS = 8
SAID = (
    ["नमस्ते", "हिंदी", "हाँ, राज़ी", "बाद में", "पीतल का हाथी", "150 रुपये", "5 नग"]
    + ["पता नहीं", "हाँ", "फिर से बोलो", "दाम बदलना है", "कोसा साड़ी 2000 रुपये"]
)  # fmt: skip


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as running:
        yield running


def test_eight_doors_one_seller(tmp_path: Path, twilio: FakeTwilio, db: Engine) -> None:
    """Every message comes through several of eight threads at once, from the first hello of a stranger on.

    Each is kept once, none overtakes another half-way (the same messages one by one, in the order in which
    they were taken, lead to the same words and the same state), and her phone gets all replies in order.
    """
    settings = settings_for(tmp_path, twilio)
    app = create_app(settings, house(settings, db))
    calls = [form(text) for text in SAID]

    def door(number: int) -> None:
        chance = random.Random(number)
        mine = chance.sample(calls, k=len(calls) * 2 // 3)
        client = app.test_client()
        for call in mine:
            # 503 asks for another call, as the provider makes one.
            until(lambda: signed_post(client, settings, WHATSAPP, call).status_code == 200)  # noqa: B023

    stop = threading.Event()
    worker = threading.Thread(target=run_together, args=(workshop(settings, db, loaded_talk()), "w", 2, stop))
    worker.start()
    try:
        together([lambda number=number: door(number) for number in range(THREADS)])  # type: ignore[misc]
        until(lambda: not waiting(db))
    finally:
        stop.set()
        worker.join()

    hers, ours = talk_of(db)
    assert sorted(row.provider_id for row in hers) == sorted(call["MessageSid"] for call in calls)
    assert [row["sid"] for row in twilio.messages] == [row.provider_id for row in ours]
    assert {row["to"] for row in twilio.messages} == {HER}
    assert standing_of(db).revision == len(calls)
    assert_same_as_one_by_one(tmp_path, db, hers, ours)


def assert_same_as_one_by_one(tmp_path: Path, db: Engine, hers: list[Any], ours: list[Any]) -> None:
    quiet = database(settings_for(tmp_path, database_url=f"sqlite:///{tmp_path}/one-by-one.db"))
    for row in hers:
        again = Inbound("whatsapp", HER, row.provider_id, row.kind, row.created_at, row.body["text"])
        receive(quiet, loaded_talk(), again, row.created_at)
    _, expected = talk_of(quiet)
    # The one by one were not sent, so nothing of theirs was made to sound.
    assert [row.body | {"audio": None} for row in ours] == [row.body for row in expected]
    for part in ("asks", "slots", "stack"):
        assert standing_of(db).state[part] == standing_of(quiet).state[part]


def form(text: str) -> dict[str, str]:
    return {"MessageSid": "SM" + uuid4().hex, "From": HER, "To": SENDER, "Body": text, "NumMedia": "0"}


def waiting(db: Engine) -> bool:
    with reading(db) as conn:
        return conn.scalar(select(JobRow.id).where(JobRow.kind == "send_message").limit(1)) is not None


def talk_of(db: Engine) -> tuple[list[Any], list[Any]]:
    """Her messages and ours, each in the order of the table."""
    with reading(db) as conn:
        rows = conn.execute(select(Message.__table__).order_by(Message.id)).all()
    return [row for row in rows if row.direction == "in"], [row for row in rows if row.direction == "out"]


def standing_of(db: Engine) -> Any:
    with reading(db) as conn:
        return conn.execute(select(Conversation.__table__)).one()

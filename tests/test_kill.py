"""kill -9 of web or worker at any moment: nothing is lost, nothing is doubled, everything is in order."""

# mypy: allow-untyped-calls

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from kombu import Connection, Queue
from sqlalchemy import Engine, func, select

from bot.channels.numbered_text import with_numbers
from bot.channels.whatsapp_twilio import TEXT_LIMIT
from bot.media.store import MediaStore
from bot.messages import Button
from bot.settings import ROOT
from models import JobRow, Listing, ListingEvent, Media, Message
from models.database import reading
from tests.fake_twilio import FakeTwilio
from tests.killed_house import PHOTOS, House, Phone, together, until

RABBIT = "amqp://guest:guest@127.0.0.1:5672//"
HOUSE = ("old_drafts", "reconcile", "count_figures", "sweep_media", "nudge", "end_by_itself", "next_step")
ON_THE_WAY = ("queued", "sending")
MESSAGES = 8
"""A talk has at least so many."""


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as running:
        yield running


@pytest.mark.slow
def test_killed_at_any_moment(tmp_path: Path, twilio: FakeTwilio, db: Engine) -> None:
    """Two sellers list a product each while web and worker are killed and started again."""
    house = House(tmp_path, twilio, address_of(db), "", "", lease_s=2)
    try:
        phones = run(house, twilio, db, sellers=2, kills=4, seed=7)
        check(house, twilio, db, phones)
    finally:
        house.stop()


@pytest.mark.slow
@pytest.mark.rabbitmq
def test_killed_again_and_again(tmp_path: Path, twilio: FakeTwilio, db: Engine) -> None:
    """Six sellers, many kills, the lease as it is shipped, and a queue that hears of every listing."""
    queue = f"sangwari.test.{uuid4().hex}"
    house = House(tmp_path, twilio, address_of(db), RABBIT, queue, lease_s=12)
    try:
        phones = run(house, twilio, db, sellers=6, kills=15, seed=1)
        check(house, twilio, db, phones)
    finally:
        house.stop()
    with reading(db) as conn:
        expected = sorted(conn.scalars(select(ListingEvent.event_id)))
    assert sorted(set(taken(queue))) == expected


def run(house: House, twilio: FakeTwilio, db: Engine, sellers: int, kills: int, seed: int) -> list[Phone]:
    """The talks, and beside them a killer; then one last start, after which everything must come right."""
    phones = [Phone(house, twilio, db, 100 + n, random.Random(seed + n)) for n in range(sellers)]
    over = threading.Event()
    killed: list[str] = []
    killer = threading.Thread(target=kill, args=(house, phones, kills, random.Random(seed), over, killed))
    killer.start()
    try:
        together([phone.list_one for phone in phones])
    finally:
        over.set()
        killer.join()
    assert {"web", "worker"} <= set(killed), "the talks were over before anything was killed"
    house.kill("worker")
    house.start("worker")
    until(lambda: is_quiet(db, sum(len(phone.sids) for phone in phones)))
    return phones


def kill(
    house: House,
    phones: list[Phone],
    kills: int,
    chance: random.Random,
    over: threading.Event,
    killed: list[str],
) -> None:
    """Web, worker and both in turn: by what was said and not by the clock, so in the middle of the talks."""

    def said() -> int:
        return sum(len(phone.sids) for phone in phones)

    for turn in range(kills):
        until_said = said() + chance.randint(1, max(1, len(phones) * MESSAGES // kills))
        while said() < until_said:
            if over.wait(0.02):
                return
        names = [["web"], ["worker"], ["web", "worker"]][turn % 3]
        for name in names:
            house.kill(name)
        killed.extend(names)
        time.sleep(chance.uniform(0, 0.3))
        for name in names:
            house.start(name)
    # What the provider gave up is found by the look at its list with which a worker starts.
    while not over.wait(5):
        house.kill("worker")
        house.start("worker")


def is_quiet(db: Engine, messages: int) -> bool:
    """All that was said is here, and nothing is left to do but what the house does by the clock."""
    with reading(db) as conn:
        here = conn.scalar(
            select(func.count(Message.id)).where(Message.direction == "in", Message.kind != "media_ready")
        )
        waiting = conn.scalar(select(func.count(JobRow.id)).where(JobRow.kind.not_in(HOUSE)))
    return here == messages and not waiting


def check(house: House, twilio: FakeTwilio, db: Engine, phones: list[Phone]) -> None:
    """The promise, point by point."""
    with reading(db) as conn:
        dead = conn.execute(select(JobRow.kind, JobRow.error).where(JobRow.status == "dead")).all()
        assert dead == []
        for phone in phones:
            told = conn.execute(
                select(Message.__table__).where(Message.address == phone.address).order_by(Message.id)
            ).all()
            hers = [row for row in told if row.direction == "in" and row.kind != "media_ready"]
            ours = [row for row in told if row.direction == "out"]
            seller_id = told[0].seller_id
            assert Counter(row.provider_id for row in hers) == Counter(phone.sids)
            assert {row.status for row in ours} == {"sent"}
            assert carried(twilio, phone) == [(row.provider_id, written(row.body)) for row in ours]
            pictures = conn.execute(select(Media.__table__).where(Media.seller_id == seller_id)).all()
            assert_kept(house, phone, pictures)
            assert len(conn.scalars(select(Listing.id).where(Listing.seller_id == seller_id)).all()) == 1
        messages = conn.scalars(select(Listing.message)).all()
        assert len(messages) == conn.scalar(select(func.count(ListingEvent.sequence))) == len(phones)
        assert [len(message["photos"]) for message in messages] == [len(PHOTOS)] * len(phones)
        assert len({message["number"] for message in messages}) == len(phones)


def carried(twilio: FakeTwilio, phone: Phone) -> list[tuple[str, str]]:
    """What reached her phone, in its order."""
    return [(row["sid"], row["body"]) for row in twilio.messages if row["to"] == phone.address]


def written(body: dict[str, Any]) -> str:
    buttons = [Button(button["title"], button["payload"]) for button in body["buttons"]]
    return with_numbers(body["text"], buttons, TEXT_LIMIT)


def assert_kept(house: House, phone: Phone, pictures: Any) -> None:
    """Each picture once, judged and told, its bytes as they were."""
    assert len(pictures) == phone.photos
    assert {(row.status, row.delivered_at is None) for row in pictures} == {("ready", False)}
    originals = {sha256((ROOT / "tests/images" / name).read_bytes()).hexdigest() for name in PHOTOS}
    assert {row.sha256 for row in pictures} == originals
    store = MediaStore(house.settings.media_url)
    assert all(sha256(store.read(row.sha256)).hexdigest() == row.sha256 for row in pictures)


def taken(queue: str) -> list[str]:
    """The event ids on the queue, repeats and all; the message says the same id as its envelope."""
    found: list[str] = []
    with Connection(RABBIT, connect_timeout=4) as broker, broker.channel() as channel:
        opened = Queue(queue, durable=True, channel=channel)
        while (message := opened.get(no_ack=True)) is not None:
            assert json.loads(message.body)["event_id"] == message.properties["message_id"]
            found.append(message.properties["message_id"])
        opened.delete()
    return found


def address_of(db: Engine) -> str:
    """The URL with which another process opens the same database."""
    return db.url.render_as_string(hide_password=False)

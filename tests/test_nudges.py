"""Reminders of silent drafts: twice at most, by day, never after a stop or an end; and at last a rep."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as property_settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select, update

import bot.visit
from bot import jobs, nudges
from bot import receive as door
from bot.chat import Chat
from bot.hours import INDIA
from bot.messages import Inbound, Json
from bot.receive import receive
from bot.settings import ROOT, Settings
from bot.tasks import nudge
from models import Address, Conversation, JobRow, Media, Message, RepTask, Seller
from models.database import reading, writing
from tests.killed_house import until
from tests.open_rooms import loaded_talk, settings_for, workshop
from tests.talk_phone import START, Phone

KNOWN: Json = {
    "language": "hi",
    "consent": True,
    "consent_version": "2026-11",
    "seller_name": "सीता बाई",
    "village": "करनपुर",
    "district": "bastar",
    "photos": [{"id": 1, "sha256": "ab" * 32, "width": 1200, "height": 1600, "role": None, "warnings": []}],
    "photos_done": True,
}
EXAMPLES = int(os.environ.get("NUDGE_EXAMPLES", "12"))
SHE = (
    *("बेचना है", "बाँस की टोकरी", "250", "हाँ", "12", "एक बित्ता", "नहीं", "बाद में", "पता नहीं", "नमस्ते"),
    *("यह नहीं बेचना", "मेरा सामान", "बंद करो", "शुरू करो", "बाँस की टोकरी, 250 रुपये, 12 नग, एक बित्ता"),
)
DEEDS = st.lists(
    st.one_of(
        st.sampled_from(SHE).map(lambda text: ("user", text)),
        st.integers(1, 80).map(lambda hours: ("wait", f"{hours}h")),
        st.sampled_from([("voice", "brass_elephant_hi.ogg"), ("transcript", "बाँस की टोकरी")]),
    ),
    max_size=14,
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    folder = tmp_path_factory.mktemp("nudges")
    given_ = {"DATABASE_URL": f"sqlite:///{folder}/n.db", "MEDIA_URL": f"file://{folder}/m", "VOICE": "none"}
    yield Chat(Settings.from_environment(given_))


# What all drafts have in common.


@pytest.mark.slow
@given(st.integers(0, 23), DEEDS)
@property_settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
def test_every_silent_draft_is_reminded_rightly_and_ends_with_a_rep(
    house: Chat, hour: int, deeds: list[tuple[str, str]]
) -> None:
    """Whatever she did before, at whatever hour she fell silent."""
    phone = Phone(house, slots=dict(KNOWN))
    phone.clock.ahead = timedelta(hours=hour)
    phone.do("user", "बेचना है", {})
    for deed, value in deeds:
        if deed == "transcript" and not has_a_note(phone):
            continue
        phone.do(deed, value, {})
    before = phone.kept()["state"]
    phone.do("wait", "6d", {})
    after = phone.kept()["state"]
    look_at_reminders(phone)
    if nudges.watched(before) and not nudges.ours(before) and not stopped(phone):
        assert not nudges.watched(after) and after["nudges"]["rep"]
        assert open_tasks(phone) == 1
    elif not nudges.watched(before) and not (before.get("nudges") or {}).get("rep"):
        assert open_tasks(phone) == 0
    phone.do("wait", "90d", {})
    look_at_reminders(phone)


def has_a_note(phone: Phone) -> bool:
    """Is there a note that nobody has written down?"""
    with reading(phone.shop.db) as conn:
        mine = (Media.seller_id == phone.seller_id(conn), Media.kind == "voice", Media.transcript.is_(None))
        return conn.scalar(select(Media.id).where(*mine, Media.status == "stored")) is not None


def look_at_reminders(phone: Phone) -> None:
    """Between two words of hers at most two, four hours apart, by day, and none while she has stopped it."""
    since_her_word: list[datetime] = []
    last, silenced = START, False
    for row in told(phone):
        if row.direction == "in" and row.kind not in ("media_ready", "nudge"):
            events = row.events or ()
            # What one bubble joins stands in its parts.
            said = {
                part["utter"]
                for event in events
                for part in event.get("parts") or (event,)
                if "utter" in part
            }
            stops = any(event.get("do") == "stop" for event in events)
            silenced = (silenced or stops) and "utter_started" not in said
            since_her_word, last = [], row.created_at
        elif row.kind == "nudge" and any(event["event"] == "bot" for event in row.events):
            assert not silenced
            assert 9 <= row.created_at.astimezone(INDIA).hour < 20
            assert row.created_at - last >= nudges.FIRST
            last = row.created_at
            since_her_word.append(last)
            assert len(since_her_word) <= 2


def told(phone: Phone) -> Sequence[Any]:
    with reading(phone.shop.db) as conn:
        mine = select(Message.__table__).where(Message.seller_id == phone.seller_id(conn))
        return conn.execute(mine.order_by(Message.id)).all()


def open_tasks(phone: Phone) -> int:
    with reading(phone.shop.db) as conn:
        mine = (RepTask.seller_id == phone.seller_id(conn), RepTask.kind == "silent")
        return conn.scalar(select(func.count()).where(*mine, RepTask.done_at.is_(None))) or 0


def stopped(phone: Phone) -> bool:
    with reading(phone.shop.db) as conn:
        mine = Seller.id == phone.seller_id(conn)
        return conn.scalar(select(Seller.stopped_at).where(mine)) is not None


# What a reminder is.


def silent_draft(house: Chat, channel: str = "whatsapp") -> Phone:
    """The price is known, the count is asked."""
    phone = Phone(house, channel, dict(KNOWN))
    for text in ("बेचना है", "बाँस की टोकरी, 250 रुपये", "हाँ"):
        phone.do("user", text, {})
    assert phone.answer["asks"] == "stock"
    return phone


def test_the_outgoing_row_says_that_it_is_a_reminder(house: Chat) -> None:
    """Who sends it must know, for outside the window it is an approved message with the name of the goods."""
    phone = silent_draft(house)
    phone.do("wait", "5h", {})
    phone.do("wait", "48h", {})
    bodies = [row.body for row in told(phone) if row.direction == "out" and row.body.get("class")]
    assert {body["class"] for body in bodies} == {"reminder"}
    last = bodies[-1]
    assert last["utter"] == "utter_nudge_alone" and last["args"] == {"product_name": "बाँस की टोकरी"}
    assert [button["title"] for button in last["buttons"]] == ["आगे बढ़ें", "बाद में"]
    assert "speak" not in last, "outside the window nothing is said aloud"


def test_a_rep_finds_the_question_and_since_when(house: Chat) -> None:
    """The task names where she stopped and when; it is done as soon as she answers."""
    phone = silent_draft(house)
    stopped_at = told(phone)[-1].created_at
    phone.do("wait", "5d", {})
    with reading(phone.shop.db) as conn:
        hers = select(RepTask.detail).where(RepTask.seller_id == phone.seller_id(conn))
        detail = conn.execute(hers.where(RepTask.kind == "silent")).scalar_one()
    assert detail["slot"] == "stock"
    assert abs(datetime.fromisoformat(detail["since"]) - stopped_at) < timedelta(minutes=1)
    assert open_tasks(phone) == 1
    phone.do("user", "12", {})
    assert open_tasks(phone) == 0


def test_while_a_rep_has_taken_over_nothing_is_said(house: Chat) -> None:
    """The talk's state says so; when the rep has left it, the silence counts again."""
    phone = silent_draft(house)
    change_state(phone, {"taken_over": {"by": "rep:1", "name": "रमा", "at": 0, "media": []}})
    assert phone.do("wait", "10d", {})["replies"] == [] and open_tasks(phone) == 0
    change_state(phone, {"taken_over": None})
    assert phone.do("wait", "1d", {})["replies"]


def change_state(phone: Phone, values: Json) -> None:
    state = phone.kept()["state"] | values
    with writing(phone.shop.db) as conn:
        mine = update(Conversation.__table__).where(Conversation.seller_id == phone.seller_id(conn))
        conn.execute(mine.values(state=state, revision=Conversation.revision + 1, updated_at=phone.clock()))


def test_a_fault_of_ours_is_no_reminder(house: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the turn breaks she hears nothing out of the blue; a rep hears of it, and it does not repeat."""
    phone = silent_draft(house)

    def broken(*_: Any) -> Any:
        raise RuntimeError("a fault that a test put here")

    with monkeypatch.context() as patch:
        patch.setattr(bot.visit, "turn", broken)
        assert phone.do("wait", "6h", {})["replies"] == []
    assert phone.tasks() == ["error"]
    assert phone.kept()["state"]["nudges"]["sent"] == 1


def test_a_turn_that_goes_on_costs_no_job(house: Chat) -> None:
    """Only the message that begins a draft puts the job; it is one, and moves on by itself."""
    phone = silent_draft(house)
    key = nudges.unique_key(only_seller(phone))
    for text in ("12", "एक बित्ता"):
        with reading(phone.shop.db) as conn:
            job = conn.execute(select(JobRow.__table__).where(JobRow.unique_key == key)).one()
        phone.do("user", text, {})
    with reading(phone.shop.db) as conn:
        same = conn.execute(select(JobRow.__table__).where(JobRow.unique_key == key)).one()
    assert (same.id, same.puts, same.run_at) == (job.id, job.puts, job.run_at)


def only_seller(phone: Phone) -> int:
    with reading(phone.shop.db) as conn:
        return phone.seller_id(conn) or 0


# When.


def a_silent_draft(db: Engine, number: int, at: datetime) -> int:
    """A stranger who came as far as her price, written through the door at `at`; her id."""
    hers = f"whatsapp:+9199999{number:05d}"
    seller_id = 0
    for place, text in enumerate(("नमस्ते", "हिंदी", "हाँ, राज़ी", "पता नहीं", "पीतल का हाथी", "पता नहीं")):
        inbound = Inbound("whatsapp", hers, f"SM-{number}-{place}", "text", at, text)
        seller_id = receive(db, loaded_talk(), inbound, at).seller_id or 0
    return seller_id


def reminders(db: Engine, seller_id: int) -> int:
    with reading(db) as conn:
        mine = (Message.seller_id == seller_id, Message.kind == "nudge", Message.direction == "in")
        return conn.scalar(select(func.count()).where(*mine)) or 0


MORNING = datetime(2026, 1, 5, 5, 30, tzinfo=UTC)
"""11 o'clock in India."""


@pytest.mark.parametrize("moment", ["seen", "thought out"])
def test_a_word_in_the_last_moment_is_stronger(
    tmp_path: Path, db: Engine, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """She writes when her silence was seen, or even when the reminder was thought out: it is not written."""
    her, later = a_silent_draft(db, 1, MORNING), MORNING + timedelta(hours=4, minutes=1)
    shop = workshop(settings_for(tmp_path), db, loaded_talk())
    room, name = (nudge, "receive") if moment == "seen" else (door, "_write")
    real = getattr(room, name)

    def overtaken(*given_: Any) -> Any:
        monkeypatch.setattr(room, name, real)
        said = Inbound("whatsapp", "whatsapp:+919999900001", "SM-late", "text", later, "नमस्ते")
        receive(db, loaded_talk(), said, later)
        return real(*given_)

    monkeypatch.setattr(room, name, overtaken)
    work(shop, db, later)
    assert last_words(db, her) == ["SM-late"] and reminders(db, her) == 0
    work(shop, db, later + timedelta(hours=3))
    assert reminders(db, her) == 0
    work(shop, db, later + timedelta(hours=4, minutes=1))
    assert reminders(db, her) == 1


def test_a_stop_by_another_door_is_a_stop(
    tmp_path: Path, db: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The provider tells that she wants no more, in the moment in which she would be reminded."""
    her, later = a_silent_draft(db, 1, MORNING), MORNING + timedelta(hours=4, minutes=1)
    real = nudge.receive

    def stopped_meanwhile(*given_: Any) -> Any:
        with writing(db) as conn:
            conn.execute(update(Seller.__table__).where(Seller.id == her).values(stopped_at=later))
            conn.execute(update(Address.__table__).values(stopped_at=later))
        return real(*given_)

    monkeypatch.setattr(nudge, "receive", stopped_meanwhile)
    work(workshop(settings_for(tmp_path), db, loaded_talk()), db, later)
    assert reminders(db, her) == 0
    with reading(db) as conn:
        assert conn.scalars(select(JobRow.id).where(JobRow.kind == "nudge")).all() == []


def last_words(db: Engine, seller_id: int) -> Sequence[str | None]:
    with reading(db) as conn:
        hers = select(Message.provider_id).where(Message.seller_id == seller_id, Message.direction == "in")
        return conn.scalars(hers.order_by(Message.id.desc()).limit(1)).all()


def work(shop: Any, db: Engine, moment: datetime) -> None:
    """The due nudges of that moment, and no other job."""
    shop = replace(shop, clock=lambda: moment)
    for job in jobs.claim(db, moment, kinds=["nudge"], limit=100):
        nudge.run(shop, job)


def test_two_workers_with_one_job_remind_once(tmp_path: Path, db: Engine) -> None:
    """The first lost its lease and does not know it: the revision lets only one of them write."""
    her, later = a_silent_draft(db, 2, MORNING), MORNING + timedelta(hours=5)
    shop = replace(workshop(settings_for(tmp_path), db, loaded_talk()), clock=lambda: later)
    [job] = jobs.claim(db, later, kinds=["nudge"], lease_s=0)
    [again] = jobs.claim(db, later, kinds=["nudge"])
    nudge.run(shop, again)
    with pytest.raises(jobs.LostLease):
        nudge.run(shop, job)
    assert reminders(db, her) == 1
    with reading(db) as conn:
        rows = conn.scalars(select(JobRow.run_at).where(JobRow.kind == "nudge")).all()
    assert len(rows) == 1 and rows[0] >= MORNING + nudges.SECOND


@pytest.mark.slow
def test_killed_workers_remind_everybody_once(tmp_path: Path, db: Engine) -> None:
    """Thirty silent drafts, workers killed again and again: one reminder each."""
    sellers = [a_silent_draft(db, number, MORNING) for number in range(30)]
    url = db.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.nudging_worker", str(tmp_path), url]
    chance, moment = random.Random(5), (MORNING + timedelta(hours=5)).isoformat()
    for _ in range(4):
        worker = subprocess.Popen(
            [*command, moment], cwd=ROOT, stdout=subprocess.PIPE, start_new_session=True
        )
        assert worker.stdout and worker.stdout.readline() == b"ready\n"
        time.sleep(chance.uniform(0.02, 0.15))
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
    last = subprocess.Popen([*command, moment], cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        until(lambda: all(reminders(db, seller) for seller in sellers), 60)
        until(lambda: all_wait(db), 30)
    finally:
        os.killpg(last.pid, signal.SIGKILL)
        last.wait()
    assert [reminders(db, seller) for seller in sellers] == [1] * 30


def all_wait(db: Engine) -> bool:
    """Every draft's job waits for its second reminder."""
    with reading(db) as conn:
        soon = (JobRow.kind == "nudge", JobRow.run_at < MORNING + nudges.SECOND)
        return not conn.scalar(select(func.count()).where(*soon))

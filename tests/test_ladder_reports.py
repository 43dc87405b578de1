"""Reports of the carrier in any order and as often as it likes; and the stops that it tells us of."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, update

from bot.engine.turn import new_state
from bot.messages import Inbound
from bot.receive import receive
from bot.settings import Settings
from bot.web import create_app
from models import Address, Conversation, Message, RepTask
from models.database import reading, writing
from tests.fake_twilio import SENDER, FakeTwilio
from tests.ladder_house import Ladder
from tests.open_rooms import HER, house, job_kinds, settings_for, signed_post
from tests.test_ladder import REMINDER, approved

REPORTS = ("sent", "delivered", "read", "failed", "undelivered")
CODES = ("63016", "63003", "30003", "63018", "63013", None)


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as fake:
        yield fake


@pytest.mark.parametrize("seed", range(25))
def test_any_order_any_number(tmp_path: Path, twilio: FakeTwilio, db: Engine, seed: int) -> None:
    """Each step at most once, one task at most, and after a stop nothing at all."""
    chance = random.Random(seed)
    ladder = Ladder(tmp_path, db, twilio)
    approved(ladder)
    firsts = [ladder.letter("नमस्ते!", body=REMINDER), ladder.letter("और?")]
    ladder.work()
    stopped_with = None
    for turn in range(24):
        with reading(db) as conn:
            sent = list(
                conn.scalars(
                    select(Message.id).where(Message.direction == "out", Message.provider_id.is_not(None))
                )
            )
        told = [(chance.choice(sent), chance.choice(REPORTS), chance.choice(CODES)) for _ in range(3)]
        for message_id, status, code in told * chance.randint(1, 2):
            ladder.told(message_id, status, code if status in ("failed", "undelivered") else None)
        ladder.work(minutes=chance.choice((0, 0, 1, 90)))
        if turn == 16:
            with writing(db) as conn:
                conn.execute(update(Address).values(stopped_at=ladder.now))
            stopped_with = len(twilio.messages)
    ladder.work(hours=24)
    for first in firsts:
        steps = Counter(step.body["step"] for step in ladder.steps(first))
        assert set(steps.values()) <= {1}
    assert len(ladder.tasks()) <= 1 and len(twilio.messages) == stopped_with


def test_a_failure_that_is_told_before_we_know_the_id(tmp_path: Path, twilio: FakeTwilio, db: Engine) -> None:
    """It is looked at again once the id is written down, and the letter gets its next step after all."""
    ladder = Ladder(tmp_path, db, twilio)
    first = ladder.letter()
    ladder.work()
    sid = ladder.row(first).provider_id
    with writing(db) as conn:
        conn.execute(update(Message).where(Message.id == first).values(status="sending", provider_id=None))
    for _ in range(2):
        ladder.reported(sid, "failed", "63003")
    with writing(db) as conn:
        conn.execute(update(Message).where(Message.id == first).values(status="sent", provider_id=sid))
    ladder.work(minutes=1)
    assert ladder.row(first).status == "failed" and len(ladder.steps(first)) == 1


def test_a_failure_of_nobodys_letter_is_looked_at_once(
    tmp_path: Path, twilio: FakeTwilio, db: Engine
) -> None:
    """What stays unknown is not ours, and leaves nothing behind."""
    ladder = Ladder(tmp_path, db, twilio)
    ladder.reported("SM" + "0" * 32, "undelivered", "30003")
    assert job_kinds(db) == ["late_report"]
    ladder.work(minutes=1)
    assert job_kinds(db) == [] and ladder.tasks() == []


def whatsapp(client: FlaskClient, settings: Settings, sid: str, text: str, **more: str) -> None:
    form = {"MessageSid": sid, "From": HER, "To": SENDER, "Body": text, "NumMedia": "0"} | more
    assert signed_post(client, settings, "/webhooks/twilio/whatsapp", form).status_code == 200


def stopped(db: Engine) -> bool:
    with reading(db) as conn:
        return conn.scalar(select(Address.stopped_at).where(Address.address == HER)) is not None


def waiting(db: Engine) -> list[str]:
    with reading(db) as conn:
        return list(
            conn.scalars(
                select(Message.status).where(Message.direction == "out", Message.status != "cancelled")
            )
        )


@pytest.mark.parametrize("known", [True, False])
def test_a_stop_that_the_carrier_tells_us(tmp_path: Path, db: Engine, known: bool) -> None:
    """OptOutType=STOP: the address is stopped, and no confirmation of ours follows the carrier's own."""
    settings = settings_for(tmp_path)
    client = create_app(settings, house(settings, db)).test_client()
    if known:
        whatsapp(client, settings, "SM1", "नमस्ते")
        assert waiting(db) != []
    whatsapp(client, settings, "SM2", "STOP", OptOutType="STOP")
    assert stopped(db) and waiting(db) == []
    whatsapp(client, settings, "SM3", "नमस्ते")
    assert waiting(db) == []


def test_and_the_start_that_lifts_it(tmp_path: Path, db: Engine) -> None:
    """OptOutType=START: from then on she is answered again."""
    settings = settings_for(tmp_path)
    client = create_app(settings, house(settings, db)).test_client()
    whatsapp(client, settings, "SM1", "नमस्ते")
    whatsapp(client, settings, "SM2", "STOP", OptOutType="STOP")
    whatsapp(client, settings, "SM3", "START", OptOutType="START")
    assert not stopped(db)
    whatsapp(client, settings, "SM4", "नमस्ते")
    assert waiting(db) != []


def test_a_stop_that_she_said_to_us_is_hers_to_lift(tmp_path: Path, db: Engine) -> None:
    """The carrier's START says nothing of a stop that she said in her own words."""
    settings = settings_for(tmp_path)
    client = create_app(settings, house(settings, db)).test_client()
    whatsapp(client, settings, "SM1", "नमस्ते")
    whatsapp(client, settings, "SM2", "बंद करो")
    whatsapp(client, settings, "SM3", "UNSTOP", OptOutType="START")
    assert stopped(db)


@pytest.mark.parametrize("code", ["21610", "63014"])
def test_a_stop_found_in_a_report(tmp_path: Path, twilio: FakeTwilio, db: Engine, code: str) -> None:
    """What waits to go there is cancelled, no other way is tried, no rep is sent."""
    ladder = Ladder(tmp_path, db, twilio)
    letter = ladder.letter()
    ladder.work()
    ladder.now += timedelta(minutes=1)
    ladder.told(letter, "failed", code)
    ladder.work()
    ladder.letter("noch eins")
    ladder.work(minutes=1)
    assert stopped(db) and len(twilio.messages) == 1
    assert ladder.steps(letter) == [] and ladder.tasks() == []


def test_who_writes_again_need_not_be_called(tmp_path: Path, twilio: FakeTwilio, db: Engine) -> None:
    """Nothing arrived and a rep was to call her: with her own next word that is done, by itself."""
    ladder = Ladder(tmp_path, db, twilio, {"twilio_sms_from": ""})
    ladder.work()
    with writing(db) as conn:
        conn.execute(update(Conversation).values(state=new_state()))
    first = ladder.letter()
    ladder.work()
    ladder.told(first, "failed", "63003")
    ladder.work()
    with reading(db) as conn:
        assert conn.scalars(select(RepTask.done_at).where(RepTask.kind == "unreached")).all() == [None]
    shop = ladder.shop
    for number in range(2):
        hers = Inbound("whatsapp", HER, f"SM-again-{number}", "text", ladder.now, "नमस्ते")
        receive(shop.db, shop.talk, hers, ladder.now)
    with reading(db) as conn:
        assert conn.scalars(select(RepTask.done_at).where(RepTask.kind == "unreached")).all() == [ladder.now]
        assert "unreached" not in (conn.scalar(select(Conversation.state)) or {})

"""People whom the provider knows by an id: a hidden number, and a number that has changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, insert, select, update

from bot import jobs, tombstones
from bot.settings import Settings
from bot.web import create_app
from models import Address, Conversation, JobRow, Message, Seller, SellerCard
from models.database import reading, writing
from tests.fake_twilio import SENDER, FakeTwilio
from tests.ladder_house import Ladder
from tests.open_rooms import house, outgoing, settings_for, signed_post

WHATSAPP = "/webhooks/twilio/whatsapp"
USER = "IN.a1B2c3D4e5F6g7H8"
HIDDEN = f"whatsapp:{USER}"
FIRST, SECOND = "whatsapp:+919999900041", "whatsapp:+919999900042"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path)


@pytest.fixture
def client(settings: Settings, db: Engine) -> FlaskClient:
    return create_app(settings, house(settings, db)).test_client()


def writes(client: FlaskClient, settings: Settings, sender: str, user: str | None = USER) -> str:
    """One text through the signed door; its id."""
    sid = "SM" + uuid4().hex
    params = {"MessageSid": sid, "From": sender, "To": SENDER, "Body": "नमस्ते", "NumMedia": "0"}
    params |= {"ExternalUserId": user} if user else {}
    assert signed_post(client, settings, WHATSAPP, params).status_code == 200
    return sid


def owner(db: Engine, sid: str) -> int:
    with reading(db) as conn:
        return int(conn.execute(select(Message.seller_id).where(Message.provider_id == sid)).scalar_one())


def ways(db: Engine, seller_id: int) -> dict[str, str]:
    with reading(db) as conn:
        hers = select(Address.channel, Address.address).where(Address.seller_id == seller_id)
        return {row.channel: row.address for row in conn.execute(hers)}


@pytest.mark.parametrize(("before", "after"), [(FIRST, SECOND), (FIRST, HIDDEN), (HIDDEN, FIRST)])
def test_the_provider_knows_her_by_another_number(
    client: FlaskClient, settings: Settings, db: Engine, before: str, after: str
) -> None:
    """The same person goes on; all that waits for her goes to where she writes from now."""
    hers = owner(db, writes(client, settings, before))
    assert owner(db, writes(client, settings, after)) == hers
    assert ways(db, hers) == {"whatsapp": after}
    with reading(db) as conn:
        waiting = conn.scalars(select(Message.address).where(Message.direction == "out"))
        assert set(waiting) == {after}
        last = after[-4:] if after != HIDDEN else None
        assert conn.scalar(select(SellerCard.phone_last4).where(SellerCard.seller_id == hers)) == last
    assert owner(db, writes(client, settings, after)) == hers


def test_the_number_she_left_is_a_strangers(client: FlaskClient, settings: Settings, db: Engine) -> None:
    """Not written to unasked, by no channel; whoever has it next sees nothing of hers, and may begin."""
    hers = owner(db, writes(client, settings, FIRST))
    number = FIRST.removeprefix("whatsapp:")
    opened = house(settings, db)
    now, secret = opened.clock(), opened.talk.settings.secret_key
    with writing(db) as conn:
        sms = {"channel": "sms", "address": number, "created_at": now}
        conn.execute(insert(Address).values(seller_id=hers, **sms))
        letter = outgoing(conn, hers, channel="sms", address=number)
        jobs.put(conn, "send_message", {"message_id": letter}, now=now, key=f"seller:{hers}")
    writes(client, settings, SECOND)
    with reading(db) as conn:
        assert conn.scalar(select(Message.status).where(Message.id == letter)) == "cancelled"
        assert tombstones.among(conn, secret, [FIRST]) == {FIRST: None}
    assert ways(db, hers) == {"whatsapp": SECOND}
    other = owner(db, writes(client, settings, FIRST, "IN.another"))
    assert other != hers
    with reading(db) as conn:
        assert conn.scalar(
            select(Conversation.state["asks"].as_string()).where(Conversation.seller_id == other)
        )
        assert tombstones.among(conn, secret, [FIRST]) == {}


def test_a_stop_goes_with_her_and_not_with_the_number(
    client: FlaskClient, settings: Settings, db: Engine
) -> None:
    """She stays stopped on the new number, and is answered nothing there."""
    hers = owner(db, writes(client, settings, FIRST))
    with writing(db) as conn:
        now = house(settings, db).clock()
        conn.execute(update(Address).values(stopped_at=now))
        conn.execute(update(Seller).values(stopped_at=now))
        conn.execute(update(Conversation).values(revision=Conversation.revision + 1))
        before = len(conn.execute(select(Message.id).where(Message.direction == "out")).all())
    writes(client, settings, SECOND)
    with reading(db) as conn:
        assert conn.scalar(select(Address.stopped_at).where(Address.seller_id == hers))
        assert len(conn.execute(select(Message.id).where(Message.direction == "out")).all()) == before


def test_who_came_by_sms_first_is_known_by_her_id_too(
    client: FlaskClient, settings: Settings, db: Engine
) -> None:
    """The id is kept with the first message that brings it, so that a later change is seen."""
    number = FIRST.removeprefix("whatsapp:")
    params = {"MessageSid": "SM" + uuid4().hex, "From": number, "To": "+14155550100", "Body": "नमस्ते"}
    assert signed_post(client, settings, "/webhooks/twilio/sms", params).status_code == 200
    hers = owner(db, params["MessageSid"])
    assert owner(db, writes(client, settings, FIRST)) == hers
    assert owner(db, writes(client, settings, SECOND)) == hers
    assert ways(db, hers) == {"whatsapp": SECOND}


@pytest.mark.parametrize("code", ["63016", "63024", "63003", "30008"])
def test_a_hidden_number_gets_no_sms_and_no_call(tmp_path: Path, db: Engine, code: str) -> None:
    """Her ladder ends with the rep: there is no number to write to or to ring."""
    with FakeTwilio() as twilio:
        ladder = Ladder(tmp_path, db, twilio)
        with writing(db) as conn:
            conn.execute(update(Address).values(address=HIDDEN, user_id=USER))
            conn.execute(update(Message).values(address=HIDDEN))
        letter: Any = ladder.letter(address=HIDDEN)
        ladder.work()
        ladder.told(letter, "undelivered", code)
        ladder.work(hours=1)
        assert ladder.steps(letter) == []
        assert [task["code"] for task in ladder.tasks()] == [code]
        with reading(db) as conn:
            assert {row.channel for row in conn.execute(select(Message.channel))} == {"whatsapp"}
            assert "ring_back" not in set(conn.scalars(select(JobRow.kind)))
        ladder.work(days=3)
        assert ladder.steps(letter) == []

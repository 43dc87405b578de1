"""What she answers to a letter that came by another way, through the real doors."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, update

from bot.messages import Json
from bot.settings import Settings
from bot.web import create_app
from models import Conversation, Message
from models.database import reading, writing
from tests.conftest import Clock
from tests.fake_twilio import SENDER
from tests.open_rooms import HER, house, settings_for, signed_post

CONSENTED = ("नमस्ते", "हिंदी", "हाँ, राज़ी", "बस", "पीतल का हाथी")


class Phone:
    """Her phone on the signed webhooks; the clock goes on as it is told."""

    def __init__(self, tmp_path: Path, db: Engine) -> None:
        self.db, self.clock, self.count = db, Clock(), 0
        self.settings: Settings = settings_for(tmp_path, twilio_sms_from="+14155550123")
        rooms = replace(house(self.settings, db), clock=self.clock)
        self.client: FlaskClient = create_app(self.settings, rooms).test_client()
        for text in CONSENTED:
            self.says(text)

    def says(self, text: str, path: str = "whatsapp", **more: str) -> list[str]:
        """One message of hers; the names of what is said to it."""
        self.count += 1
        self.clock.now += timedelta(minutes=1)
        sender = HER if path == "whatsapp" else HER.removeprefix("whatsapp:")
        form = {"MessageSid": f"SM{self.count}", "From": sender, "To": SENDER, "Body": text, "NumMedia": "0"}
        since = self.last_id()
        answer = signed_post(self.client, self.settings, f"/webhooks/twilio/{path}", form | more)
        assert answer.status_code == 200
        with reading(self.db) as conn:
            ours = (Message.direction == "out", Message.id > since)
            return [body["utter"] for body in conn.scalars(select(Message.body).where(*ours))]

    def last_id(self) -> int:
        with reading(self.db) as conn:
            return conn.scalar(select(Message.id).order_by(Message.id.desc()).limit(1)) or 0

    @property
    def state(self) -> Json:
        with reading(self.db) as conn:
            return dict(conn.scalars(select(Conversation.state)).one())

    def question_left_out(self) -> None:
        """As the ladder leaves it when only a line that leads back went out by SMS."""
        with writing(self.db) as conn:
            new = self.state | {"left_out": True}
            conn.execute(update(Conversation).values(state=new, revision=Conversation.revision + 1))

    @property
    def now(self) -> datetime:
        return self.clock.now


@pytest.fixture
def phone(tmp_path: Path, db: Engine) -> Phone:
    return Phone(tmp_path, db)


def test_a_template_pressed_days_later(phone: Phone) -> None:
    """Its button leads to the question that is open, and answers nothing."""
    before = phone.state
    phone.clock.now += timedelta(days=5)
    said = phone.says("", ButtonText="आगे बढ़ें", ButtonPayload="/start_flow(list_product)")
    assert f"utter_ask_{before['asks']}" in said
    assert phone.state["asks"] == before["asks"] and phone.state["slots"].get("price") is None


@pytest.mark.parametrize(
    "payload", ["/SetSlots(confirm_listing=true)", "/SetSlots(confirm_restart=true)", "/no_such_thing"]
)
def test_a_button_of_an_old_question(phone: Phone, payload: str) -> None:
    """She is led kindly to the open one; what the old button meant is not done."""
    before = phone.state
    phone.clock.now += timedelta(days=2)
    said = phone.says("", ButtonText="हाँ", ButtonPayload=payload)
    assert said and phone.state["asks"] == before["asks"]
    assert phone.state["slots"].get("product_name") == before["slots"].get("product_name")


@pytest.mark.parametrize("text", ["1", "haan", "5"])
def test_a_bare_key_is_no_answer_to_what_she_has_not_seen(phone: Phone, text: str) -> None:
    """After the line by SMS a 1, a yes or any key has the question asked; nothing is filled."""
    before = phone.state
    phone.question_left_out()
    said = phone.says(text, "sms")
    assert f"utter_ask_{before['asks']}" in said
    assert phone.state["slots"].get(before["asks"]) is None and "left_out" not in phone.state


def test_two_is_later(phone: Phone) -> None:
    """As it stands below that line."""
    phone.question_left_out()
    assert "utter_later" in phone.says("2", "sms")


def test_the_next_key_answers_again(phone: Phone) -> None:
    """Once the question was asked by SMS its answers count."""
    phone.question_left_out()
    phone.says("1", "sms")
    assert phone.state["asks"] == "photos"
    phone.says("0", "sms")
    assert phone.state["asks"] not in (None, "photos")

"""A missed call: she pays nothing, and is rung back, or answered by SMS where nobody can ring."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from sqlalchemy import Engine, func, select, update

from bot.messages import Inbound
from bot.receive import receive
from models import Address, JobRow, Message, Seller
from models.database import reading, writing
from tests.calls_house import HER, OURS, CallsHouse, calls_house
from tests.fake_twilio import Trouble
from tests.scripted_caller import VOICE, hang_up, key

NIGHT = datetime(2026, 1, 5, 18, 0, tzinfo=UTC)
"""Half past eleven in India."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[CallsHouse]:
    with calls_house(tmp_path) as opened:
        yield opened


def test_it_is_refused_and_rung_back(house: CallsHouse) -> None:
    """Nobody answers her call, so it costs nothing; some seconds later her phone rings."""
    assert house.caller().let_it_ring().endswith('<Response><Reject reason="busy" /></Response>')
    house.worker.drain()
    assert house.rung() == [], "her own call is not over yet"
    house.wait(3)
    [placed] = house.rung()
    assert placed.form == {
        "To": HER,
        "From": OURS,
        "Url": house.settings.public_url + VOICE + "#rc=2&rp=5xx,ct,rt",
        "Method": "POST",
        "StatusCallback": house.settings.public_url + VOICE,
        "Timeout": "25",
    }


def test_the_same_call_reported_twice(house: CallsHouse) -> None:
    """A repeat changes nothing: one message, one call back."""
    for _ in range(2):
        house.caller().let_it_ring(call="CA1")
        house.wait(3)
    assert len(house.rung()) == 1 and len(house.rows(kind="missed_call")) == 1


def test_calling_again_and_again(house: CallsHouse) -> None:
    """Who cannot wait and lets it ring three times is rung once."""
    for _ in range(3):
        house.caller().let_it_ring()
    house.wait(3)
    house.pick_up([hang_up])
    house.wait(600)
    assert len(house.rung()) == 1


def test_not_more_than_once_a_minute(house: CallsHouse) -> None:
    """A missed call while her phone rings is answered by that call, or a minute later by the next one."""
    house.caller().let_it_ring()
    house.wait(3)
    house.caller().let_it_ring()
    house.wait(50)
    assert len(house.rung()) == 1
    house.wait(11)
    assert len(house.rung()) == 2
    house.wait(600)
    assert len(house.rung()) == 2


def test_not_all_day(house: CallsHouse) -> None:
    """Somebody who shows another's number cannot have her phone ring all day long."""
    for _ in range(30):
        house.caller().let_it_ring()
        house.wait(120)
    assert len(house.rung()) == 20


def test_at_night_only_who_has_just_called(house: CallsHouse) -> None:
    """She called at half past eleven and is rung at once; what waits for her is told in the morning."""
    house.clock.now = NIGHT
    house.call([key("2"), key("1"), hang_up])
    assert len(house.rung()) == 1
    receive(house.db, house.rooms.talk, _note_failed(house), house.clock())
    house.wait(9 * 3600)
    assert len(house.rung()) == 1
    house.wait(3600)
    assert len(house.rung()) == 2
    assert house.clock().astimezone(UTC).hour >= 3, "half past three in the morning here is nine in India"


def _note_failed(house: CallsHouse) -> Inbound:
    return Inbound("call", HER, "looking:1", "media_ready", house.clock(), payload="looking")


def test_a_call_after_the_worker_was_down_for_hours(house: CallsHouse) -> None:
    """What was a missed call in the evening is no reason to ring at night."""
    house.clock.now = NIGHT.replace(hour=12)
    house.caller().let_it_ring()
    house.clock.now = NIGHT
    house.worker.drain()
    assert house.rung() == []
    house.wait(10 * 3600)
    assert len(house.rung()) == 1


def test_who_said_stop_is_left_alone(house: CallsHouse) -> None:
    """After a stop a missed call is neither rung back nor answered."""
    stopped = Inbound("sms", HER, "SM1", "text", house.clock(), "STOP")
    receive(house.db, house.rooms.talk, stopped, house.clock())
    house.caller().let_it_ring()
    house.wait(600)
    assert house.rung() == []
    with reading(house.db) as conn:
        addresses = conn.execute(select(Address.channel, Address.stopped_at)).all()
    assert {row.channel: row.stopped_at is not None for row in addresses} == {"sms": True, "call": True}


def test_a_stop_between_the_call_and_the_ring(house: CallsHouse) -> None:
    """She takes it back before her phone rings: it does not."""
    house.caller().let_it_ring()
    with writing(house.db) as conn:
        conn.execute(update(Seller).values(stopped_at=house.clock()))
    house.wait(3)
    assert house.rung() == []


def test_without_an_exchange_she_is_answered_by_sms(tmp_path: Path) -> None:
    """The open question comes as SMS, to a stranger the hello; the same call twice is one answer."""
    with calls_house(tmp_path, call_provider="") as house:
        for _ in range(2):
            house.caller().let_it_ring(call="CA1")
        assert house.stands() == {"flow": None, "asks": None, "slots": {}, "language": None, "listings": []}
        [first, question] = house.rows(direction="out")
        assert (first.channel, first.address, first.body["utter"]) == ("sms", HER, "utter_greet")
        assert question.body["utter"] == "utter_ask_language"


def test_without_an_exchange_a_known_seller_goes_on_by_sms(tmp_path: Path) -> None:
    """Who began on WhatsApp and lets it ring goes on by SMS at the question that was open."""
    with calls_house(tmp_path, call_provider="") as house:
        for number, text in enumerate(("नमस्ते", "हिंदी", "हाँ, राज़ी")):
            message = Inbound("whatsapp", f"whatsapp:{HER}", f"SM{number}", "text", house.clock(), text)
            receive(house.db, house.rooms.talk, message, house.clock())
        house.caller().let_it_ring()
        sent = house.rows(channel="sms", direction="out")
        assert [row.body["utter"] for row in sent] == ["utter_greet_again", "utter_ask_photos"]
        with reading(house.db) as conn:
            assert conn.scalar(select(func.count()).select_from(Seller)) == 1


def test_an_exchange_that_will_not_ring_her(house: CallsHouse) -> None:
    """A number that the exchange refuses for good is answered by SMS, once."""
    house.exchange.trouble.append(Trouble(status=400, code=21211))
    house.caller().let_it_ring()
    house.wait(3)
    house.wait(600)
    assert house.rung() == []
    assert [row.body["utter"] for row in house.rows(channel="sms", direction="out")] == [
        "utter_greet",
        "utter_ask_language",
    ]
    assert [row.status for row in house.rows(kind="call", direction="out")] == ["failed"]


def test_a_hidden_number(house: CallsHouse) -> None:
    """Who hides the number is refused like everybody, and nothing of the call is kept."""
    assert "Reject" in house.caller().let_it_ring(number="anonymous")
    assert house.rows() == []


def test_unsigned_calls_are_refused(house: CallsHouse) -> None:
    """Only the provider may say who called: anything else is a 403 and leaves no row."""
    form = {"CallSid": "CA1", "From": HER, "To": OURS, "Direction": "inbound", "CallStatus": "ringing"}
    url = house.settings.public_url + VOICE
    for signature in ({}, {"X-Twilio-Signature": "x" * 28}):
        assert requests.post(url, data=form, headers=signature, timeout=5).status_code == 403
    assert requests.post(f"{url}?after=7", data=form, timeout=5).status_code == 403
    assert house.rows() == []


def test_the_place_in_the_address_is_signed_too(house: CallsHouse) -> None:
    """Nobody can lead a call to another question by changing the address."""
    house.caller().let_it_ring()
    house.wait(3)
    caller = house.caller()
    answer = caller.post(house.rung()[0].form["Url"], _picked_up(house), "in-progress")
    assert answer.status_code == 200
    headers = {"X-Twilio-Signature": answer.request.headers["X-Twilio-Signature"]}
    moved = house.settings.public_url + VOICE + "?after=1"
    assert requests.post(moved, data=answer.request.body, headers=headers, timeout=5).status_code == 403


def _picked_up(house: CallsHouse) -> dict[str, str]:
    return {"CallSid": house.rung()[0].sid, "From": OURS, "To": HER, "Direction": "outbound-api"}


def test_a_number_is_one_person(db: Engine, tmp_path: Path) -> None:
    """WhatsApp, SMS and calls of one number are one seller; another number is another one."""
    with calls_house(tmp_path, db=db) as house:
        now = house.clock()
        ways = (("sms", HER), ("whatsapp", f"whatsapp:{HER}"), ("call", HER))
        for number, (channel, address) in enumerate(ways):
            kind = "missed_call" if channel == "call" else "text"
            receive(
                house.db, house.rooms.talk, Inbound(channel, address, f"{number}", kind, now, "नमस्ते"), now
            )
        other = Inbound("call", "+919999954321", "9", "missed_call", now)
        receive(house.db, house.rooms.talk, other, now)
        with reading(house.db) as conn:
            rows = conn.execute(select(Address.seller_id, Address.address)).all()
            jobs = conn.scalars(select(JobRow.payload).where(JobRow.kind == "ring_back")).all()
            messages = conn.scalar(select(func.count()).where(Message.direction == "in"))
        assert len({row.seller_id for row in rows if HER in row.address}) == 1
        assert len({row.seller_id for row in rows}) == 2 and messages == 4
        assert all(HER not in str(payload) for payload in jobs), "no number of hers stands in a job"

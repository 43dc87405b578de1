"""The failure ladder: a letter that does not arrive goes on by another way, each step once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update

from bot.channels.send_errors import send_errors
from bot.channels.sms_text import segments
from bot.channels.ways import Reach, Way, way
from models import Address, ContentTemplate, Conversation, JobRow, Seller
from models.database import reading, writing
from tests.fake_twilio import FakeTwilio, Trouble
from tests.ladder_house import REMINDER, Ladder
from tests.open_rooms import HER

House = Callable[..., Ladder]


@pytest.fixture
def house(tmp_path: Path, db: Engine) -> Iterator[House]:
    with FakeTwilio() as twilio:
        yield lambda **changes: Ladder(tmp_path, db, twilio, changes)


def approved(ladder: Ladder, number: int = 1, **values: Any) -> str:
    sid = "HX" + "b" * 32
    row = {"response": "utter_nudge_alone", "language": "hi", "channel": "whatsapp", "content_sid": sid}
    row |= {"form": f"opener-{number}", "approval": "approved", "variables": ["product_name"]}
    with writing(ladder.db) as conn:
        conn.execute(insert(ContentTemplate).values(**row | values))
    return sid


@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("template", [True, False])
@pytest.mark.parametrize("sms", [True, False])
def test_the_first_open_way(inside: bool, there: bool, template: bool, sms: bool) -> None:
    """Free text, a template, SMS, the rep; after each has been tried the next."""
    reach = Reach(inside, there, template, sms)
    open_ways: list[Way] = ["free"] * (inside and there) + ["template"] * (template and there)
    open_ways += ["sms"] * sms + ["rep"]
    tried: list[Way] = []
    for expected in open_ways:
        assert way(reach, tried) == expected
        tried.append(expected)


def test_a_minute_before_the_window_closes(house: House) -> None:
    """23:59 after her last word free text goes, 24:01 after it none is tried: it goes by SMS."""
    ladder = house()
    ladder.now += timedelta(hours=23, minutes=59)
    before = ladder.letter()
    ladder.work()
    assert ladder.row(before).status == "sent"
    after = ladder.letter("और कितना?")
    ladder.work(minutes=2)
    assert (ladder.row(after).status, ladder.row(after).error) == ("cancelled", "window_closed")
    [step] = ladder.steps(after)
    assert (step.channel, step.address, step.status) == ("sms", "+919999912345", "sent")
    assert [form["To"] for form in ladder.twilio.forms] == [HER, "+919999912345"]


def test_only_her_own_word_from_this_address_opens_it(house: House) -> None:
    """Neither what our workers send through the door nor her SMS."""
    ladder = house()
    ladder.now += timedelta(hours=25)
    ladder.says(kind="media_ready")
    ladder.says(channel="sms", address="+919999912345")
    letter = ladder.letter()
    ladder.work()
    assert ladder.row(letter).error == "window_closed"
    ladder.says()
    again = ladder.letter()
    ladder.work()
    assert ladder.row(again).status == "sent"


def test_an_approved_template_opens_a_talk(house: House) -> None:
    """A reminder outside the window goes as the template of her language, its values filled in."""
    ladder = house()
    sid = approved(ladder)
    ladder.now += timedelta(hours=30)
    letter = ladder.letter("नमस्ते!", body=REMINDER)
    ladder.work()
    [step] = ladder.steps(letter)
    assert (step.channel, step.status, step.body["step"]) == ("whatsapp", "sent", "template")
    [form] = ladder.twilio.forms
    assert form["ContentSid"] == sid and form["ContentVariables"] == '{"1": "पीतल का हाथी"}'


@pytest.mark.parametrize("values", [{"approval": "pending"}, {"language": "hne"}, {"form": "opener-2"}])
def test_no_other_template_opens_it(house: House, values: dict[str, Any]) -> None:
    """One that is not approved, of another language or without the product's name is none."""
    ladder = house()
    approved(ladder, **values)
    ladder.now += timedelta(hours=30)
    letter = ladder.letter("नमस्ते!", body=REMINDER)
    ladder.work()
    assert [step.channel for step in ladder.steps(letter)] == ["sms"]


def test_the_last_word_on_an_old_draft_is_not_another(house: House) -> None:
    """That it will be thrown away is said by SMS too, and never as a reminder that all is kept."""
    ladder = house()
    approved(ladder)
    ladder.now += timedelta(days=180)
    letter = ladder.letter("मिटा देंगे", body=REMINDER | {"utter": "utter_nudge_last"})
    ladder.work()
    assert [step.body["utter"] for step in ladder.steps(letter)] == ["utter_nudge_last"]


def test_without_sms_a_rep_calls(house: House) -> None:
    """No gateway: the task is there at once, and one for however many letters."""
    ladder = house(twilio_sms_from="")
    ladder.now += timedelta(hours=30)
    first = ladder.letter()
    ladder.letter("दूसरा")
    ladder.work()
    detail = {"message_id": first, "code": "window_closed", "reason": "the 24-hour window is closed"}
    assert ladder.tasks() == [detail] and ladder.steps(first) == []


EXPECTED = {
    "retry": (["sms"], 0, False),
    "next_step": (["sms"], 0, False),
    "window_closed": (["template"], 0, False),
    "not_on_whatsapp": (["sms"], 0, False),
    "stop": ([], 0, True),
    "rep": ([], 1, False),
}


@pytest.mark.parametrize("code", [*(code for code in send_errors().codes if code.isdigit()), "99999"])
def test_every_code_has_its_next_step(house: House, code: str) -> None:
    """A reminder that has failed with this code: the steps taken, the rep's tasks, whether it was a stop."""
    ladder = house()
    approved(ladder)
    letter = ladder.letter("नमस्ते!", body=REMINDER)
    ladder.work()
    ladder.told(letter, "failed", code)
    ladder.work(minutes=1)
    steps, tasks, stopped = EXPECTED[send_errors().next(code)]
    assert [step.body["step"] for step in ladder.steps(letter)] == steps
    assert len(ladder.tasks()) == tasks
    with reading(ladder.db) as conn:
        address = conn.execute(select(Address.__table__).where(Address.address == HER)).one()
    assert (address.stopped_at is not None) == stopped
    assert (address.not_on_whatsapp_at is not None) == (send_errors().next(code) == "not_on_whatsapp")


def test_the_table_names_every_code_of_the_field() -> None:
    """Codes that carriers are known to send."""
    known = "63016 63018 63003 63024 63014 63013 63021 63049 21610 21614 30003 30007 21901 20429"
    assert {code for code in send_errors().codes if code.isdigit()} == set(known.split())


@pytest.mark.parametrize("trouble", [Trouble(400, 63016), Trouble(400, 63024), Trouble(400, 21211)])
def test_a_refusal_at_sending_moves_it_too(house: House, trouble: Trouble) -> None:
    """No report is waited for."""
    ladder = house()
    ladder.twilio.trouble.append(trouble)
    letter = ladder.letter()
    ladder.work()
    assert ladder.row(letter).status == "failed"
    assert [(step.channel, step.status) for step in ladder.steps(letter)] == [("sms", "sent")]


def test_not_on_whatsapp_is_remembered_until_she_writes_from_there(house: House) -> None:
    """The next letter does not try; her next word from WhatsApp makes it try again."""
    ladder = house()
    first = ladder.letter()
    ladder.work()
    ladder.told(first, "failed", "63003")
    ladder.work(minutes=1)
    second = ladder.letter("दूसरा")
    ladder.work(minutes=1)
    assert ladder.row(second).error == "not_on_whatsapp" and len(ladder.steps(second)) == 1
    ladder.now += timedelta(minutes=1)
    ladder.says()
    third = ladder.letter("तीसरा")
    ladder.work()
    assert ladder.row(third).status == "sent"


def test_all_the_way_down(house: House) -> None:
    """Template, SMS, rep: each once, linked to the first letter, and nothing after the last."""
    ladder = house()
    approved(ladder)
    letter = ladder.letter("नमस्ते!", body=REMINDER)
    ladder.work()
    ladder.told(letter, "failed", "63016")
    ladder.work(minutes=1)
    for _ in range(2):
        ladder.told(ladder.steps(letter)[-1].id, "undelivered", "30003")
        ladder.work(minutes=1)
    assert [step.body["step"] for step in ladder.steps(letter)] == ["template", "sms"]
    assert ladder.tasks() == [
        {"message_id": letter, "code": "30003", "reason": "the phone cannot be reached"}
    ]


def test_a_step_counts_in_her_day_and_one_too_many_is_a_reps(house: House) -> None:
    """One SMS has room in what her day may cost; the next letter that fails is called out, not paid for."""
    ladder = house(limit_spend_day=Decimal("0.30"))
    ladder.now += timedelta(hours=30)
    first = ladder.letter("पहला")
    ladder.work()
    assert [step.channel for step in ladder.steps(first)] == ["sms"] and ladder.tasks() == []
    with reading(ladder.db) as conn:
        assert (conn.scalar(select(Conversation.state)) or {})["limits"]["sent"] == {"sms": 1}
    ladder.now += timedelta(minutes=1)
    second = ladder.letter("दूसरा")
    ladder.work()
    assert ladder.steps(second) == [] and ladder.tasks()[0]["message_id"] == second
    assert ladder.row(second).body["next"]["over_limit"] == "sms"
    third = ladder.letter("तीसरा")
    ladder.work(days=1)
    assert ladder.steps(third) != []


def test_silence_moves_what_nobody_waited_for(house: House) -> None:
    """A reminder that is sent and not delivered goes by SMS after its time; what was delivered does not."""
    ladder = house()
    lost, there = (
        ladder.letter("एक", body=REMINDER),
        ladder.letter("दो", body=REMINDER | {"utter": "utter_x"}),
    )
    answer = ladder.letter("तीन")
    ladder.work()
    ladder.told(there, "delivered")
    ladder.work(hours=3, minutes=59)
    assert ladder.steps(lost) == []
    ladder.work(minutes=2)
    [step] = ladder.steps(lost)
    assert step.channel == "sms" and ladder.steps(there) == [] and ladder.steps(answer) == []
    ladder.told(lost, "delivered")
    ladder.work(hours=12)
    assert len(ladder.steps(lost)) == 1 and ladder.row(lost).status == "delivered"


@pytest.mark.parametrize("entity", ["", "1101234567890123456"])
def test_a_photo_asked_for_outside_the_window_goes_by_sms(house: House, entity: str) -> None:
    """In words made for SMS, registered or not, and by day only; her open question stands as it stood."""
    ladder = house(sms_entity=entity)
    ladder.now += timedelta(hours=30)
    args = {"number": 1001, "photo_problem": "dark"}
    letter = ladder.letter("…", body={"utter": "utter_retake_photo", "class": "request", "args": args})
    ladder.now += timedelta(hours=5)
    ladder.work()
    assert ladder.steps(letter) == []
    ladder.work(hours=13)
    [step] = ladder.steps(letter)
    assert (step.channel, step.status, step.body["utter"]) == ("sms", "sent", "utter_retake_photo")
    assert step.body["text"].startswith("सामान नंबर 1001 का फोटो फिर चाहिए: अँधेरा है")
    assert "वाट्सऐप" in step.body["text"] and segments(step.body["text"]) <= 2
    with reading(ladder.db) as conn:
        state = conn.scalar(select(Conversation.state))
    assert state is not None and "left_out" not in state


def test_a_late_delivery_takes_the_waiting_step_back(house: House) -> None:
    """It arrived after all before the SMS has left."""
    ladder = house()
    letter = ladder.letter("नमस्ते!", body=REMINDER)
    ladder.work()
    ladder.twilio.trouble.append(Trouble(503))
    ladder.work(hours=5)
    assert [step.status for step in ladder.steps(letter)] == ["sending"]
    ladder.told(letter, "delivered")
    ladder.work(minutes=1)
    assert [step.status for step in ladder.steps(letter)] == ["cancelled"]


def test_no_price_goes_by_another_way(house: House) -> None:
    """An answer with an amount becomes a line that leads back; a bare 1 is then no answer to it."""
    ladder = house()
    yes = [{"title": "हाँ", "payload": "/affirm"}, {"title": "नहीं", "payload": "/deny"}]
    letter = ladder.letter("₹250 में बेचें?", body={"buttons": yes})
    beside = ladder.letter("और ₹300 वाला?")
    ladder.work()
    for each in (letter, beside):
        ladder.told(each, "undelivered", "30003")
    ladder.work(minutes=1)
    [step] = ladder.steps(letter)
    assert step.body["utter"] == "utter_go_on_by_sms" and "250" not in step.body["text"]
    assert ladder.steps(beside) == [] and ladder.row(beside).body["next"]["step"] == "beside"
    with reading(ladder.db) as conn:
        assert conn.scalar(select(Conversation.state))["left_out"] is True


@pytest.mark.parametrize(("entity", "utter"), [("", "utter_ask_price"), ("12", "utter_go_on_by_sms")])
def test_under_dlt_only_registered_texts_go(house: House, entity: str, utter: str) -> None:
    """Where operators compare texts, a wording that is not the one of SMS is not sent by SMS."""
    ladder = house(sms_entity=entity)
    letter = ladder.letter("कितने का है?", body={"utter": "utter_ask_price"})
    ladder.work()
    ladder.told(letter, "failed", "30003")
    ladder.work(minutes=1)
    assert [step.body["utter"] for step in ladder.steps(letter)] == [utter]


@pytest.mark.parametrize("entity", ["", "12"])
def test_a_reps_own_words_never_go_by_sms(house: House, entity: str) -> None:
    """No operator has registered them, and they may name a price or a sale in words."""
    ladder = house(sms_entity=entity)
    own = {"utter": "rep_says", "by": "rep:1"}
    letter = ladder.letter("आपकी साड़ी पाँच सौ रुपये में बिक गई", body=own)
    ladder.work()
    ladder.told(letter, "failed", "30003")
    ladder.work(minutes=1)
    [step] = ladder.steps(letter)
    assert step.body["utter"] == "utter_go_on_by_sms" and "साड़ी" not in step.body["text"]


def test_her_later_word_ends_it(house: House) -> None:
    """She has written since: the talk goes on, and an old question would be answered for a new one."""
    ladder = house()
    letter = ladder.letter()
    ladder.work(minutes=1)
    ladder.says()
    ladder.told(letter, "failed", "30003")
    ladder.work()
    assert ladder.steps(letter) == [] and ladder.row(letter).body["next"]["step"] == "went_on"


@pytest.mark.parametrize("table", [Seller, Address])
@pytest.mark.parametrize("moment", ["before the report", "before the step leaves"])
def test_nothing_after_a_stop(house: House, table: type[Seller] | type[Address], moment: str) -> None:
    """A stop of hers, or of this address, at whatever moment."""
    ladder = house()
    letter = ladder.letter()
    ladder.work()
    if moment == "before the step leaves":
        ladder.told(letter, "failed", "30003")
        ladder.twilio.trouble.append(Trouble(503))
        ladder.work()
    with writing(ladder.db) as conn:
        conn.execute(update(table).values(stopped_at=ladder.now))
    if moment == "before the report":
        ladder.told(letter, "failed", "30003")
    ladder.work(minutes=1)
    assert len(ladder.twilio.messages) == 1 and ladder.tasks() == []


def test_no_job_is_left(house: House) -> None:
    """When all has moved nothing waits."""
    ladder = house()
    letter = ladder.letter()
    ladder.work()
    ladder.told(letter, "failed", "30003")
    ladder.work(minutes=1)
    with reading(ladder.db) as conn:
        assert list(conn.scalars(select(JobRow.kind))) == []

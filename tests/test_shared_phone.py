"""One phone, many people: nobody hears another's goods, nothing is lost on the way from one to the other."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, insert, select

from bot import shared_phones
from bot.engine.turn import new_state
from bot.messages import Inbound
from bot.people.erase import erase
from bot.receive import receive
from bot.settings import ROOT
from models import Address, Consent, Conversation, Listing, Message, PhoneShare, Seller
from models.database import connect, migrate, reading, writing
from tests.conftest import Clock
from tests.town import Town, address

PHONE = 71
A: dict[str, Any] = {"seller_name": "सुकमती", "village": "भेलवापदर", "goods": "बाँस की टोकरी", "price": "275"}
B: dict[str, Any] = {"seller_name": "फूलबती", "village": "बाजावंड", "goods": "पीतल का हाथी", "price": "1450"}
OF = {
    "A": (A["village"], "टोकरी", "275", "दो सौ पचहत्तर"),
    "B": (B["village"], "हाथी", "1,450", "1450", "साढ़े चौदह"),
}
"""Words that only she may hear."""


@pytest.fixture
def town(tmp_path: Path, db: Engine, clock: Clock) -> Town:
    return Town(tmp_path, db, clock)


def known(town: Town) -> None:
    """Two sisters who have agreed and are at home, on one phone; A spoke last."""
    number = shared_phones.number_of(address(PHONE))
    with writing(town.db) as conn:
        first = _seller(conn, town, A)
        conn.execute(
            insert(Address.__table__).values(
                seller_id=first, channel="whatsapp", address=address(PHONE), created_at=town.clock.now
            )
        )
        at = conn.scalar(select(Address.id).where(Address.address == address(PHONE)))
        assert at is not None
        second = shared_phones.share(conn, at, B["seller_name"], town.clock.now)
        row = conn.execute(select(Conversation.__table__).where(Conversation.seller_id == second)).one()
        state = row.state | {"slots": _slots(town, B)}
        talk = Conversation.__table__
        conn.execute(talk.update().where(talk.c.seller_id == second).values(state=state))
        _agreed(conn, town, second)
    assert number in town.state(PHONE)["shared"]


def _slots(town: Town, who: dict[str, Any]) -> dict[str, Any]:
    mine = {name: who[name] for name in ("seller_name", "village")}
    agreed = {"language": "hi", "consent": True, "consent_version": town.shop.talk.notice_version}
    return mine | agreed | {"district": "kondagaon", "first_listed_on": "2026-01-05"}


def _seller(conn: Any, town: Town, who: dict[str, Any]) -> int:
    new = insert(Seller.__table__).values(key=f"key-{who['price']}", language="hi", created_at=town.clock.now)
    mine = int(conn.execute(new.returning(Seller.__table__.c.id)).scalar_one())
    times = {"revision": 0, "updated_at": town.clock.now, "last_inbound_at": town.clock.now}
    state = new_state() | {"slots": _slots(town, who)}
    conn.execute(insert(Conversation.__table__).values(seller_id=mine, state=state, **times))
    _agreed(conn, town, mine)
    return mine


def _agreed(conn: Any, town: Town, mine: int) -> None:
    consent = {"seller_id": mine, "version": town.shop.talk.notice_version, "given": True, "language": "hi"}
    at = {"channel": "whatsapp", "message_id": f"before {mine}", "at": town.clock.now}
    conn.execute(insert(Consent.__table__).values(**consent, **at))


def texts(town: Town, since: int = 0) -> list[str]:
    return [
        row.body["text"] + " ".join(button["title"] for button in row.body["buttons"])
        for row in town.rows(PHONE, "out")
        if row.id > since
    ]


def last(town: Town) -> int:
    with reading(town.db) as conn:
        return conn.scalar(select(func.max(Message.id))) or 0


def name_of(town: Town) -> str:
    return str(town.state(PHONE)["slots"].get("seller_name"))


def test_within_half_an_hour_nobody_is_asked(town: Town) -> None:
    """29 minutes are the same person, 31 may be another, and so may a new day."""
    known(town)
    town.say(PHONE, "बेचना है")
    town.wait(minutes=29)
    town.say(PHONE, "बाँस की टोकरी")
    assert "utter_who_speaks" not in town.said(PHONE)
    town.wait(minutes=31)
    town.say(PHONE, "275")
    assert town.said(PHONE)[-1] == "utter_who_speaks"
    assert town.statuses(PHONE)[-1] == "unclaimed"


def test_a_new_day_asks_after_minutes(town: Town, clock: Clock) -> None:
    """At midnight in India the day is new, however short the silence."""
    known(town)
    clock.now = clock.now.replace(hour=18, minute=20) + timedelta(days=1)
    town.say(PHONE, "नमस्ते")
    town.say(PHONE, "1")
    town.wait(minutes=5)
    before = len(town.said(PHONE))
    clock.now = clock.now.replace(hour=18, minute=31)
    town.say(PHONE, "बेचना है")
    assert town.said(PHONE)[before:] == ["utter_who_speaks"]


def test_what_was_kept_is_worked_on_for_her(town: Town) -> None:
    """The kept message, and what came after it, stand in the talk of the one who sent them."""
    known(town)
    town.wait(hours=1)
    town.say(PHONE, "बेचना है")
    town.say(PHONE, "2")
    town.wait(seconds=5)
    assert name_of(town) == "फूलबती"
    assert [frame["flow"] for frame in town.state(PHONE)["stack"]][0] == "list_product"
    with reading(town.db) as conn:
        speaker = conn.scalar(select(Address.seller_id).where(Address.address == address(PHONE)))
    assert {row.seller_id for row in town.rows(PHONE)} == {speaker}
    assert set(town.statuses(PHONE)) == {"received"}


KILLED = """
import os, signal, sys
from datetime import datetime
from bot import shared_phones
from bot.messages import Inbound
from bot.receive import receive
from models.database import connect
from tests.open_rooms import loaded_talk
shared_phones.claim = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
url, address, now = sys.argv[1], sys.argv[2], datetime.fromisoformat(sys.argv[3])
receive(connect(url), loaded_talk(), Inbound("whatsapp", address, "SMkilled", "text", now, "2"), now)
"""


def test_killed_in_the_middle_of_a_switch_nothing_is_lost(town: Town) -> None:
    """The switch is one transaction: after kill -9 the question is open as before, and the answer counts."""
    known(town)
    town.wait(hours=1)
    town.say(PHONE, "बेचना है")
    before = town.state(PHONE)
    url = town.db.url.render_as_string(hide_password=False)
    moment = town.clock.now.isoformat()
    done = subprocess.run([sys.executable, "-c", KILLED, url, address(PHONE), moment], cwd=ROOT, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert town.state(PHONE) == before and town.statuses(PHONE) == ["unclaimed"]
    answer = Inbound("whatsapp", address(PHONE), "SMkilled", "text", town.clock.now, "2")
    assert not receive(town.db, town.shop.talk, answer, town.clock.now).repeat
    town.wait(seconds=5)
    assert name_of(town) == "फूलबती" and town.statuses(PHONE) == ["received", "received"]


def test_a_repeat_of_the_answer_changes_nothing(town: Town) -> None:
    """The provider may send the answer twice: nobody is made twice and nothing is said twice."""
    known(town)
    town.wait(hours=1)
    town.say(PHONE, "नमस्ते")
    town.say(PHONE, "2")
    before = texts(town)
    [row] = [row for row in town.rows(PHONE) if row.body.get("text") == "2"]
    again = Inbound("whatsapp", address(PHONE), row.provider_id, "text", town.clock.now, "2")
    assert receive(town.db, town.shop.talk, again, town.clock.now).repeat
    assert texts(town) == before


def test_a_new_person_is_made_once_and_keeps_her_own_talk(town: Town) -> None:
    """Whoever says that she is another gets a talk of her own, which begins with language and consent."""
    known(town)
    town.say(PHONE, "दूसरी बहन")
    town.say(PHONE, "राधा")
    assert town.said(PHONE)[-1] == "utter_ask_language" or "utter_greet" in town.said(PHONE)
    assert town.state(PHONE)["slots"].get("consent") is None
    with reading(town.db) as conn:
        names = [each.name for each in shared_phones.people(conn, shared_phones.number_of(address(PHONE)))]
        sellers = conn.scalar(select(func.count(Seller.id)))
    assert sellers == 3 and names[-1] == "राधा"


def test_erasing_one_takes_only_her(town: Town) -> None:
    """The phone goes to the other, with no tombstone on it; her talk and listings stay."""
    known(town)
    town.say(PHONE, "बेचना है")
    with reading(town.db) as conn:
        mine = conn.scalar(select(Address.seller_id).where(Address.address == address(PHONE)))
        other = conn.scalar(select(PhoneShare.seller_id).where(PhoneShare.seller_id != mine))
    assert mine is not None
    with writing(town.db) as conn:
        assert erase(conn, mine, "test", town.clock.now, secret_key="s", publish=False)
    with reading(town.db) as conn:
        now = conn.execute(select(Address.__table__).where(Address.address == address(PHONE))).one()
        assert now.seller_id == other and now.stopped_at is None
        assert conn.scalar(select(func.count()).select_from(PhoneShare.__table__)) == 0
    town.say(PHONE, "नमस्ते")
    assert name_of(town) == "फूलबती" and "shared" not in town.state(PHONE)
    with writing(town.db) as conn:
        assert not erase(conn, mine, "test", town.clock.now, secret_key="s", publish=False)


def test_erasing_one_who_does_not_speak_now_leaves_the_phone(town: Town) -> None:
    """She is found by her place among the names, though no address is hers."""
    known(town)
    with reading(town.db) as conn:
        speaker = conn.scalar(select(Address.seller_id).where(Address.address == address(PHONE)))
        other = conn.scalar(select(PhoneShare.seller_id).where(PhoneShare.seller_id != speaker))
    assert other is not None
    with writing(town.db) as conn:
        assert erase(conn, other, "test", town.clock.now, secret_key="s", publish=False)
    with reading(town.db) as conn:
        assert conn.scalar(select(Conversation.seller_id).where(Conversation.seller_id == other)) is None
    town.wait(hours=2)
    town.say(PHONE, "बेचना है")
    assert "utter_who_speaks" not in town.said(PHONE)


def test_what_comes_late_for_one_is_no_part_of_the_others_talk(town: Town) -> None:
    """Our worker's word for her, while another speaks, names her once and leaves the other's talk alone."""
    known(town)
    town.say(PHONE, "बेचना है")
    with reading(town.db) as conn:
        first = conn.scalar(select(Address.seller_id).where(Address.address == address(PHONE)))
    town.say(PHONE, "नाम बदलो")
    town.say(PHONE, "2")
    before, said = town.state(PHONE), len(town.said(PHONE))
    for name in ("late:1", "late:2"):
        now = town.clock.now
        late = Inbound(
            "whatsapp", address(PHONE), name, "media_ready", now, payload="looking", seller_id=first
        )
        receive(town.db, town.shop.talk, late, now)
    assert town.said(PHONE)[said:] == ["utter_for_her"] and "सुकमती के लिए" in texts(town)[-1]
    assert town.state(PHONE) == before
    town.say(PHONE, "हाँ")
    assert name_of(town) == "फूलबती"


def test_stop_binds_the_phone_for_all(town: Town) -> None:
    """After a stop of either nothing goes there: no question, no reminder of the other's draft."""
    known(town)
    town.say(PHONE, "बेचना है")
    town.say(PHONE, "बाँस की टोकरी")
    town.say(PHONE, "नाम बदलो")
    town.say(PHONE, "2")
    town.say(PHONE, "बंद करो")
    stopped = last(town)
    town.wait(days=4)
    for text in ("नमस्ते", "नाम बदलो", "1", "मैं दूसरी हूँ"):
        town.say(PHONE, text)
    town.wait(days=1)
    sent = [row for row in town.rows(PHONE, "out") if row.id > stopped and row.status != "cancelled"]
    assert not sent


SAID = ("A", "B", "goods", "price", "बेचना है", "नाम बदलो", "हाँ", "मेरा सामान दिखाओ", "5m", "40m", "9h")


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(SAID), min_size=4, max_size=14))
def test_nobody_hears_of_the_others_goods(tmp_path_factory: Any, said: list[str]) -> None:
    """Whatever two people say in whatever order, with whatever pauses: nobody hears the other's goods."""
    folder = tmp_path_factory.mktemp("shared")
    db = connect(f"sqlite:///{folder}/s.db")
    migrate(db)
    town = Town(folder, db, Clock())
    known(town)
    holds, people = "A", {"A": A, "B": B}
    for word in said:
        before = last(town)
        if word in people:
            holds = word
            town.say(PHONE, "नाम बदलो")
            town.say(PHONE, people[word]["seller_name"])
        elif word[0].isdigit():
            amount = {"5m": {"minutes": 5}, "40m": {"minutes": 40}, "9h": {"hours": 9}}[word]
            town.wait(**amount)
            _only_names(town, before)
            continue
        else:
            text = people[holds].get(word, word)
            asks = len(town.said(PHONE))
            town.say(PHONE, text)
            if "utter_who_speaks" in town.said(PHONE)[asks:]:
                town.say(PHONE, people[holds]["seller_name"])
        town.wait(seconds=10)
        other = "B" if holds == "A" else "A"
        for text in texts(town, before):
            assert not [each for each in OF[other] if each in text], (holds, text)
    with reading(db) as conn:
        listed = conn.execute(select(Listing.seller_id, Listing.slots)).all()
    assert all(row.slots["seller_name"] in (A["seller_name"], B["seller_name"]) for row in listed)
    db.dispose()


def _only_names(town: Town, since: int) -> None:
    """What goes out unasked names nobody's goods."""
    for text in texts(town, since):
        assert not [each for words in OF.values() for each in words if each in text], text

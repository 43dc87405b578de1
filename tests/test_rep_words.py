"""A rep helps from her own WhatsApp: she begins a talk for somebody, or asks where it stands, and no more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, update

from bot.actions.reference import lexicon
from bot.messages import Inbound
from bot.receive import receive
from bot.starts.person import BadPerson
from bot.starts.reps import add_rep
from models import Conversation, Rep, Start
from models.database import reading, writing
from tests.conftest import Clock
from tests.test_flow_starts import PHONE, Service

REP_PHONE = "+919999900009"
REP = f"whatsapp:{REP_PHONE}"


@pytest.fixture
def service(db: Engine, clock: Clock, tmp_path: Path) -> Service:
    made = Service(db, clock, tmp_path)
    add_rep(made.db, lexicon(), REP_PHONE, "रमा", ["बस्तर"])
    return made


def asks(service: Service, text: str) -> str:
    """What the rep is answered, by the name of the response."""
    service.says(text, REP)
    service.run(3)
    return str(service.sent(REP)[-1]["utter"])


def lives_in(service: Service, district: str) -> None:
    with writing(service.db) as conn:
        for row in conn.execute(select(Conversation.seller_id, Conversation.state)).all():
            state = row.state | {"slots": row.state["slots"] | {"district": district}}
            mine = update(Conversation).where(Conversation.seller_id == row.seller_id)
            conn.execute(mine.values(state=state, revision=Conversation.revision + 1))


@pytest.mark.parametrize(
    "text",
    [
        "नई लिस्टिंग 99999 00001",
        "नई लिस्टिंग ९९९९९००००१",
        "New listing: +91 99999-00001",
        "nayi listing 9999900001",
        "नया सामान 09999900001",
    ],
)
def test_a_rep_begins_a_listing_for_somebody(service: Service, text: str) -> None:
    """In her words and digits; the other is greeted on her own number, and the deed carries the rep's id."""
    assert asks(service, text) == "utter_rep_started_unplaced"
    assert service.stands()["flow"] == "hello"
    assert service.sent()[0]["class"] == "opening"
    with reading(service.db) as conn:
        rep = conn.scalar(select(Rep.id))
        assert conn.scalar(select(Start.by)) == f"rep:{rep}"


def test_the_number_is_not_said_whole(service: Service) -> None:
    """Of her number the answer has the last four digits."""
    asks(service, "new listing 9999900001")
    assert "9999900001" not in service.sent(REP)[-1]["text"]
    assert "0001" in service.sent(REP)[-1]["text"]


def test_only_in_her_districts(service: Service) -> None:
    """Somebody of another district is neither written to nor told about; one of hers is."""
    service.says("नमस्ते")
    service.run(2)
    lives_in(service, "jashpur")
    before = len(service.sent())
    assert asks(service, "नई लिस्टिंग 9999900001") == "utter_rep_other_district"
    assert asks(service, "status 9999900001") == "utter_rep_other_district"
    assert len(service.sent()) == before
    lives_in(service, "bastar")
    assert asks(service, "status 9999900001") == "utter_rep_status_hello"


def test_where_somebody_stands(service: Service) -> None:
    """Unknown, without consent, at a question, done: no word of a price."""
    assert asks(service, "status 9999900001") == "utter_rep_status_unknown"
    service.says("नमस्ते")
    service.says("हिंदी")
    assert asks(service, "स्टेटस 9999900001") == "utter_rep_status_hello"
    service.says("हाँ")
    assert asks(service, "status 9999900001") == "utter_rep_status_asked"
    service.says("टोकरी, दाम 777 रुपये, 5 नग")
    asks(service, "status 9999900001")
    assert "777" not in service.sent(REP)[-1]["text"]


def test_who_runs_or_stopped_is_left_alone(service: Service) -> None:
    """Begun already: not again. After a stop: never."""
    asks(service, "नई लिस्टिंग 9999900001")
    assert asks(service, "नई लिस्टिंग 9999900001") == "utter_rep_already"
    service.says("STOP")
    service.run(2)
    before = len(service.sent())
    assert asks(service, "नई लिस्टिंग 9999900001") == "utter_rep_stopped"
    assert asks(service, "status 9999900001") == "utter_rep_stopped"
    assert len(service.sent()) == before


@pytest.mark.parametrize("text", ["नई लिस्टिंग 12345678", "new listing 0771-2345678", "status +14155550100"])
def test_a_number_that_cannot_be_is_told(service: Service, text: str) -> None:
    """Nothing is begun for what is no mobile number of this country."""
    assert asks(service, text) == "utter_rep_bad_number"
    assert service.count(Start) == 0


@pytest.mark.parametrize("text", ["नमस्ते", "new listing", "मेरा नंबर 9999900001", "status kya hai 9999900001"])
def test_all_else_is_her_own_talk(service: Service, text: str) -> None:
    """A rep may be a seller too."""
    assert not asks(service, text).startswith("utter_rep")
    assert service.count(Start) == 0


def test_nobody_else_has_these_words(service: Service) -> None:
    """From a phone that is no rep's they mean nothing, and by SMS, where a number can be forged, neither."""
    service.says("नई लिस्टिंग 9999900001", "whatsapp:+919999900008")
    service.says("नई लिस्टिंग 9999900001", REP_PHONE)
    service.run(3)
    assert service.count(Start) == 0
    assert service.sent() == []


def test_a_message_that_comes_twice_begins_once(service: Service) -> None:
    """The provider's repeat changes nothing."""
    for _ in range(2):
        came = Inbound("whatsapp", REP, "SM1", "text", service.clock(), "new listing 9999900001")
        receive(service.db, service.talk, came, service.clock())
    service.run(3)
    assert service.count(Start) == 1
    assert len(service.sent(REP)) == 1


def test_reps_are_added_by_command(tmp_path: Path) -> None:
    """`rep add` prints the rep with a password for once; again it changes her; what is unknown is told."""
    env = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/t.db", "SIMULATOR": "1"}

    def add(*given: str) -> subprocess.CompletedProcess[str]:
        call = [sys.executable, "app.py", "rep", "add", *given]
        return subprocess.run(call, env=env, capture_output=True, text=True, check=False)

    first = add("--phone", PHONE, "--name", "रमा", "--district", "बस्तर")
    made = json.loads(first.stdout)
    assert len(made.pop("password")) == 14
    assert made == {"id": "rep:1", "name": "रमा", "role": "rep", "districts": ["bastar"], "blocks": []}
    again = add("--phone", PHONE, "--name", "रमा साहू", "--district", "kondagaon", "--district", "बस्तर")
    assert json.loads(again.stdout)["districts"] == ["bastar", "kondagaon"]
    assert "password" not in json.loads(again.stdout)
    wrong = add("--phone", PHONE, "--name", "रमा", "--district", "Pune")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "Pune" in wrong.stderr


def test_a_rep_needs_a_mobile_number(sqlite_db: Engine) -> None:
    """A landline is refused and nothing is written."""
    with pytest.raises(BadPerson):
        add_rep(sqlite_db, lexicon(), "011 23456789", "रमा", ["बस्तर"])
    with reading(sqlite_db) as conn:
        assert conn.scalar(select(func.count()).select_from(Rep)) == 0

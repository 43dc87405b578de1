"""Reps and their accounts, from the command line and the console, and what is written down of all deeds."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from bot.messages import Inbound, Json
from bot.receive import receive
from models import Message, Rep
from models.database import reading
from tests.conftest import Clock
from tests.console_house import BASTAR, DURG, Browser, Console, console

PHONE = "9999900060"
ONCE = re.compile(r"<code>([a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4})</code>")
NEW: Json = {"phone": PHONE, "name": "रीना", "role": "rep", "district": BASTAR, "blocks": "बकावंड, तोकापाल"}


@pytest.fixture
def desk(db: Engine, clock: Clock, tmp_path: Path) -> Console:
    made = console(db, clock, tmp_path)
    made.rep(1, "admin", districts=[])
    made.rep(2, "lead")
    made.rep(3)
    return made


def rep(desk: Console, phone: str = PHONE) -> Json:
    with reading(desk.db) as conn:
        row = conn.execute(select(Rep.__table__).where(Rep.phone == f"+91{phone}")).mappings().first()
    return dict(row) if row else {}


def once(answer_text: str) -> str:
    found = ONCE.search(answer_text)
    assert found
    return found[1]


def test_an_admin_makes_a_rep(desk: Console) -> None:
    """Her password is shown once and opens its change; made again she is changed, and keeps her own."""
    browser = desk.enter(1)
    password = once(browser.post("/console/reps/new", **NEW).text)
    made = rep(desk)
    assert (made["role"], made["districts"], made["blocks"]) == ("rep", [BASTAR], ["तोकापाल", "बकावंड"])
    assert password not in str(made) + str(desk.deeds())
    hers = desk.enter(60, password)
    assert hers.get("/console/").headers["Location"] == "/console/password"
    again = browser.post("/console/reps/new", **NEW | {"role": "lead", "blocks": ""})
    assert ONCE.search(again.text) is None
    assert (rep(desk)["role"], rep(desk)["password_hash"]) == ("lead", made["password_hash"])
    assert password not in browser.get("/console/reps").text


@pytest.mark.parametrize(
    "change",
    [
        {"phone": ""},
        {"phone": "0771 2345678"},
        {"phone": "=1"},
        {"name": ""},
        {"name": "क" * 61},
        {"name": "a\x00b"},
        {"role": "queen"},
        {"role": ""},
        {"district": "nowhere"},
        {"district": ""},
        {"blocks": "क" * 401},
        {"blocks": "क" * 61},
    ],
)
def test_a_wrong_rep(desk: Console, change: Json) -> None:
    """What cannot be right is shown beside its field, and nobody is made."""
    answer = desk.enter(1).post("/console/reps/new", **NEW | change)
    assert answer.status_code == 400
    assert 'class="wrong"' in answer.text
    assert rep(desk) == {}


def test_a_new_password_and_the_end(desk: Console) -> None:
    """A reset ends her sessions and her lock-out; a disabled rep can do nothing, by WhatsApp neither."""
    admin, hers = desk.enter(1), desk.enter(3)
    for _ in range(6):
        stranger = desk.stranger()
        stranger.post("/console/sign-in", page="/console/sign-in", phone="9999900003", password="wrong")
    password = once(admin.post("/console/reps/3/reset").text)
    assert hers.get("/console/").status_code == 303
    hers = desk.enter(3, password)
    assert admin.post("/console/reps/3/disable").status_code == 303
    assert hers.get("/console/password").headers["Location"].startswith("/console/sign-in")
    stranger = Browser(desk.app.test_client())
    form = {"phone": "9999900003", "password": password, "page": "/console/sign-in"}
    assert stranger.post("/console/sign-in", **form).status_code == 401
    word = Inbound("whatsapp", "whatsapp:+919999900003", "SM1", "text", desk.clock(), "नई लिस्टिंग 9999900077")
    receive(desk.db, desk.house.talk, word, desk.clock())
    with reading(desk.db) as conn:
        utters = [body["utter"] for body in conn.scalars(select(Message.body)) if "utter" in body]
    assert not any(utter.startswith("utter_rep") for utter in utters)


def test_an_admin_does_not_disable_herself(desk: Console) -> None:
    """There would be nobody left to let her in again."""
    assert desk.enter(1).post("/console/reps/1/disable").status_code == 400
    for deed in ("reset", "disable"):
        assert desk.enter(1).post(f"/console/reps/{2**63}/{deed}").status_code == 404
        assert desk.enter(1).post(f"/console/reps/99/{deed}").status_code == 404


def test_what_was_done_is_read_by_leads(desk: Console) -> None:
    """A lead reads the deeds about people of her districts and of their reps; an admin reads all."""
    here, there = (
        desk.person(1, {"seller_name": "यहाँ", "district": BASTAR}),
        desk.person(2, {"district": DURG}),
    )
    desk.rep(4, districts=[DURG])
    desk.enter(3).post(f"/console/people/{here}/call")
    desk.enter(4).post(f"/console/people/{there}/call")
    lead, admin = desk.enter(2).get("/console/audit").text, desk.enter(1).get("/console/audit").text
    assert lead.count("नंबर देखा") == 1 and "यहाँ" in lead
    assert "रमा 4" not in lead and "रमा 3" in lead
    assert admin.count("नंबर देखा") == 2 and admin.count("कितने नंबर: 1") == 2
    assert desk.enter(1).get(f"/console/audit?key={there}").text.count('class="card deed"') == 1
    assert desk.enter(3).get("/console/audit").status_code == 404
    for after in ("x", "-1", "9" * 30, "\x00"):
        assert desk.enter(1).get("/console/audit", query_string={"after": after}).status_code == 200


def test_pages_of_deeds(desk: Console) -> None:
    """The newest first, each once."""
    key = desk.person(1, {"district": BASTAR})
    browser = desk.enter(1)
    for _ in range(60):
        browser.post(f"/console/people/{key}/call")
    seen, path = 0, f"/console/audit?key={key}"
    while path:
        text = browser.get(path).text
        seen += text.count('class="card deed"')
        more = re.search(r'href="(/console/audit\?after=[^"]+)"', text)
        path = more[1].replace("&amp;", "&") if more else ""
    assert seen == 60


def test_commands(tmp_path: Path) -> None:
    """`rep add`, `reset-password`, `disable` print what they did; a password may come by standard input."""
    env = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path}/t.db", "SIMULATOR": "1"}

    def rep_(*given: str, typed: str = "") -> tuple[int, str, str]:
        call = [sys.executable, "app.py", "rep", *given]
        done = subprocess.run(call, env=env, input=typed, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    who = ("--phone", PHONE)
    code, out, _ = rep_(
        "add", *who, "--name", "रीना", "--role", "admin", "--password-stdin", typed="एक लंबा पासवर्ड\n"
    )
    assert code == 0 and json.loads(out)["password"] == "एक लंबा पासवर्ड"
    assert len(json.loads(rep_("reset-password", *who)[1])["password"]) == 14
    assert json.loads(rep_("disable", *who)[1]) == {"id": "rep:1", "name": "रीना", "active": False}
    for wrong in (
        ("add", *who, "--name", "रीना"),
        ("add", *who, "--name", "रीना", "--role", "admin", "--password-stdin"),
        ("reset-password", "--phone", "9999900061"),
        ("disable", "--phone", "x"),
    ):
        code, out, err = rep_(*wrong)
        assert (code, out) == (1, "") and err


def test_deeds_have_words(desk: Console) -> None:
    """Everything that is written down is said in words on the page."""
    from bot.web.console.words import words

    root = Path(__file__).resolve().parent.parent / "bot"
    source = "".join(path.read_text(encoding="utf-8") for path in root.rglob("*.py"))
    deeds = set(re.findall(r'audit\.record\(\s*\w+,\s*[^,]+(?:if [^,]+)?,\s*"(\w+)"', source))
    assert {"signed_in", "number_shown", "rep_disabled"} <= deeds
    assert {f"did_{deed}" for deed in deeds} - set(words()) == set()

"""Coming into the console: numbers, passwords, tries, sessions, and what is written down of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, update

from bot.console import accounts, passwords, sessions
from models import ConsoleSession, Rep, SignInTry
from models.database import reading, writing
from tests.conftest import Clock
from tests.console_house import PASSWORD, Browser, Console, console, later

PHONE = "9999900001"
HOSTILE = [
    "",
    " ",
    "\x00",
    "<script>alert(1)</script>",
    "'; DROP TABLE rep; --",
    "९" * 5000,
    "+" * 40,
    "😀",
]


@pytest.fixture
def desk(db: Engine, clock: Clock, tmp_path: Path) -> Console:
    made = console(db, clock, tmp_path)
    made.rep(1)
    return made


def tries(desk: Console, password: str, phone: str = PHONE, browser: Browser | None = None) -> int:
    """The status of one try."""
    at = browser or desk.stranger()
    form = {"phone": phone, "password": password, "page": "/console/sign-in"}
    return at.post("/console/sign-in", **form).status_code


def test_in_and_out(desk: Console) -> None:
    """Her number in any writing and her password let her in; after going out the same cookie is nothing."""
    for number, written in enumerate((PHONE, "+91 99999 00001", "०99999-00001", "09999900001")):
        browser = desk.stranger()
        assert tries(desk, PASSWORD, written, browser) == 303, written
        assert browser.get("/console/").status_code == 200
        cookie = browser.client.get_cookie("console", path="/console")
        assert cookie is not None
        assert browser.post("/console/sign-out").status_code == 303
        browser.client.set_cookie("console", cookie.value, path="/console")
        assert browser.get("/console/").status_code == 303
        assert desk.deed_names()[-2:] == ["signed_in", "signed_out"], number


def test_whatever_is_wrong_is_answered_the_same(desk: Console) -> None:
    """A wrong password, an unknown number, a disabled rep, one without a password: nobody learns which."""
    desk.rep(2, active=False)
    desk.rep(3, password_hash=None)
    answers = set()
    for phone in (PHONE, "9999900002", "9999900003", "9999900004", "no number"):
        password = "not her password" if phone == PHONE else PASSWORD
        browser = desk.stranger()
        form = {"phone": phone, "password": password, "page": "/console/sign-in"}
        answer = browser.post("/console/sign-in", **form)
        answers.add((answer.status_code, answer.text.replace(browser.token("/console/sign-in"), "")[:1500]))
        assert phone not in answer.text
    assert len(answers) == 1


def test_locked_after_five_wrong_ones(desk: Console) -> None:
    """The sixth try within 15 minutes is refused even if it is right; afterwards it is not."""
    assert [tries(desk, "wrong") for _ in range(5)] == [401] * 5
    assert tries(desk, PASSWORD) == 401
    later(desk.clock, minutes=14)
    assert tries(desk, PASSWORD) == 401
    later(desk.clock, minutes=1)
    assert tries(desk, PASSWORD) == 303


def test_a_number_nobody_has_locks_as_well(desk: Console) -> None:
    """So a lock tells nothing either; and a right password clears the count of its number."""
    for _ in range(4):
        assert tries(desk, "wrong") == 401
    assert tries(desk, PASSWORD) == 303
    for _ in range(4):
        assert tries(desk, "wrong") == 401
    assert tries(desk, PASSWORD) == 303


def test_one_place_has_so_many_tries(desk: Console) -> None:
    """Sixty wrong ones from one address, whatever the numbers; another address is not concerned."""
    browser = desk.stranger()
    for number in range(60):
        tries(desk, "wrong", f"99999{number + 100:05}", browser)
    assert tries(desk, PASSWORD, browser=browser) == 401
    elsewhere = {"X-Forwarded-For": "203.0.113.7"}
    form = {"phone": PHONE, "password": PASSWORD, "csrf_token": browser.token("/console/sign-in")}
    assert browser.client.post("/console/sign-in", data=form, headers=elsewhere).status_code == 303


def test_the_tries_name_nobody(desk: Console) -> None:
    """What is counted holds no number and no address, and is gone when its time is over."""
    tries(desk, "wrong")
    with reading(desk.db) as conn:
        kept = str(list(conn.execute(select(SignInTry.__table__))))
    assert "99999" not in kept and "127.0.0.1" not in kept
    later(desk.clock, minutes=15)
    tries(desk, PASSWORD)
    with reading(desk.db) as conn:
        assert conn.scalar(select(func.count()).select_from(SignInTry)) == 1


@pytest.mark.parametrize("given", HOSTILE)
def test_hostile_words_at_the_door(desk: Console, given: str) -> None:
    """Whatever is typed, it is a wrong sign-in and comes back nowhere as it was."""
    for phone, password in ((given, "x"), (PHONE, given), (given, given)):
        browser = desk.stranger()
        token = browser.token("/console/sign-in")
        form = {"phone": phone, "password": password, "csrf_token": token, "next": given}
        answer = browser.client.post("/console/sign-in", data=form)
        assert answer.status_code == 401
        assert "<script>alert" not in answer.text
    assert browser.client.post("/console/sign-in", data={"csrf_token": token}).status_code == 401


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example/console/",
        "https://evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/metrics",
        "",
    ],
)
def test_the_way_back_stays_here(desk: Console, wanted: str) -> None:
    """After the sign-in she is led to a page of the console and nowhere else."""
    form = {"phone": PHONE, "password": PASSWORD, "next": wanted, "page": "/console/sign-in"}
    assert desk.stranger().post("/console/sign-in", **form).headers["Location"] == "/console/"
    form["next"] = "/console/me?x=1"
    assert desk.stranger().post("/console/sign-in", **form).headers["Location"] == "/console/me?x=1"


def test_a_given_password_is_changed_first(desk: Console) -> None:
    """It opens only its change; the new one counts from then on, the old one and other sessions do not."""
    made = accounts.reset(desk.db, desk.settings.secret_key, 1, None)
    browser, other = desk.enter(1, made["password"]), desk.enter(1, made["password"])
    assert browser.get("/console/").headers["Location"] == "/console/password"
    form = {"old": made["password"], "new": "मेरा नया पासवर्ड", "again": "मेरा नया पासवर्ड"}
    assert browser.post("/console/password", page="/console/password", **form).status_code == 303
    assert browser.get("/console/").status_code == 200
    assert other.get("/console/").headers["Location"].startswith("/console/sign-in")
    assert tries(desk, made["password"]) == 401
    assert tries(desk, form["new"]) == 303
    assert "password_changed" in desk.deed_names()


@pytest.mark.parametrize(
    ("new", "again", "old"),
    [
        ("छोटा", "छोटा", PASSWORD),
        ("x" * 129, "x" * 129, PASSWORD),
        ("9999900001", "9999900001", PASSWORD),
        ("+91 9999900001", "+91 9999900001", PASSWORD),
        (PASSWORD, PASSWORD, PASSWORD),
        ("aaaaaaaaaaaa", "aaaaaaaaaaaa", PASSWORD),
        ("मेरा नया पासवर्ड", "मेरा दूसरा पासवर्ड", PASSWORD),
        ("मेरा नया पासवर्ड", "मेरा नया पासवर्ड", "not the old one"),
        ("", "", ""),
    ],
)
def test_what_is_no_new_password(desk: Console, new: str, again: str, old: str) -> None:
    """Too short, too long, her number, the same, one letter, typed differently, the old one wrong."""
    browser = desk.enter(1)
    answer = browser.post("/console/password", old=old, new=new, again=again)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert tries(desk, PASSWORD) == 303


def test_out_everywhere(desk: Console) -> None:
    """All her sessions end, those of others go on."""
    desk.rep(2)
    first, second, other = desk.enter(1), desk.enter(1), desk.enter(2)
    first.post("/console/sign-out", everywhere="1")
    assert second.get("/console/").status_code == 303
    assert other.get("/console/").status_code == 200


def test_her_language(desk: Console) -> None:
    """Hindi until she chooses; English then, on every machine; at the door as asked for."""
    browser = desk.enter(1)
    assert '<html lang="hi">' in browser.get("/console/").text
    browser.post("/console/language", language="en")
    browser.post("/console/language", language="fr")
    assert '<html lang="en">' in desk.enter(1).get("/console/").text
    stranger = desk.stranger()
    assert '<html lang="en">' in stranger.get("/console/sign-in?lang=en").text
    assert '<html lang="en">' in stranger.get("/console/sign-in").text


def test_a_page_she_has_is_not_sent_again(desk: Console) -> None:
    """The same page is 304; another rep's, or one in another language, is not."""
    browser = desk.enter(1)
    tag = browser.get("/console/me").headers["ETag"]
    assert browser.get("/console/me", headers={"If-None-Match": tag}).status_code == 304
    browser.post("/console/language", language="en")
    assert browser.get("/console/me", headers={"If-None-Match": tag}).status_code == 200


def test_sessions_are_swept(desk: Console) -> None:
    """A sign-in takes those away that are over."""
    desk.enter(1)
    desk.clock.advance(sessions.LASTS.total_seconds())
    desk.enter(1)
    with reading(desk.db) as conn:
        assert conn.scalar(select(func.count()).select_from(ConsoleSession)) == 1


def test_disabled_while_her_password_is_looked_at(desk: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking at a password takes a moment; a rep who is disabled in it does not come in."""
    right = passwords.matches

    def slowly(kept: str | None, password: str) -> bool:
        with writing(desk.db) as conn:
            conn.execute(update(Rep).values(active=False))
        return right(kept, password)

    monkeypatch.setattr(passwords, "matches", slowly)
    assert tries(desk, PASSWORD) == 401


def test_one_time_passwords_differ() -> None:
    """They are random, can be read out, and are long enough to be accepted."""
    made = {passwords.one_time() for _ in range(100)}
    assert len(made) == 100
    assert all(passwords.wrong_with(each, "+919999900001", None) is None for each in made)


def test_the_old_password_has_as_few_tries(desk: Console) -> None:
    """Who finds her phone open cannot try passwords until one is right."""
    browser = desk.enter(1)
    new = {"new": "मेरा नया पासवर्ड", "again": "मेरा नया पासवर्ड"}
    for _ in range(5):
        assert browser.post("/console/password", old="not the old one", **new).status_code == 400
    assert browser.post("/console/password", old=PASSWORD, **new).status_code == 400
    later(desk.clock, minutes=15)
    assert browser.post("/console/password", old=PASSWORD, **new).status_code == 303


def test_a_flood_at_the_door_fills_nothing(desk: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the limit a try costs no hash and no row; that it was reached is written down once."""
    looked: list[str] = []
    right = passwords.matches

    def counting(kept: str | None, password: str) -> bool:
        looked.append(password)
        return right(kept, password)

    monkeypatch.setattr(passwords, "matches", counting)
    for _ in range(12):
        tries(desk, "wrong")
    assert len(looked) == 5
    assert desk.deed_names() == ["sign_in_refused"] * 5 + ["sign_in_locked"]

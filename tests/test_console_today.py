"""Today: who needs a person, in which order, and what one tap does."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from bot.console import today
from bot.engine.stack import LISTING
from bot.messages import Inbound, Json
from bot.receive import receive
from bot.web.console.words import words
from models import Conversation, Message, RepTask, Seller
from models.database import reading, writing
from tests.conftest import Clock
from tests.console_house import BASTAR, DURG, Console, console, later
from tests.test_nudges import KNOWN

MORNING = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""When the clock of the tests stands still, and the talks take place."""
ROOT = Path(__file__).resolve().parent.parent
KEY = re.compile(r"/console/people/([0-9a-f]{32})/call")


@pytest.fixture
def desk(db: Engine, clock: Clock, tmp_path: Path) -> Console:
    made = console(db, clock, tmp_path)
    made.rep(1)
    made.rep(2, districts=[DURG])
    return made


def her(desk: Console, number: int, name: str, **values: Any) -> str:
    """A person of Bastar."""
    return desk.person(number, {"seller_name": name, "district": BASTAR} | values.pop("slots", {}), **values)


def task(desk: Console, key: str, kind: str, hours: float = 1, **detail: Any) -> int:
    """An open task of hers, so many hours old; its id."""
    with writing(desk.db) as conn:
        mine = conn.scalar(select(Seller.id).where(Seller.key == key))
        row: Json = {"seller_id": mine, "kind": kind, "detail": detail}
        made = insert(RepTask).values(**row, created_at=desk.clock() - timedelta(hours=hours))
        return int(conn.execute(made.returning(RepTask.id)).scalar_one())


def names(text: str) -> list[str]:
    """The people of a page, from its top."""
    return re.findall(r"<h3><a[^>]*>([^<]+)</a>", text)


def drafting(desk: Console, number: int) -> str:
    """A person in the middle of a listing, whose price is asked for."""
    key = her(desk, number, "सीता", slots=dict(KNOWN))
    for place, words_ in enumerate(("बेचना है", "बाँस की टोकरी")):
        name, now = f"in:{number}:{place}", desk.clock()
        came = Inbound("whatsapp", f"whatsapp:+9199999{number:05}", name, "text", now, words_)
        receive(desk.db, desk.house.talk, came, now)
    return key


def written(desk: Console) -> list[Json]:
    """What has been written to anybody since the talk was made."""
    query = select(Message.body).where(Message.direction == "out", Message.created_at > MORNING)
    with reading(desk.db) as conn:
        return list(conn.scalars(query))


def test_the_order_is_what_helps_most(desk: Console) -> None:
    """Who waits for a call, asks to be forgotten, cannot go on, is silent; the rest; who stopped."""
    stopped = {"flow": LISTING, "asks": "price", "asks_since": desk.clock() - timedelta(days=2)}
    her(desk, 6, "stopped", **stopped)
    for number, (name, kind) in enumerate(
        [("rest", "photos_pending"), ("silent", "silent"), ("stuck", "photo_trouble"), ("erase", "erase")]
    ):
        task(desk, her(desk, number, name), kind)
    task(desk, her(desk, 7, "call late"), "call", hours=1)
    task(desk, her(desk, 8, "call early"), "call", hours=9)
    expected = ["call early", "call late", "erase", "stuck", "silent", "rest", "stopped"]
    assert names(desk.enter(1).get("/console/").text) == expected


def test_who_stopped_most_recently_comes_first(desk: Console) -> None:
    """She remembers best what she was asked; one who was asked today is left alone."""
    for number, days in enumerate([0.5, 1.5, 9, 3]):
        since = desk.clock() - timedelta(days=days)
        her(desk, number, f"{days}", flow=LISTING, asks="price", asks_since=since)
    assert names(desk.enter(1).get("/console/today/stopped").text) == ["1.5", "3", "9"]


def test_only_her_own_people(desk: Console) -> None:
    """A rep of another district sees nothing of it, and can do nothing about it."""
    key = her(desk, 1, "सुकमती", flow=LISTING, asks="price", asks_since=desk.clock() - timedelta(days=2))
    done = task(desk, key, "call")
    other = desk.enter(2)
    assert names(other.get("/console/").text) == []
    for deed, form in (("call", {}), ("again", {}), ("done", {"group": "call", "upto": str(done)})):
        assert other.post(f"/console/people/{key}/{deed}", **form).status_code == 404
    assert desk.deed_names() == ["signed_in"]


def test_done_closes_what_was_shown(desk: Console) -> None:
    """The tasks of the group up to the one shown; a later one and other groups stay; the note is kept."""
    key = her(desk, 1, "सुकमती")
    first, other = task(desk, key, "call"), task(desk, key, "skipped", slot="price")
    later_one = task(desk, key, "call")
    browser = desk.enter(1)
    form = {"group": "call", "upto": str(first), "note": "<b>बात हुई</b>"}
    for _ in range(2):
        answer = browser.post(f"/console/people/{key}/done", page="/console/", **form)
        assert answer.status_code == 303
        assert "taken=done-call-" in answer.headers["Location"]
    with reading(desk.db) as conn:
        rows = {row.id: row for row in conn.execute(select(RepTask.__table__))}
    assert (rows[first].done_by, rows[first].note) == (1, "<b>बात हुई</b>")
    assert rows[other].done_at is rows[later_one].done_at is None
    [deed] = [deed for deed in desk.deeds() if deed.what == "task_done"]
    assert deed.after == {"tasks": [first], "kinds": ["call"]}
    page = browser.get(f"/console/people/{key}").text
    assert "&lt;b&gt;बात हुई&lt;/b&gt;" in page and "<b>बात" not in page


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"group": "call"},
        {"group": "call", "upto": "x"},
        {"group": "call", "upto": str(2**63)},
        {"group": "call", "upto": "-1"},
        {"group": "nothing", "upto": "1"},
        {"group": "stopped", "upto": "1"},
        {"group": "call", "upto": "1", "note": "क" * 501},
        {"group": "call", "upto": "1", "note": "a\x00b"},
    ],
)
def test_a_wrong_form_does_nothing(desk: Console, form: Json) -> None:
    """What no form of ours sends is refused, and the task stays open."""
    key = her(desk, 1, "सुकमती")
    task(desk, key, "call")
    assert desk.enter(1).post(f"/console/people/{key}/done", **form).status_code == 400
    with reading(desk.db) as conn:
        assert conn.scalar(select(RepTask.done_at)) is None


def test_the_number_is_shown_after_a_tap(desk: Console) -> None:
    """Lists have its end; the whole one comes with a tap, which is written down without it."""
    key = her(desk, 1, "सुकमती")
    task(desk, key, "call")
    browser = desk.enter(1)
    for page in ("/console/", "/console/people", f"/console/people/{key}"):
        assert "99999" not in browser.get(page).text
    answer = browser.post(f"/console/people/{key}/call")
    assert 'href="tel:+919999900001"' in answer.text
    assert desk.deed_names()[-1] == "number_shown"
    assert "99999" not in str(desk.deeds()[-1].after)


def test_a_hidden_number_is_not_shown(desk: Console) -> None:
    """Some people hide their number even from us."""
    key = her(desk, 1, "सुकमती")
    with writing(desk.db) as conn:
        conn.exec_driver_sql("UPDATE address SET address = 'whatsapp:IN.17'")
    assert "tel:" not in desk.enter(1).post(f"/console/people/{key}/call").text


def test_the_same_question_once_more(desk: Console) -> None:
    """It goes out as a reminder, with her state kept; however often it is tapped, once a day."""
    key = drafting(desk, 1)
    later(desk.clock, hours=1)
    browser = desk.enter(1)
    for came in ("asked", "already"):
        answer = browser.post(f"/console/people/{key}/again")
        assert answer.headers["Location"] == f"/console/?said={came}"
    sent = written(desk)
    with reading(desk.db) as conn:
        state = conn.scalar(select(Conversation.state))
    assert sent and {body["class"] for body in sent} == {"reminder"}
    assert (state["asks"], state["slots"]["product_name"]) == ("price", "बाँस की टोकरी")
    assert state["nudges"]["sent"] == 0
    assert desk.deed_names().count("asked_again") == 1
    assert sum(body["buttons"] != [] or body["text"] != "" for body in sent) == 1
    later(desk.clock, days=1)
    assert "said=asked" in desk.enter(1).post(f"/console/people/{key}/again").headers["Location"]


@pytest.mark.parametrize(
    ("change", "came"),
    [
        ("UPDATE seller SET stopped_at = CURRENT_TIMESTAMP", "stopped"),
        ("UPDATE conversation SET asks = NULL", "no_question"),
        ("UPDATE message SET channel = 'call', address = '+919999900001'", "no_way"),
        ("UPDATE address SET stopped_at = CURRENT_TIMESTAMP", "no_way"),
        ("", "night"),
    ],
)
def test_who_is_not_asked_again(desk: Console, change: str, came: str) -> None:
    """Nobody after a stop, without a question, by telephone only, or at night; the rep is told why."""
    key = drafting(desk, 1)
    later(desk.clock, hours=1)
    browser = desk.enter(1)
    if change:
        with writing(desk.db) as conn:
            conn.exec_driver_sql(change)
    else:
        later(desk.clock, hours=9)
    answer = browser.post(f"/console/people/{key}/again")
    assert answer.headers["Location"] == f"/console/?said={came}"
    assert 'role="status"' in browser.get(answer.headers["Location"]).text
    assert written(desk) == []


def test_pages_of_a_group_follow_each_other(desk: Console) -> None:
    """Every one of them once, whatever stands in the address."""
    for number in range(60):
        task(desk, her(desk, number, f"n{number}"), "call", hours=number % 7)
    browser, seen, path = desk.enter(1), [], "/console/today/call"
    while path:
        text = browser.get(path).text
        seen += names(text)
        found = re.search(r'href="(/console/today/call\?after=[^"]+)"', text)
        path = found[1].replace("&amp;", "&") if found else ""
    assert sorted(seen) == sorted(f"n{number}" for number in range(60))
    for after in (
        "x",
        "~",
        "2026-01-01~5",
        f"2026-01-01T00:00:00+00:00~{2**70}",
        "\x00~1",
        "%FF~2",
        "1" * 999,
    ):
        assert browser.get("/console/today/call", query_string={"after": after}).status_code == 200


def test_every_kind_of_task_has_words_and_a_place() -> None:
    """A kind that the code makes is said in both languages, and so is every group."""
    kinds = set()
    for path in (ROOT / "bot").rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if "rep_task" in source or "RepTask" in source:
            kinds |= set(re.findall(r'"kind": "(\w+)"', source))
            kinds |= set(re.findall(r'_rep_task\("(\w+)"', source))
    kinds -= {"text", "voice"}  # kinds of messages
    assert {"call", "error", "silent", "skipped", "photo_trouble"} <= kinds
    assert {f"task_{kind}" for kind in kinds} - set(words()) == set()
    assert set(today.GROUPS) | {today.STOPPED} == {
        name.removeprefix("group_") for name in words() if name.startswith("group_")
    }

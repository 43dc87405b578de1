"""The page of practice: who is how far, and for a day what each told in play; nothing of it is real."""

from __future__ import annotations

import html
import json
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from bot.chat import Chat
from bot.messages import Json
from bot.settings import Settings
from models import JobRow
from models.database import reading
from tests.console_house import BASTAR, DURG, Console, console
from tests.talk_phone import Phone
from tests.test_practice import rows
from tests.test_taken_over import draft

PAGE = "/console/practice"


class Group:
    """`her` phone practises; rep 1 sees her, rep 2 of another district does not."""

    def __init__(self, db: Engine, tmp_path: Path) -> None:
        url = db.url.render_as_string(hide_password=False)
        house = Chat(Settings(database_url=url, media_url=f"file://{tmp_path}/media", voice="none"))
        self.her: Phone = draft(house)
        self.desk: Console = console(self.her.shop.db, self.her.clock, tmp_path)  # type: ignore[arg-type]
        self.desk.rep(1, districts=[BASTAR])
        self.desk.rep(2, districts=[DURG])

    def page(self, rep: int = 1) -> str:
        return self.desk.enter(rep).get(PAGE).text

    def tells_all(self) -> None:
        """She practises to the end."""
        self.her.rep("practice")
        self.her.do("photo", ["bowl.jpg"], {})
        for text in ("बस", "मिट्टी का दीया, 20 रुपये, 50 नग, एक बित्ता"):
            self.her.do("user", text, {})
        for _ in range(8):
            state = self.state()
            if not state.get("practice"):
                return
            said = {"size": "एक बित्ता", "stock": "50", "price": "20"}.get(state["asks"], "हाँ")
            self.her.do("user", said, {})
        raise AssertionError(self.state()["asks"])

    def state(self) -> Json:
        state: Json = self.her.kept()["state"]
        return state


@pytest.fixture
def group(db: Engine, tmp_path: Path) -> Group:
    return Group(db, tmp_path)


def message_on(page: str) -> Json:
    """The message that the page shows."""
    found: Json = json.loads(
        html.unescape(page.partition("<pre")[2].partition(">")[2].partition("</pre>")[0])
    )
    return found


def test_who_practises_and_at_which_question(group: Group) -> None:
    assert "अभी कोई अभ्यास नहीं कर रहा" in group.page()
    group.her.rep("practice")
    group.her.do("user", "मिट्टी का दीया", {})
    page = group.page()
    assert "सीता बाई" in page and "अभ्यास चल रहा है" in page and "<pre" not in page
    assert "सीता बाई" not in group.page(rep=2)


def test_what_she_told_is_shown_and_was_sent_nowhere(group: Group) -> None:
    """In words and as the shop would get it, made as a real one is; no row says so."""
    before = rows(group.her)
    group.tells_all()
    page = group.page()
    assert "मिट्टी का दीया" in page and "₹20" in page and "<dd>बस</dd>" not in page
    message = message_on(page)
    assert (message["event"], message["listing_id"], message["number"]) == (
        "listing.completed",
        "practice",
        0,
    )
    assert message["price"]["asked"]["amount"] == "20" and len(message["photos"]) == 1
    assert rows(group.her) == before
    assert "मिट्टी का दीया" not in group.page(rep=2)


def test_after_a_day_it_is_forgotten(group: Group) -> None:
    """Not only by the page: the talk holds it no longer, and no job waits for it."""
    group.tells_all()
    real = group.state()["slots"]
    group.her.do("wait", "23h", {})
    assert "practised" in group.state() and "मिट्टी का दीया" in group.page()
    group.her.do("wait", "2h", {})
    state = group.state()
    assert "practised" not in state and state["slots"] == real
    assert "मिट्टी का दीया" not in group.page()
    with reading(group.her.shop.db) as conn:
        assert not conn.scalars(select(JobRow.id).where(JobRow.unique_key.like("practice:%"))).all()


def test_a_new_round_begins_empty(group: Group) -> None:
    """What was told before gives way to the new round."""
    group.tells_all()
    group.her.rep("practice")
    page = group.page()
    assert "अभ्यास चल रहा है" in page and "मिट्टी का दीया" not in page
    group.her.do("user", "अभ्यास बंद", {})
    assert "practised" not in group.state() and "अभी कोई अभ्यास नहीं कर रहा" in group.page()

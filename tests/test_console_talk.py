"""The page of one talk: what it shows, what a rep can do there, and what nobody can."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, func, insert, select, update

from bot.messages import Inbound, Json
from bot.receive import receive
from models import Conversation, Message, Seller
from models.database import reading, writing
from tests.conftest import Clock
from tests.console_house import Browser, Console, console

SLOTS: Json = {
    "language": "hi",
    "consent": True,
    "consent_version": "2026-11",
    "seller_name": "सीता बाई",
    "village": "करनपुर",
    "district": "bastar",
    "first_listed_on": "2026-01-05",
    "photos": [{"id": 1, "sha256": "ab" * 32, "width": 1200, "height": 1600, "role": None, "warnings": []}],
    "photos_done": True,
}
HER = "whatsapp:+919999900050"


class Talk:
    """Her talk, and the browser of a rep of her district."""

    def __init__(self, desk: Console) -> None:
        self.desk = desk
        self.rep_id = desk.rep(1, name="रमा साहू")
        self.key = desk.person(50, SLOTS)
        self.browser: Browser = desk.enter(1)
        self.path = f"/console/talk/{self.key}"
        self.said = 0

    def she_says(self, text: str, address: str = HER) -> None:
        """A message of hers, and what the bot answers."""
        self.said += 1
        now = self.desk.clock()
        receive(
            self.desk.db,
            self.desk.house.talk,
            Inbound("whatsapp", address, f"SM{self.said}", "text", now, text),
            now,
        )

    def post(self, what: str, **form: str) -> int:
        return self.browser.post(f"{self.path}/{what}", page=self.path, **form).status_code

    def state(self) -> Json:
        hers = select(Conversation.state).join(Seller, Seller.id == Conversation.seller_id)
        with reading(self.desk.db) as conn:
            return dict(conn.scalar(hers.where(Seller.key == self.key)) or {})

    def out(self) -> list[Json]:
        outbox = select(Message.body).where(Message.direction == "out").order_by(Message.id)
        with reading(self.desk.db) as conn:
            return list(conn.scalars(outbox))


@pytest.fixture
def talk(db: Engine, clock: Clock, tmp_path: Path) -> Talk:
    opened = Talk(console(db, clock, tmp_path))
    for text in ("बेचना है", "बाँस की टोकरी, 250 रुपये", "हाँ"):
        opened.she_says(text)
    return opened


def test_the_page_shows_both_sides_and_what_was_understood(talk: Talk) -> None:
    """Her words, ours, the values that were taken from hers, the open question and the window."""
    page = talk.browser.get(talk.path).text
    assert "सीता बाई" in page and "बाँस की टोकरी, 250 रुपये" in page
    assert re.search(r"दाम: <b>₹250", page) and "जाना बाकी" in page
    assert "कल 14:00 बजे तक खुलकर लिख सकती हैं" in page and "पूछा है: " in page
    assert len(page.encode()) < 60 * 1024
    assert "+9199999" not in page


def test_take_over_speak_and_hand_back(talk: Talk) -> None:
    """She hears it once; what the rep types goes out in her name; deeds are written down without words."""
    assert talk.post("take-over") == 303
    assert talk.out()[-1]["text"] == "अब रमा आपसे बात कर रही हैं।"
    assert talk.post("say", text="ढक्कन भी है क्या?") == 303
    assert talk.out()[-1] | {"by": f"rep:{talk.rep_id}"} == talk.out()[-1]
    assert talk.post("say", quick="utter_rep_quick_visit") == 303
    talk.she_says("हाँ है")
    before = len(talk.out())
    assert talk.out()[-1]["utter"] == "utter_rep_quick_visit"
    page = talk.browser.get(talk.path).text
    assert "रमा साहू ने बात सँभाली" in page and "ढक्कन भी है क्या?" in page
    assert talk.post("hand-back") == 303 and len(talk.out()) > before
    names = talk.desk.deed_names()[1:]
    assert names == ["take_over", "rep_says", "rep_says", "hand_back"]
    assert all("ढक्कन" not in str(deed) for deed in talk.desk.deeds())


def test_a_second_tap_is_no_second_message(talk: Talk) -> None:
    """The mark of the form and its words say that it is the same."""
    talk.post("take-over")
    page = talk.browser.get(talk.path).text
    [mark, *_] = re.findall(r'name="mark" value="(\w+)"', page)
    for text in ("सुनिए", "सुनिए", "फिर सुनिए"):
        talk.post("say", text=text, mark=mark)
    assert [body["text"] for body in talk.out()[-2:]] == ["सुनिए", "फिर सुनिए"]
    for what, form in (("hand-back", {}), ("correct", {"slot": "price", "value": "350"}), ("practice", {})):
        assert [talk.post(what, mark=mark, **form) for _ in range(2)] == [303, 303], what
    assert talk.desk.deed_names()[1:] == [
        *("take_over", "rep_says", "rep_says", "hand_back", "correction", "practice"),
    ]


def test_another_rep_takes_over(talk: Talk) -> None:
    """She hears the new name; the first one is silent from then on."""
    talk.post("take-over")
    talk.desk.rep(2, name="गीता यादव")
    other = talk.desk.enter(2)
    page = other.get(talk.path).text
    assert "रमा बात कर रही हैं। संगवारी चुप है।" in page
    assert other.post(f"{talk.path}/take-over", page=talk.path).status_code == 303
    assert talk.out()[-1]["text"] == "अब गीता आपसे बात कर रही हैं।"
    assert talk.post("say", text="सुनिए") == 409


def test_a_correction_is_read_to_her(talk: Talk) -> None:
    """And a value that its check refuses gives the rep the reason; what she typed stays in the field."""
    assert talk.post("correct", slot="price", value="350") == 303
    assert "₹350" in talk.out()[-1]["text"]
    assert talk.state()["provenance"]["price"]["by"] == f"rep:{talk.rep_id}"
    answer = talk.browser.post(f"{talk.path}/correct", page=talk.path, slot="price", value="क्या पता")
    assert answer.status_code == 409 and "समझ में नहीं आया" in answer.text and 'value="क्या पता"' in answer.text
    assert talk.post("correct", slot="consent", value="हाँ") == 409
    assert talk.desk.deed_names().count("correction") == 1


def test_practice_begins_and_ends(talk: Talk) -> None:
    """From her page; while it lasts only its end is offered."""
    assert talk.post("practice") == 303 and talk.out()[-1]["text"].startswith("अभ्यास:")
    page = talk.browser.get(talk.path).text
    assert "अभ्यास चल रहा है" in page and "take-over" not in page
    assert talk.post("take-over") == 409
    assert talk.post("practice", end="1") == 303 and "practice" not in talk.state()


@pytest.mark.parametrize("what", ["", "/live", "/take-over", "/hand-back", "/say", "/correct", "/practice"])
def test_who_is_of_another_district_does_not_exist(talk: Talk, what: str) -> None:
    """Neither to be read nor to be touched."""
    far = talk.desk.person(60, SLOTS | {"district": "durg"})
    before = talk.desk.deed_names()
    path = f"/console/talk/{far}{what}"
    if what in ("", "/live"):
        answer = talk.browser.get(path)
    else:
        answer = talk.browser.post(path, text="x", slot="price", value="1")
    assert answer.status_code == 404 and talk.desk.deed_names() == before


@pytest.mark.parametrize(
    "form",
    [
        {"text": ""},
        {"text": " \x00\x1b "},
        {"text": "क" * 5000},
        {"quick": "utter_ask_price"},
        {"quick": "x" * 4000},
    ],
)
def test_hostile_words_are_not_sent(talk: Talk, form: Json) -> None:
    """Nothing, too much, control characters, a response that is no ready answer."""
    talk.post("take-over")
    before = talk.out()
    assert talk.post("say", **form) == 409 and talk.out() == before


def test_what_is_sent_and_shown_is_only_text(talk: Talk) -> None:
    """Markup is shown as it was typed."""
    talk.post("take-over")
    evil = "<img src=x onerror=alert(1)>"
    talk.post("say", text=evil)
    talk.she_says(evil)
    page = talk.browser.get(talk.path).text
    assert evil not in page and page.count("&lt;img src=x") == 2
    for given in ("x", "-1", "9" * 30, "1; drop table message", "٣"):
        assert talk.browser.get(f"{talk.path}?before={given}").status_code == 200


def test_nothing_goes_after_a_stop_or_outside_the_window(talk: Talk) -> None:
    """The page says so, offers nothing, and the door refuses."""
    talk.post("take-over")
    talk.desk.clock.advance(25 * 3600)
    page = talk.browser.get(talk.path).text
    assert "सिर्फ़ तय संदेश" in page and 'name="text"' not in page
    before = talk.out()
    assert talk.post("say", text="सुनिए") == 409 and talk.out() == before
    talk.she_says("बंद करो")
    page = talk.browser.get(talk.path).text
    assert "संदेश बंद करवाए हैं" in page and "take-over" not in page
    before = talk.out()
    assert talk.post("take-over") == 409 and talk.post("correct", slot="village", value="मसौरा") == 409
    assert talk.out() == before


def test_older_pages_by_key(talk: Talk) -> None:
    """Each message once, in order, however many there are."""
    with writing(talk.desk.db) as conn:
        seller_id = conn.scalar(select(Seller.id).where(Seller.key == talk.key))
        row = {
            "seller_id": seller_id,
            "direction": "in",
            "channel": "whatsapp",
            "address": HER,
            "kind": "text",
        }
        row |= {"kind": "text", "events": None, "status": "received", "created_at": talk.desk.clock()}
        conn.execute(
            insert(Message.__table__),
            [row | {"provider_id": f"old{n}", "body": {"text": f"बात {n}."}} for n in range(95)],
        )
        # A spoken message has nothing to show before it is made.
        total = conn.scalar(select(func.count(Message.id)).where(Message.kind != "voice"))
    seen: list[int] = []
    path: str | None = talk.path
    while path:
        page = talk.browser.get(path).text
        seen = [*map(int, re.findall(r'id="m(\d+)"', page)), *seen]
        older = re.search(r'href="([^"]+before=\d+)"', page)
        path = older[1].replace("&amp;", "&") if older else None
    assert seen == sorted(set(seen)) and len(seen) == total


def test_live_is_one_cheap_look_until_something_changes(talk: Talk) -> None:
    """304 for the same; then what is new, and ticks that changed."""
    tag = re.search(r'data-tag="(\w+)"', talk.browser.get(talk.path).text)
    assert tag
    match = {"If-None-Match": f'"{tag[1]}"'}
    asked: list[str] = []
    event.listen(talk.desk.db, "before_cursor_execute", lambda *call: asked.append(call[2]))
    assert talk.browser.get(f"{talk.path}/live?after=0", headers=match).status_code == 304
    assert sum(statement.startswith("SELECT") for statement in asked) == 3  # who asks, may she, what is new
    assert talk.browser.get(f"{talk.path}/live?after=0", headers=match).status_code == 304
    with writing(talk.desk.db) as conn:
        last = conn.scalar(select(func.max(Message.id)))
        conn.execute(
            update(Message.__table__).where(Message.id == last).values(status="failed", error="63016")
        )
    answer = talk.browser.get(f"{talk.path}/live?after={last}", headers=match)
    assert answer.status_code == 200 and "24 घंटे निकल चुके थे" in answer.text
    match = {"If-None-Match": answer.headers["ETag"]}
    talk.she_says("12")
    answer = talk.browser.get(f"{talk.path}/live?after={last}", headers=match)
    assert answer.status_code == 200 and '<p class="text" lang="hi">12</p>' in answer.text
    assert answer.headers["ETag"] != match["If-None-Match"]

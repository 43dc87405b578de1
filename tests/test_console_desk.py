"""The desk in the console: the notes of a rep's own districts, one at a time, each written down once."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update

from bot.desk import queue
from bot.desk.suggestions import suggestions
from bot.tasks.workshop import Workshop
from models import Media, Rep, SellerCard
from models.database import reading, writing
from tests.conftest import Clock
from tests.console_house import Browser, Console, console
from tests.desk_notes import note, standing
from tests.open_rooms import loaded_talk, workshop

DESK = "/console/desk"


class Desk:
    """A rep of Bastar at her desk."""

    def __init__(self, made: Console) -> None:
        self.console = made
        self.rep_id = made.rep(1)
        self.browser: Browser = made.enter(1)
        shop = workshop(made.settings, made.db, loaded_talk())
        self.shop: Workshop = replace(shop, clock=made.clock, store=made.house.store)

    def note(self, district: str | None = "bastar", **values: Any) -> int:
        media_id = note(self.shop, **values)
        with writing(self.console.db) as conn:
            seller_id = conn.scalar(select(Media.seller_id).where(Media.id == media_id))
            conn.execute(insert(SellerCard).values(seller_id=seller_id, name="सीता बाई", district=district))
        return media_id

    def claim(self) -> str:
        found = re.search(r'name="claim" value="(\w+)"', self.browser.get(DESK).text)
        return found[1] if found else ""

    def post(self, path: str, **form: str) -> Any:
        return self.browser.post(f"{DESK}/{path}", page=DESK, **form)

    def words(self, media_id: int) -> tuple[str | None, str | None]:
        with reading(self.console.db) as conn:
            row = conn.execute(
                select(Media.transcript, Media.transcribed_by).where(Media.id == media_id)
            ).one()
        return row.transcript, row.transcribed_by


@pytest.fixture
def desk(db: Engine, clock: Clock, tmp_path: Path) -> Desk:
    return Desk(console(db, clock, tmp_path))


def test_the_oldest_note_with_its_question(desk: Desk) -> None:
    """Looking takes none; one press does, and the page has all that is needed to write it down."""
    first, _second = desk.note(), desk.note()
    page = desk.browser.get(DESK).text
    assert "2 बाकी" in page and standing(desk.console.db, first).claimed_by is None
    assert desk.post("next").status_code == 303
    assert standing(desk.console.db, first).claimed_by == f"rep:{desk.rep_id}"
    page = desk.browser.get(DESK).text
    assert "1 बाकी" in page and "दाम कतका रखबो?" in page and "सीता बाई" in page
    assert "<audio" in page and 'class="wave"' in page and desk.claim()
    sound = re.search(r'src="(/media/[^"]+)"', page)
    assert sound and desk.browser.get(sound[1]).status_code == 200


def test_words_are_hers_once_and_the_next_note_comes(desk: Desk) -> None:
    """Who wrote it down is `rep:<id>`; a number is sent only when its reading was seen."""
    first, second = desk.note(), desk.note()
    desk.post("next")
    answer = desk.post(f"{first}/words", claim=desk.claim(), text="ढाई सौ रुपया")
    assert answer.status_code == 409 and "अंक हैं" in answer.text and "₹250" in answer.text
    assert 'name="seen"' in answer.text and ">ढाई सौ रुपया</textarea>" in answer.text
    heard = desk.post(f"{first}/heard", text="ढाई सौ रुपया").text
    seen = re.search(r'name="seen" value="(\w+)"', heard)
    assert seen and "₹250" in heard
    assert (
        desk.post(f"{first}/words", claim=desk.claim(), text="ढाई सौ रुपया", seen=seen[1]).status_code == 303
    )
    assert desk.words(first) == ("ढाई सौ रुपया", f"rep:{desk.rep_id}")
    assert standing(desk.console.db, second).claimed_by == f"rep:{desk.rep_id}"
    deed = desk.console.deeds()[-1]
    assert (deed.what, deed.about) == ("note_written", f"media:{first}") and "ढाई" not in str(deed)


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("hi", "पता नहीं", "यह सवाल छोड़ें"),
        ("en", "पता नहीं", "Skip this question"),
        ("en", "ढाई सौ रुपया", "Price: ₹250"),
        ("en", "दो सौ से तीन सौ", "Price 200 300"),
    ],
)
def test_what_is_understood_is_in_the_language_of_the_page(
    desk: Desk, language: str, text: str, said: str
) -> None:
    """Wishes too, in words and not in ids."""
    first = desk.note()
    desk.post("next")
    with writing(desk.console.db) as conn:
        conn.execute(update(Rep).values(language=language))
    heard = desk.post(f"{first}/heard", text=text).text
    assert f"<li>{said}" in heard and "skip_question" not in heard and "range" not in heard


def test_cannot_hear_and_another_note(desk: Desk) -> None:
    """One is closed, the other goes back and is not offered to her again."""
    first, second, third = desk.note(), desk.note(), desk.note()
    desk.post("next")
    assert desk.post(f"{first}/cannot-hear", claim=desk.claim()).status_code == 303
    assert standing(desk.console.db, first).status == "cannot_hear"
    assert desk.post(f"{second}/skip", claim=desk.claim()).status_code == 303
    assert standing(desk.console.db, second).claimed_until is None
    assert standing(desk.console.db, third).claimed_by == f"rep:{desk.rep_id}"


def test_notes_of_other_districts_do_not_exist(desk: Desk) -> None:
    """She is given none, and no address of one answers."""
    far, nowhere = desk.note("durg"), desk.note(None)
    desk.post("next")
    assert not desk.claim() and "0 बाकी" in desk.browser.get(DESK).text
    for media_id in (far, nowhere, 10**6, 2**63 - 1):
        for what in ("words", "cannot-hear", "skip", "renew", "heard"):
            answer = desk.post(f"{media_id}/{what}", claim="x", text="x")
            assert answer.status_code == 404, what
    assert desk.words(far) == (None, None)


def test_who_has_lost_her_claim_is_told(desk: Desk) -> None:
    """Somebody else took the note after its time: her words stay on the page, and are not sent."""
    first = desk.note()
    desk.post("next")
    claim = desk.claim()
    assert desk.post(f"{first}/renew", claim=claim).json == {"wrong": None}
    desk.console.clock.now += timedelta(seconds=queue.LEASE_S + 1)
    assert desk.claim() == claim  # slow is not wrong
    desk.console.rep(2)
    other = desk.console.enter(2)
    other.post(f"{DESK}/next", page="/console/me")
    assert desk.post(f"{first}/renew", claim=claim).status_code == 409
    answer = desk.post(f"{first}/words", claim=claim, text="टोकरी")
    assert answer.status_code == 409 and "किसी और के पास" in answer.text
    assert desk.words(first) == (None, None)


@pytest.mark.parametrize("text", ["", "  ", "क" * 4001, "टोकरी\x00", "a\x1bb"])
def test_hostile_words_are_refused(desk: Desk, text: str) -> None:
    """Nothing, too much, control characters."""
    first = desk.note(asks="village")
    desk.post("next")
    assert desk.post(f"{first}/words", claim=desk.claim(), text=text).status_code == 409
    assert desk.words(first) == (None, None)
    assert desk.post(f"{first}/heard", text=text).status_code in (200, 204)


def test_an_erased_note_is_gone(desk: Desk) -> None:
    """She took her consent back while it was in the rep's hand."""
    first = desk.note()
    desk.post("next")
    with writing(desk.console.db) as conn:
        conn.execute(update(Media).where(Media.id == first).values(status="erased", sha256=None))
    page = desk.browser.get(DESK).text
    assert "<audio" not in page and "0 बाकी" in page


@pytest.mark.parametrize(
    ("typed", "language", "wanted"),
    [("baan", "hi", "बांस"), ("टोक", "hi", "टोकरी"), ("peet", "hne", "पीतर"), ("tok", "hi-Latn", "tokri")],
)
def test_suggestions_know_no_script(typed: str, language: str, wanted: str) -> None:
    """What is typed in one script finds the word in the other, in the language of the note."""
    found = suggestions(f"लाल {typed}", language, loaded_talk().lexicon)
    assert any(wanted in name.lower() for name in found), found


def test_nothing_is_suggested_for_nothing() -> None:
    """A blank after the word ends it; one letter is too little."""
    lexicon = loaded_talk().lexicon
    for text in ("", " ", "टोक ", "ट", "123", "🙂"):
        assert suggestions(text, "hi", lexicon) == []

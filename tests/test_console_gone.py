"""Somebody who is erased or became part of another entry while a rep has her pages open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select, update

from bot.people.erase import erase
from bot.people.merge import merge
from models import Audit, JobRow, Listing, Media, Message, Seller, SellerCard, Start
from models.database import reading, writing
from tests.conftest import Clock
from tests.console_house import BASTAR, DURG, Console, console
from tests.desk_notes import note
from tests.open_rooms import workshop
from tests.test_console_doors import calls
from tests.test_console_listings import sells
from tests.test_console_people import send

GONE = "अब यहाँ नहीं हैं"
WAYS = ["erased", "merged", "in another district"]
FORMS: dict[str, dict[str, str]] = {
    "tasks_done": {"group": "call", "upto": "1"},
    "prefers": {"channel": "sms"},
    "say": {"text": "नमस्ते"},
    "correct": {"slot": "village", "value": "करनपुर"},
    "check": {"field": "hsn", "version": "1"},
    "arrange": {"version": "1"},
    "contact_sheet": {"version": "1"},
    "reshape": {"version": "1", "photo": "1", "turn": "90"}
    | {f"cut-{s}": "0" for s in "left top right bottom".split()},
    "prepare_start": {"flow": "list_product", "form": "x"},
    "words": {"text": "टोकरी", "claim": "x"},
}
"""What the forms of her pages send; others send nothing of their own."""


class Gone:
    """A rep with a person's key, listing and note; then the person goes."""

    def __init__(self, desk: Console) -> None:
        self.desk = desk
        desk.rep(1)
        self.kept, self.hers = self._id(desk.person(60, {"district": BASTAR})), 0
        self.listing = sells(desk, 50)
        with reading(desk.db) as conn:
            of_listing = select(Listing.seller_id, Seller.key).join(Seller).where(Listing.id == self.listing)
            self.hers, self.key = conn.execute(of_listing).one()
        self.note = note(workshop(desk.settings, desk.db, desk.house.talk), language="hi")
        with writing(desk.db) as conn:
            self.speaker = conn.scalar(select(Media.seller_id).where(Media.id == self.note)) or 0
            conn.execute(insert(SellerCard).values(seller_id=self.speaker, district=BASTAR))

    def _id(self, key: str) -> int:
        with reading(self.desk.db) as conn:
            return conn.scalar(select(Seller.id).where(Seller.key == key)) or 0

    def goes(self, way: str) -> None:
        """She, and who spoke the note, in this way; what is merged keeps its listing."""
        now, card = self.desk.clock(), SellerCard.__table__
        with writing(self.desk.db) as conn:
            if way == "merged":
                assert merge(conn, self.kept, self.hers, "seller", now)
                return
            for seller_id in (self.hers, self.speaker):
                if way == "erased":
                    assert erase(conn, seller_id, "seller", now, secret_key="s" * 32, publish=False)
                else:
                    conn.execute(update(card).where(card.c.seller_id == seller_id).values(district=DURG))

    def doors(self, way: str) -> list[tuple[str, str, str]]:
        """Method, address and view of all that is about her."""
        filling: dict[str, Any] = {"key": self.key}
        if way != "merged":
            filling |= {"listing_id": self.listing, "number": self.note}
        adapter = self.desk.app.url_map.bind("localhost")
        found = []
        for rule, method, _path, _view in calls(self.desk):
            if rule.arguments and rule.arguments <= filling.keys():
                path = adapter.build(
                    rule.endpoint, {name: filling[name] for name in rule.arguments}, method=method
                )
                found.append((method, path, rule.endpoint.partition(".")[2]))
        return [*found, ("POST", f"/console/people/start?key={self.key}", "prepare_start")]

    def rows(self) -> list[int]:
        """How many rows a deed would add to."""
        with reading(self.desk.db) as conn:
            tables = (Audit, Message, JobRow, Start)
            return [conn.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


@pytest.fixture
def gone(db: Engine, clock: Clock, tmp_path: Path) -> Gone:
    return Gone(console(db, clock, tmp_path))


@pytest.mark.parametrize("way", WAYS)
def test_each_tap_on_a_page_of_hers_says_so(gone: Gone, way: str) -> None:
    """Kindly, the same whatever became of her, and nothing is done; her pages say it too."""
    browser = gone.desk.enter(1)
    token = browser.token()
    doors = gone.doors(way)
    assert len([method for method, _, _ in doors if method == "POST"]) >= (10 if way == "merged" else 18)
    gone.goes(way)
    before = gone.rows()
    for method, path, view in doors:
        form = FORMS.get(view, {}) | {"csrf_token": token} if method == "POST" else {}
        answer = browser.client.open(path, method=method, data=form)
        assert (answer.status_code, GONE in answer.text) == (404, True), (method, path, answer.text[-600:])
    assert gone.rows() == before


def test_an_address_of_nobody_says_the_same(gone: Gone) -> None:
    """Whether somebody ever had this key is not told."""
    page = gone.desk.enter(1).get(f"/console/people/{'0' * 32}")
    assert page.status_code == 404 and GONE in page.text


def test_becoming_one_with_somebody_who_is_gone(gone: Gone) -> None:
    """The other entry went while the question stood open: nothing is joined."""
    browser = gone.desk.enter(1)
    form = {"other": gone.key, "csrf_token": browser.token()}
    with reading(gone.desk.db) as conn:
        keep = conn.scalar(select(Seller.key).where(Seller.id == gone.kept))
    gone.goes("erased")
    answer = browser.client.post(f"/console/people/{keep}/merge", data=form)
    assert answer.status_code == 404 and GONE in answer.text


def test_a_start_for_somebody_who_is_gone(gone: Gone) -> None:
    """She was on the list when it was looked at: the page says that nobody will be written to."""
    browser = gone.desk.enter(1)
    place = send(browser, f"/console/people/start?key={gone.key}", flow="my_listings").headers["Location"]
    gone.goes("erased")
    assert "किसी को संदेश नहीं जाएगा" in browser.get(place).text
    answer = browser.post(f"{place}/begin")
    assert answer.status_code == 303
    assert "किसी को संदेश नहीं जाएगा" in browser.get(answer.headers["Location"]).text

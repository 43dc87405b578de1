"""A console full of invented people, as a rep meets it on an ordinary day; the pages of it by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page
from sqlalchemy import Engine, insert, select, update

from bot.hours import day_of
from bot.messages import Json
from bot.web.console.words import words
from models import Figure, Media, Rep, RepTask, Seller, SellerCard
from models.database import writing
from tests.conftest import Clock
from tests.console_house import BASTAR, PASSWORD, Console, console
from tests.desk_notes import note
from tests.open_rooms import loaded_talk, workshop
from tests.test_console_listings import sells
from tests.test_console_talk import Talk
from tests.test_console_talk_browser import WAVE, show_media

REP, ADMIN, NEW = 1, 3, 4
"""Reps by the end of their numbers; the last one must still change her password."""
PEOPLE = (
    (60, "सुकमती नेताम", "करनपुर", "माँ दंतेश्वरी स्व सहायता समूह", "call", {}),
    (61, "फूलबासन कोर्राम", "भेलवापदर", None, "photo_trouble", {"slot": "photos"}),
    (62, "रामबती मरकाम", "बड़े बचेली", "जय बूढ़ादेव महिला स्व सहायता समूह, बड़े बचेली", "silent", {"slot": "price"}),
    (63, None, None, None, "not_understood", {"slot": "product_name"}),
    (64, "इतवारिन बाई पोयाम", "छोटे देवड़ा", None, "erase", {}),
)
SHEET = (
    "phone,name,village,district\n9999900080,जानकी,करनपुर,बस्तर\n9999900080,जानकी,करनपुर,बस्तर\n"
    "12345,सोनमती,करनपुर,बस्तर\n9999900082,मंगली,करनपुर,कोंडागांव\n"
)


class Scene:
    """The console, one talk, a waiting note, a listing with photos, tasks and numbers."""

    def __init__(self, db: Engine, clock: Clock, tmp_path: Path, language: str = "hi") -> None:
        self.desk: Console = console(db, clock, tmp_path)
        self.talk = Talk(self.desk)
        self.desk.rep(ADMIN, "admin", name="अनीता ठाकुर", districts=[])
        self.desk.rep(NEW, name="गीता यादव", must_change=True)
        self.desk.rep(5, "lead", name="कमला सिदार", blocks=["बस्तर"])
        for text in ("बेचना है", "बाँस की टोकरी, 250 रुपये", "हाँ"):
            self.talk.she_says(text)
        show_media(self.talk)
        clock.advance(4000)
        self.keys = [self._person(*each) for each in PEOPLE]
        self.listing = sells(self.desk, 70, photos=3)
        sells(self.desk, 71)
        self._figures()
        self._note()
        with writing(db) as conn:
            conn.execute(update(Rep).values(language=language))

    def _person(self, number: int, name: Any, village: Any, group: Any, kind: str, detail: Json) -> str:
        slots = {"seller_name": name, "village": village, "district": BASTAR}
        asks = {"asks": detail["slot"], "asks_since": self.desk.clock()} if detail else {}
        known = {slot: value for slot, value in slots.items() if value}
        key = self.desk.person(number, known, group_name=group, **asks)
        self.desk.clock.advance(40)
        with writing(self.desk.db) as conn:
            hers = conn.scalar(select(Seller.id).where(Seller.key == key))
            at = self.desk.clock() - timedelta(hours=number - 50)
            conn.execute(insert(RepTask).values(seller_id=hers, kind=kind, detail=detail, created_at=at))
        return key

    def _note(self) -> None:
        shop = workshop(self.desk.settings, self.desk.db, loaded_talk())
        shop = replace(shop, clock=self.desk.clock, store=self.desk.house.store)
        media_id = note(shop, language="hi", verdict={"waveform": WAVE})
        with writing(self.desk.db) as conn:
            hers = conn.scalar(select(Media.seller_id).where(Media.id == media_id))
            card = {"seller_id": hers, "name": "सोनमती बघेल", "village": "करनपुर", "district": BASTAR}
            conn.execute(insert(SellerCard).values(card))

    def _figures(self) -> None:
        day = day_of(self.desk.clock())
        told = [("started", "", 58), ("finished", "", 41), ("cancelled", "", 5), ("photo", "", 160)]
        told += [("messages", "8", 20), ("messages", "12", 21), ("minutes", "14", 41), ("form", "voice", 300)]
        told += [("form", "text", 220), ("photo_refused", "dark", 14), ("photo_refused", "blurred", 9)]
        told += [("language", "hne", 30), ("language", "hi", 11)]
        told += [("listing", "dhokra|कोंडागाँव", 24), ("listing", "bamboo|बड़े राजपुर", 17)]
        asked = ("language", "consent", "photos", "product_name", "price", "stock", "confirm_listing")
        told += [("asked", slot, 58 - 2 * place) for place, slot in enumerate(asked)]
        told += [("stands", "photos", 6), ("stands", "price", 3)]
        with writing(self.desk.db) as conn:
            for what, key, count in told:
                row = {"what": what, "key": key, "count": count, "district": BASTAR, "day": day}
                conn.execute(insert(Figure).values(row))

    def pages(self) -> dict[str, tuple[int | None, Callable[[Page, str], None]]]:
        """Each page: who sees it (None: nobody signed in), and the way to it from the door."""
        return {
            "sign-in": (None, _at("/sign-in")),
            "password": (NEW, _at("/password")),
            "today": (REP, _at("/")),
            "today-stuck": (REP, _at("/today/stuck")),
            "people": (REP, _at("/people")),
            "person": (REP, _at(f"/people/{self.talk.key}")),
            "call": (REP, _call),
            "new-person": (REP, _at("/people/new")),
            "sheet": (REP, _at("/people/import")),
            "sheet-seen": (REP, _sheet),
            "new-begun": (REP, _new_begun),
            "start": (REP, _at(f"/people/start?key={self.keys[0]}")),
            "start-confirm": (REP, _start_confirm(self.keys[0])),
            "merge": (REP, _at(f"/people/{self.talk.key}/merge?q=0060")),
            "talk": (REP, _at(f"/talk/{self.talk.key}")),
            "talk-mine": (REP, _talk_mine(self.talk.key)),
            "desk": (REP, _desk),
            "listings": (REP, _at("/listings")),
            "listing": (REP, _at(f"/listings/{self.listing}")),
            "figures": (REP, _at("/figures")),
            "practice": (REP, _at("/practice")),
            "me": (REP, _at("/me")),
            "not-there": (REP, _at("/people/nobody")),
            "audit": (ADMIN, _at("/audit")),
            "reps": (ADMIN, _at("/reps")),
            "new-rep": (ADMIN, _at("/reps/new")),
        }


def come_in(page: Page, address: str, number: int) -> None:
    """Sign this rep in."""
    page.goto(f"{address}/console/sign-in")
    page.fill("#f-phone", f"99999{number:05}")
    page.fill("#f-password", PASSWORD)
    page.click("button.main")
    page.wait_for_selector("h1")


def button(page: Page, word: str) -> Locator:
    """The button with this word of the console, in the language of the page."""
    return page.get_by_role("button", name=words()[word][page.evaluate("document.documentElement.lang")])


def _at(path: str) -> Callable[[Page, str], None]:
    def go(page: Page, address: str) -> None:
        page.goto(f"{address}/console{path}")

    return go


def _call(page: Page, address: str) -> None:
    page.goto(f"{address}/console/")
    button(page, "call").first.click()
    page.wait_for_selector("a[href^=tel]")


def _new_begun(page: Page, address: str) -> None:
    page.goto(f"{address}/console/people/new")
    page.fill("#f-phone", "9999900090")
    page.fill("#f-name", "बुधरी")
    page.click("button.main")
    page.wait_for_url("**/starts/*")


def _sheet(page: Page, address: str) -> None:
    page.goto(f"{address}/console/people/import")
    sheet = {"name": "people.csv", "mimeType": "text/csv", "buffer": SHEET.encode()}
    page.set_input_files("#f-sheet", sheet)  # type: ignore[arg-type]
    page.click("button.main")
    page.wait_for_url("**/starts/*")


def _start_confirm(key: str) -> Callable[[Page, str], None]:
    def go(page: Page, address: str) -> None:
        page.goto(f"{address}/console/people/start?key={key}")
        page.click("button.main")
        page.wait_for_url("**/starts/*")

    return go


def _talk_mine(key: str) -> Callable[[Page, str], None]:
    def go(page: Page, address: str) -> None:
        page.goto(f"{address}/console/talk/{key}")
        button(page, "talk_take_over").click()
        page.wait_for_selector("#f-text")

    return go


def _desk(page: Page, address: str) -> None:
    page.goto(f"{address}/console/desk")
    button(page, "desk_next").click()
    page.fill("#f-text", "ढाई सौ रुपया")
    page.wait_for_selector(".heard li")

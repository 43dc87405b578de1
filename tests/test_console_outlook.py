"""What the page of a start promises is what comes: by night, with the window shut, and when she is in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update

from bot.channels import SilentChannel
from bot.worker import Worker
from models import Address, ContentTemplate, Message, RepTask, Seller
from models.database import reading, writing
from tests.conftest import Clock
from tests.console_house import BASTAR, DURG, Browser, Console, console
from tests.open_rooms import workshop, writes
from tests.test_console_people import HEAD, send, sheet

SILENT, NIGHT, RUNS, DONE = "पहले नहीं लिख सकते", "सुबह 9 बजे से", "एक-एक करके संदेश", "सबकी बारी आ चुकी"
NEW = {"phone": "9999900050", "name": "सुकमती", "village": "", "district": BASTAR}


@pytest.fixture
def desk(db: Engine, clock: Clock, tmp_path: Path) -> Console:
    return opened(db, clock, tmp_path)


def opened(db: Engine, clock: Clock, tmp_path: Path, **changes: Any) -> Console:
    made = console(db, clock, tmp_path, **changes)
    made.house = replace(made.house, talk=replace(made.house.talk, settings=made.settings))
    made.app.extensions["sangwari"] = made.house
    made.rep(1)
    made.rep(2, districts=[DURG])
    return made


def approve(desk: Console, language: str = "hi") -> None:
    """WhatsApp lets our opening through in this language."""
    row = {"response": "utter_opening", "language": language, "channel": "whatsapp", "form": "opener-1"}
    with writing(desk.db) as conn:
        conn.execute(
            insert(ContentTemplate).values(**row, content_sid="HX1", approval="approved", variables=[])
        )


def added(browser: Browser, channel: str = "whatsapp", **more: str) -> str:
    """The page after a new person; its address."""
    return str(send(browser, "/console/people/new", **NEW | more, channel=channel).headers["Location"])


def at_night(desk: Console) -> None:
    desk.clock.advance(9 * 3600)


def work(desk: Console, silent: bool = True) -> None:
    """Run what is due; with channels that are silent, as a carrier that takes all."""
    shop = replace(workshop(desk.settings, desk.db, desk.house.talk), clock=desk.clock)
    if silent:
        shop = replace(
            shop, channels={name: SilentChannel(name, desk.settings) for name in ("whatsapp", "sms")}
        )
    worker = Worker(shop, "test")
    for _ in range(10):
        worker.drain()
        desk.clock.advance(2)


def letters(desk: Console) -> list[str]:
    with reading(desk.db) as conn:
        return list(
            conn.scalars(select(Message.status).where(Message.direction == "out").order_by(Message.id))
        )


def test_who_never_wrote_and_cannot_be_written_to(desk: Console) -> None:
    """No approved text and nobody who carries SMS: the rep is told to call; and so it comes."""
    browser = desk.enter(1)
    place = added(browser)
    page = browser.get(place).text
    number = desk.settings.twilio_whatsapp_from.removeprefix("whatsapp:+")
    assert SILENT in page and f'href="https://wa.me/{number}"' in page
    assert RUNS not in page and "शुरू हो गया" not in page
    work(desk, silent=False)
    page = browser.get(place).text
    assert SILENT in page and DONE not in page
    assert letters(desk) == ["cancelled"]
    with reading(desk.db) as conn:
        assert list(conn.scalars(select(RepTask.kind))) == ["unreached"]


def test_an_approved_text_opens_the_talk(desk: Console) -> None:
    """In her own language; one for another language helps nobody."""
    approve(desk, "hne")
    browser = desk.enter(1)
    place = added(browser)
    assert SILENT in browser.get(place).text
    approve(desk)
    page = browser.get(place).text
    assert SILENT not in page and RUNS in page


def test_an_sms_reaches_her(db: Engine, clock: Clock, tmp_path: Path) -> None:
    """With a number that sends SMS whoever is not on WhatsApp's side is reached by it."""
    browser = opened(db, clock, tmp_path, twilio_sms_from="+14155550123").enter(1)
    for channel in ("whatsapp", "sms"):
        assert SILENT not in browser.get(added(browser, channel, phone=f"999990005{len(channel)}")).text


def test_an_sms_that_nobody_carries(desk: Console) -> None:
    """She was added for SMS, and there is nobody to send it."""
    browser = desk.enter(1)
    approve(desk)
    assert SILENT in browser.get(added(browser, "sms")).text


@pytest.mark.parametrize(("hours", "silent"), [(23, False), (25, True)])
def test_who_wrote_a_short_while_ago(desk: Console, hours: int, silent: bool) -> None:
    """Within WhatsApp's 24 hours nothing is in the way."""
    key = desk.person(50, {"seller_name": "सुकमती", "district": BASTAR})
    with writing(desk.db) as conn:
        hers = conn.scalar(select(Seller.id).where(Seller.key == key)) or 0
        writes(conn, hers, desk.clock() - timedelta(hours=hours), address="whatsapp:+919999900050")
    browser = desk.enter(1)
    place = send(browser, f"/console/people/start?key={key}", flow="my_listings").headers["Location"]
    assert (SILENT in browser.get(place).text) == silent


def test_who_is_not_on_whatsapp(desk: Console) -> None:
    """An approved text does not help her; once she has written from there it is forgotten."""
    approve(desk)
    key = desk.person(50, {"seller_name": "सुकमती", "district": BASTAR})
    found_out = desk.clock() - timedelta(days=3)
    with writing(desk.db) as conn:
        conn.execute(update(Address).values(not_on_whatsapp_at=found_out))
        hers = conn.scalar(select(Seller.id).where(Seller.key == key)) or 0
    browser = desk.enter(1)
    place = send(browser, f"/console/people/start?key={key}", flow="my_listings").headers["Location"]
    assert SILENT in browser.get(place).text
    with writing(desk.db) as conn:
        writes(conn, hers, desk.clock() - timedelta(days=2), address="whatsapp:+919999900050")
    assert SILENT not in browser.get(place).text


def test_a_number_that_also_calls_is_one_person(desk: Console) -> None:
    """Her telephone and her SMS have one address; she is counted once."""
    data = HEAD.strip() + ",channel\n" + "9999900050,क,,,sms\n9999900051,ख,,,sms\n"
    key = desk.person(50, {"seller_name": "सुकमती", "district": BASTAR})
    with writing(desk.db) as conn:
        hers = conn.scalar(select(Seller.id).where(Seller.key == key))
        for channel in ("sms", "call"):
            way = {
                "seller_id": hers,
                "channel": channel,
                "address": "+919999900050",
                "created_at": desk.clock(),
            }
            conn.execute(insert(Address).values(way))
    browser = desk.enter(1)
    assert "इनमें से 2 को हम" in browser.get(sheet(browser, data).headers["Location"]).text


def test_of_a_sheet_so_many(desk: Console) -> None:
    """Before it begins: for how many of them the rep must do something herself."""
    approve(desk)
    data = HEAD.strip() + ",language\n" + "9999900050,क,,,hi\n9999900051,ख,,,hne\n9999900052,ग,,,hne\n"
    browser = desk.enter(1)
    page = browser.get(sheet(browser, data).headers["Location"]).text
    assert "इनमें से 2 को हम पहले नहीं लिख सकते" in page


def test_by_night(desk: Console) -> None:
    """From nine in the morning, the page says; not before, and not later than half past nine."""
    approve(desk)
    at_night(desk)
    browser = desk.enter(1)
    place = added(browser)
    assert NIGHT in browser.get(place).text and RUNS not in browser.get(place).text
    work(desk)
    assert NIGHT in browser.get(place).text and DONE not in browser.get(place).text
    assert letters(desk) == ["queued"]
    desk.clock.advance(15 * 3600)
    work(desk)
    page = desk.enter(1).get(place).text
    assert letters(desk) == ["sent"] and NIGHT not in page and DONE in page


def test_she_is_in_people_as_soon_as_the_worker_has_begun(desk: Console) -> None:
    """Until then the page says that it takes a moment; afterwards it leads to her."""
    browser = desk.enter(1)
    place = added(browser)
    page = browser.get(place).text
    assert "थोड़ी देर में वे" in page and f'href="{place.partition("?")[0]}"' in page
    work(desk)
    page = browser.get(place).text
    with reading(desk.db) as conn:
        key = conn.scalar(select(Seller.key))
    assert f'href="/console/people/{key}"' in page and "थोड़ी देर में वे" not in page
    assert browser.get(f"/console/people/{key}").status_code == 200


def test_nobody_who_is_not_hers_is_linked(desk: Console) -> None:
    """A number of another district leads nowhere."""
    desk.person(50, {"district": DURG})
    browser = desk.enter(1)
    page = browser.get(added(browser)).text
    assert "/console/people/" not in page.replace("/console/people/new", "") and SILENT not in page


def test_who_only_telephones_from_that_number_is_not_the_one_who_is_written_to(desk: Console) -> None:
    """One number may be another person's telephone: the page leads to who is reached by the asked way."""
    key = desk.person(60, {"district": BASTAR})
    with writing(desk.db) as conn:
        other = conn.scalar(select(Seller.id).where(Seller.key == key))
        way = {"seller_id": other, "channel": "call", "address": "+919999900050"}
        conn.execute(insert(Address).values(**way, created_at=desk.clock()))
    browser = desk.enter(1)
    assert f'href="/console/people/{key}"' not in browser.get(added(browser, "sms")).text

"""She asks for what we hold of her, and has it: she alone, for an hour, and not in the message itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from bot import own_copy, practising
from bot.messages import Inbound
from bot.people.erase import erase
from bot.receive import receive
from bot.web import create_app
from bot.web.house import House
from models import Address, RepTask, Seller
from models.database import reading, writing
from tests import test_shared_phone as sisters
from tests.conftest import Clock
from tests.console_house import BASTAR, console
from tests.open_rooms import outgoing
from tests.town import Town, address, hear_all

HER, OTHER = 51, 52
WORD = "मेरी जानकारी दो"


@pytest.fixture
def town(tmp_path: Path, db: Engine, clock: Clock) -> Town:
    return Town(tmp_path, db, clock)


def browser(town: Town) -> FlaskClient:
    shop = town.shop
    opened = House(town.db, shop.talk, shop.settings, shop.channels, town.clock, shop.store)
    return create_app(shop.settings, opened).test_client()


def asks(town: Town, number: int = HER, word: str = WORD) -> str:
    """Where the page is that she is told of."""
    town.say(number, word)
    town.wait(minutes=1)
    row = next(row for row in reversed(town.rows(number, "out")) if own_copy.PATH in row.body["text"])
    found = re.search(r"https://[^/]+(/own/\S+)", row.body["text"])
    assert found and "₹" not in row.body["text"] and row.kind == "text"
    assert not any(
        own_copy.PATH in str(each.body) for each in town.rows(number, "out") if each.kind == "voice"
    )
    return found[1]


@pytest.mark.parametrize("word", [WORD, "mera data do", "mujhe mera data do", "मोर जानकारी दव"])
def test_she_has_all_of_it(town: Town, word: str) -> None:
    """The page in her language, and the whole of it as a file; nothing of anybody else."""
    hear_all(town, HER, apart_s=30)
    town.say(OTHER, "मेरा नाम दुलारी है")
    town.wait(minutes=1)
    place, page = asks(town, word=word), browser(town)
    shown = page.get(place)
    assert shown.status_code == 200 and "no-store" in shown.headers["Cache-Control"]
    assert "+919999900051" in shown.text and "दुलारी" not in shown.text and "+919999900052" not in shown.text
    whole = page.get(f"{place}?file").get_json()
    assert whole["listings"] and whole["messages"] and "url" not in str(whole["media"])


def test_the_question_that_was_open_is_asked_again(town: Town) -> None:
    town.say(HER, "नमस्ते")
    town.wait(minutes=1)
    asked = town.state(HER)["asks"]
    asks(town)
    assert asked and town.state(HER)["asks"] == asked and town.said(HER)[-1] == f"utter_ask_{asked}"


def test_no_other_address_opens_it(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forged, made for bytes, grown old, or of one who was erased: not found, all the same."""
    town.say(HER, "नमस्ते")
    place, page = asks(town), browser(town)
    assert page.get(place[:-1]).status_code == page.get("/own/x").status_code == 404
    assert page.get(place.replace("/own/", "/media/")).status_code == 404
    with monkeypatch.context() as later:
        later.setattr("bot.own_copy.MAX_AGE_S", -1)
        assert page.get(place).status_code == 404
    with writing(town.db) as conn:
        mine = conn.scalar(select(Address.seller_id).where(Address.address == address(HER)))
        assert mine and erase(conn, mine, "seller", town.clock.now, secret_key="s", publish=False)
    assert page.get(place).status_code == 404


def test_on_a_shared_phone_it_is_hers_who_speaks(town: Town) -> None:
    """Nothing of her sister, not even words that wait until it is known whose they are."""
    sisters.known(town)
    town.say(sisters.PHONE, "मैं भेलवापदर में रहती हूँ")
    place = asks(town, sisters.PHONE)
    town.wait(minutes=31)
    town.say(sisters.PHONE, "पीतल का हाथी बेचना है")
    whole = browser(town).get(f"{place}?file").text
    assert sisters.A["seller_name"] in browser(town).get(place).text
    assert sisters.B["village"] not in browser(town).get(place).text and "हाथी" not in whole


@pytest.mark.parametrize("channel", ["sms", "call"])
def test_where_no_page_opens_a_rep_brings_it(town: Town, channel: Any) -> None:
    number = address(HER).removeprefix("whatsapp:")
    for place, text in enumerate(("नमस्ते", "हिंदी", WORD)):
        came = Inbound(channel, number, f"SM{place}", "text", town.clock.now, text)
        events = receive(town.db, town.shop.talk, came, town.clock.now).events
    with reading(town.db) as conn:
        kinds = list(conn.scalars(select(RepTask.kind)))
        key = conn.scalar(select(Seller.key))
    assert kinds == ["own_copy"] and own_copy.PATH not in str(events) and str(key) not in str(events)


def test_in_practice_the_wish_is_real(town: Town) -> None:
    """To have what is held of her is no play."""
    assert own_copy.FLOW in practising.REAL


def test_a_rep_who_reads_the_talk_has_no_address(db: Engine, clock: Clock, tmp_path: Path) -> None:
    """It shows her whole number, which a rep sees only after a tap that is written down."""
    desk = console(db, clock, tmp_path)
    desk.rep(1)
    key = desk.person(11, {"district": BASTAR})
    place = own_copy.link(desk.settings, key)
    with writing(db) as conn:
        mine = conn.scalar(select(Seller.id).where(Seller.key == key)) or 0
        outgoing(conn, mine, f"यहाँ खुलेगा: {place}", created_at=clock())
    shown = desk.enter(1).get(f"/console/talk/{key}").text
    assert "यहाँ खुलेगा" in shown and place.rpartition("/")[2] not in shown

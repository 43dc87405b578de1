"""A draft left alone for half a year: one last word by day, seven days, then it and its photos are gone."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update

from bot import jobs
from bot.hours import INDIA
from bot.tasks import old_drafts
from models import Media, Message
from models.database import reading, writing
from tests.conftest import Clock
from tests.open_rooms import attachment
from tests.town import SELLER, TALK, Town

PRICE = ("1500", "₹", "Rs", "पंद्रह")


@pytest.fixture
def town(tmp_path: Path, db: Engine, clock: Clock) -> Town:
    return Town(tmp_path, db, clock)


def draft(town: Town) -> int:
    """A draft with its price, and a photo that is kept; her id."""
    for text in TALK[:5]:
        received = town.say(SELLER, text)
        town.wait(minutes=1)
    assert received.seller_id
    with writing(town.db) as conn:
        kept: Any = {"sha256": town.shop.store.put(b"a photo"), "status": "ready"}
        attachment(conn, received.seller_id, "https://x.example/1", created_at=town.clock.now, **kept)
    return received.seller_id


def look(town: Town) -> None:
    """The house's daily look, and what follows from it."""
    with writing(town.db) as conn:
        jobs.put(conn, "old_drafts", {}, now=town.clock.now)
    [job] = jobs.claim(town.db, town.clock.now, kinds=["old_drafts"])
    old_drafts.run(town.shop, job)
    town.wait(minutes=1)


def words(town: Town) -> int:
    return town.said(SELLER).count("utter_nudge_last")


def photos(town: Town) -> int:
    with reading(town.db) as conn:
        return conn.scalar(select(func.count()).select_from(Media)) or 0


def test_one_word_a_week_and_then_it_is_gone(town: Town) -> None:
    """Not a day before; the word names no price; her name and consent stay, the piece and its photo go."""
    draft(town)
    town.wait(days=179)
    look(town)
    assert words(town) == 0
    town.wait(days=2)
    look(town)
    look(town)
    assert words(town) == 1
    [word] = [row for row in town.rows(SELLER, "out") if row.body["utter"] == "utter_nudge_last"]
    assert not any(mark in word.body["text"] for mark in PRICE)
    assert word.body["class"] == "reminder"
    town.wait(days=6)
    look(town)
    assert town.state(SELLER)["slots"]["product_name"]
    town.wait(days=2)
    look(town)
    state = town.state(SELLER)
    assert state["stack"] == []
    assert state["slots"]["consent"] is True
    assert not {"product_name", "price", "stock", "photos"} & state["slots"].keys()
    assert photos(town) == 0
    assert not town.shop.store.exists(hashlib.sha256(b"a photo").hexdigest())
    assert words(town) == 1
    town.say(SELLER, "बेचना है")
    assert town.state(SELLER)["stack"][0]["flow"] == "list_product"
    assert town.state(SELLER)["slots"].get("product_name") is None


@pytest.mark.parametrize("status", ["failed", "undelivered", "cancelled", "dead"])
def test_a_word_that_reached_nobody_ends_nothing(town: Town, status: str) -> None:
    """She was to hear of it first: by no way she has, so her draft and its photos stay."""
    draft(town)
    town.wait(days=181)
    look(town)
    with writing(town.db) as conn:
        last_word = Message.body["utter"].as_string() == "utter_nudge_last"
        assert conn.execute(update(Message).where(last_word).values(status=status)).rowcount == 1
    town.wait(days=9)
    look(town)
    assert town.state(SELLER)["slots"]["product_name"]
    assert photos(town) == 1


def test_by_night_nothing_is_said(town: Town) -> None:
    """The word waits for the day."""
    draft(town)
    town.wait(days=181)
    night = town.clock.now.astimezone(INDIA).replace(hour=23)
    town.clock.now = night
    look(town)
    assert words(town) == 0


def test_her_word_keeps_the_draft(town: Town) -> None:
    """She answers within the week: it is as if she had never been away."""
    draft(town)
    town.wait(days=181)
    look(town)
    assert words(town) == 1
    town.say(SELLER, "आगे बढ़ें")
    town.wait(days=30)
    look(town)
    assert town.state(SELLER)["slots"]["product_name"]
    assert photos(town) == 1


def test_after_a_stop_no_last_word(town: Town) -> None:
    """Not even this one."""
    draft(town)
    town.say(SELLER, "बंद करो")
    town.wait(days=181)
    look(town)
    assert words(town) == 0


def test_a_listing_keeps_its_photos(town: Town) -> None:
    """Without a draft nothing is old."""
    draft(town)
    for text in TALK[5:]:
        town.say(SELLER, text)
        town.wait(minutes=1)
    town.wait(days=200)
    look(town)
    assert words(town) == 0

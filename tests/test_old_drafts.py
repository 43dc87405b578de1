"""A draft left alone for 180 days: one last word by day and without a price, and a week later it is gone."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update

from bot import jobs, nudges
from bot.hours import may_write
from models import Conversation, Listing, Media, RepTask
from models.database import reading, writing
from tests.conftest import Clock
from tests.town import FLOODER, SELLER, TALK, Town

DRAFT = ("नमस्ते", "हिंदी", "हाँ, राज़ी", "पता नहीं", "पीतल का हाथी, आठ इंच, पंद्रह सौ रुपया, पाँच नग")


def with_a_draft(tmp_path: Path, db: Engine, clock: Clock) -> Town:
    """A seller who fell silent over her read-back, with a photo of the piece in the store."""
    town = Town(tmp_path, db, clock)
    for text in DRAFT:
        received = town.say(FLOODER, text)
        town.wait(seconds=20)
    assert town.state(FLOODER)["slots"]["product_name"]
    photo = {"seller_id": received.seller_id, "message_id": received.message_id, "position": 0}
    photo |= {"kind": "photo", "status": "ready", "sha256": town.shop.store.put(b"photo")}
    with writing(db) as conn:
        conn.execute(insert(Media), photo | {"created_at": clock.now, "delivered_at": clock.now})
    return town


def days(town: Town, count: int) -> None:
    """The daily round of as many days, at ten o'clock in India."""
    for _ in range(count):
        town.wait(days=1)
        town.clock.now = town.clock.now.replace(hour=4, minute=30)
        with writing(town.db) as conn:
            jobs.put(conn, "old_drafts", {}, now=town.clock.now, unique_key="old_drafts:test")
        town.wait(minutes=1)


def last_words(town: Town) -> list[Any]:
    return [row for row in town.rows(FLOODER, "out") if row.body["utter"] == "utter_last_word"]


def media(db: Engine) -> int:
    with reading(db) as conn:
        return len(conn.execute(select(Media.id)).all())


def test_one_last_word_then_it_goes_and_she_begins_afresh(tmp_path: Path, db: Engine, clock: Clock) -> None:
    town = with_a_draft(tmp_path, db, clock)
    days(town, 179)
    assert last_words(town) == [] and town.state(FLOODER)["slots"]["price"]
    days(town, 7)
    (word,) = last_words(town)
    assert may_write(word.created_at) and word.body["class"] == "reminder"
    assert not nudges.names_money([{"event": "bot", "text": word.body["text"], "buttons": []}])
    assert town.state(FLOODER)["slots"]["price"] and media(db) == 1
    days(town, 3)
    slots = town.state(FLOODER)["slots"]
    assert not {"price", "product_name", "photos", "listing_number"} & slots.keys()
    assert slots["language"] == "hi" and slots["consent"]
    assert media(db) == 0 and not town.shop.store.exists(sha256(b"photo").hexdigest())
    assert len(last_words(town)) == 1
    with reading(db) as conn:
        open_tasks = select(RepTask.id).where(RepTask.kind == "silent", RepTask.done_at.is_(None))
        assert conn.execute(open_tasks).all() == []
    town.say(FLOODER, "बेचना है")
    town.wait(minutes=1)
    state = town.state(FLOODER)
    assert state["asks"] == "photos" and "product_name" not in state["slots"]


def test_a_word_of_hers_saves_it(tmp_path: Path, db: Engine, clock: Clock) -> None:
    town = with_a_draft(tmp_path, db, clock)
    days(town, 183)
    assert len(last_words(town)) == 1
    town.say(FLOODER, "आगे बढ़ें")
    days(town, 30)
    assert town.state(FLOODER)["slots"]["price"] and media(db) == 1
    assert len(last_words(town)) == 1


def test_after_a_stop_it_goes_in_silence(tmp_path: Path, db: Engine, clock: Clock) -> None:
    town = with_a_draft(tmp_path, db, clock)
    town.say(FLOODER, "STOP")
    town.wait(minutes=1)
    said = len(town.said(FLOODER))
    days(town, 186)
    assert town.state(FLOODER)["slots"]["price"]
    days(town, 3)
    assert "price" not in town.state(FLOODER)["slots"] and media(db) == 0
    assert len(town.said(FLOODER)) == said


def test_what_a_listing_names_stays(tmp_path: Path, db: Engine, clock: Clock) -> None:
    """She has listed one piece with that photo, and left another half told."""
    town = Town(tmp_path, db, clock)
    for text in TALK:
        received = town.say(FLOODER, text)
        town.wait(seconds=20)
    name = town.shop.store.put(b"photo")
    photo = {"seller_id": received.seller_id, "message_id": received.message_id, "position": 0}
    with writing(db) as conn:
        conn.execute(
            insert(Media),
            photo | {"kind": "photo", "status": "ready", "sha256": name, "created_at": clock.now},
        )
        message = conn.scalar(select(Listing.message))
        conn.execute(update(Listing).values(message={**message, "photos": [{"sha256": name}]}))
    town.say(FLOODER, "नया सामान")
    town.say(FLOODER, "बाद में")
    town.say(FLOODER, "बाँस की टोकरी")
    town.wait(minutes=1)
    assert town.state(FLOODER)["stack"]
    days(town, 192)
    assert not town.state(FLOODER)["stack"]
    assert media(db) == 1 and town.shop.store.exists(name)


@pytest.mark.parametrize("hour", [0, 15, 20])
def test_at_night_nothing_is_said(hour: int, tmp_path: Path, db: Engine, clock: Clock) -> None:
    """A round that comes late, by a clock in UTC, waits for the next day."""
    town = with_a_draft(tmp_path, db, clock)
    town.wait(days=181)
    town.clock.now = town.clock.now.replace(hour=hour)
    with writing(db) as conn:
        jobs.put(conn, "old_drafts", {}, now=town.clock.now)
    town.worker.drain()
    assert last_words(town) == []


def test_who_has_finished_hears_nothing(tmp_path: Path, db: Engine, clock: Clock) -> None:
    town = Town(tmp_path, db, clock)
    for text in TALK:
        town.say(SELLER, text)
        town.wait(seconds=20)
    said = len(town.said(SELLER))
    with reading(db) as conn:
        before = conn.scalar(select(Conversation.revision))
    days(town, 190)
    with reading(db) as conn:
        assert conn.scalar(select(Conversation.revision)) == before
    assert len(town.said(SELLER)) == said

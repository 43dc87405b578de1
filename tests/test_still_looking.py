"""Photos that take long: after 15 seconds she hears that we still look, once, and never without need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, select

from bot.messages import Inbound, Media
from bot.receive import receive
from bot.tasks.workshop import Workshop
from bot.turn_rows import LOOKING
from bot.worker import Worker
from models import Message
from models.database import reading
from tests.fake_twilio import FakeTwilio
from tests.open_rooms import HER, job_kinds, loaded_talk, settings_for, workshop

BOWL = (Path(__file__).parent / "images" / "bowl.jpg").read_bytes()
TO_PHOTOS = ("नमस्ते", "हिंदी", "हाँ, राज़ी हूँ")


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as fake:
        yield fake


@pytest.fixture
def shop(tmp_path: Path, twilio: FakeTwilio, db: Engine) -> Workshop:
    return workshop(settings_for(tmp_path, twilio, voice="none"), db, loaded_talk())


def arrive(shop: Workshop, text: str = "", url: str = "") -> datetime:
    """One message of hers; a photo if it has an address."""
    now = datetime.now(UTC)
    media = (Media("photo", url, "image/jpeg"),) if url else ()
    kind = "photo" if url else "text"
    message = Inbound("whatsapp", HER, uuid4().hex, kind, now, text=text, media=media)  # type: ignore[arg-type]
    receive(shop.db, shop.talk, message, now)
    return now


def work(shop: Workshop, moment: datetime) -> None:
    Worker(replace(shop, clock=lambda: moment)).drain()


def told(shop: Workshop) -> list[str]:
    """What she was told, by the names of the responses."""
    with reading(shop.db) as conn:
        rows = conn.execute(select(Message.kind, Message.body).where(Message.direction == "out"))
        return [row.body["utter"] for row in rows.all() if row.kind == "text"]


def test_she_hears_that_we_are_still_looking(shop: Workshop, twilio: FakeTwilio) -> None:
    """The provider has no bytes yet: at 15 s she is told so, and not again however long it takes."""
    for text in TO_PHOTOS:
        arrive(shop, text)
    sent = arrive(shop, url=twilio.attach("MM1", "image/jpeg", BOWL))
    twilio.media_status = 503
    work(shop, sent + LOOKING - timedelta(seconds=1))
    assert "utter_photos_still_looking" not in told(shop)
    work(shop, sent + LOOKING + timedelta(seconds=1))
    work(shop, sent + LOOKING + timedelta(seconds=60))
    assert told(shop).count("utter_photos_still_looking") == 1
    twilio.media_status = 0
    work(shop, sent + timedelta(minutes=9))
    assert told(shop)[-1] == "utter_ask_photos_done"


def test_a_photo_judged_in_time_says_nothing_more(shop: Workshop, twilio: FakeTwilio) -> None:
    """Once it is answered the watch is taken back: no job waits for it."""
    for text in TO_PHOTOS:
        arrive(shop, text)
    sent = arrive(shop, url=twilio.attach("MM1", "image/jpeg", BOWL))
    work(shop, sent + timedelta(seconds=2))
    assert "still_looking" not in job_kinds(shop.db)
    work(shop, sent + LOOKING + timedelta(seconds=60))
    assert "utter_photos_still_looking" not in told(shop)

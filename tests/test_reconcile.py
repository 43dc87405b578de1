"""What the provider took while we were away is found and answered, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from bot import jobs
from bot.tasks import reconcile
from bot.tasks.workshop import Workshop
from bot.worker import Worker
from models import Media, Message
from models.database import reading, writing
from tests.fake_twilio import FakeTwilio
from tests.open_rooms import HER, job_kinds, loaded_talk, settings_for, workshop


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as fake:
        yield fake


@pytest.fixture
def shop(tmp_path: Path, twilio: FakeTwilio, db: Engine) -> Workshop:
    return workshop(settings_for(tmp_path, twilio), db, loaded_talk())


def look(shop: Workshop) -> None:
    """One round."""
    with writing(shop.db) as conn:
        jobs.put(conn, "reconcile", {}, now=datetime.now(UTC))
    assert Worker(shop).run_once()


def heard(shop: Workshop) -> list[str]:
    """What people said, in the order we took it."""
    with reading(shop.db) as conn:
        query = select(Message.body).where(Message.direction == "in").order_by(Message.id)
        return [body.get("text", "") for body in conn.scalars(query)]


def test_a_missed_message_is_answered(shop: Workshop, twilio: FakeTwilio) -> None:
    """It goes through the same door and gets its reply; a second round changes nothing."""
    twilio.say("नमस्ते", sender=HER)
    look(shop)
    replies = job_kinds(shop.db)
    assert heard(shop) == ["नमस्ते"] and "send_message" in replies
    with writing(shop.db) as conn:
        conn.exec_driver_sql("DELETE FROM job")
    look(shop)
    assert heard(shop) == ["नमस्ते"] and job_kinds(shop.db) == []


def test_a_missed_photo_comes_with_its_address(shop: Workshop, twilio: FakeTwilio) -> None:
    """The list names only how many attachments there are; they are asked for."""
    sid = twilio.say("", sender=HER, media=1)
    url = twilio.attach(sid, "image/jpeg", b"\xff\xd8\xff")
    look(shop)
    with reading(shop.db) as conn:
        row = conn.execute(select(Media.__table__)).one()
    assert (row.kind, row.url, row.content_type) == ("photo", url, "image/jpeg")


def test_what_we_know_is_not_asked_for(shop: Workshop, twilio: FakeTwilio) -> None:
    """Attachments of known messages are not listed again: a busy day would cost a thousand calls."""
    sid = twilio.say("", sender=HER, media=1)
    twilio.attach(sid, "image/jpeg", b"\xff\xd8\xff")
    look(shop)
    look(shop)
    assert sum("/Media.json" in path for _, path, _ in twilio.calls) == 1


def test_oldest_first_page_by_page(
    shop: Workshop, twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All pages of the day, in the order people wrote; older ones and our own messages are left."""
    taken: list[Any] = []
    monkeypatch.setattr(reconcile, "receive", lambda _db, _talk, inbound, _now: taken.append(inbound))
    now = datetime.now(UTC)
    twilio.say("परसों", sender=HER, when=now - timedelta(hours=30))
    twilio.take({"To": HER, "From": HER, "Body": "हमारा"})
    for number in range(450):
        twilio.say(str(number), sender=HER, when=now - timedelta(minutes=500 - number))
    look(shop)
    assert [inbound.text for inbound in taken] == [str(number) for number in range(450)]
    assert abs(taken[0].received_at - (now - timedelta(minutes=500))) < timedelta(seconds=2)


def test_one_bad_message_keeps_nobody_out(
    shop: Workshop, twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message that cannot be taken is counted; the next ones come in."""
    taken: list[str] = []

    def take(_db: object, _talk: object, inbound: Any, _now: object) -> None:
        if inbound.text == "poison":
            raise RuntimeError("no")
        taken.append(inbound.text)

    monkeypatch.setattr(reconcile, "receive", take)
    for text in ("एक", "poison", "दो"):
        twilio.say(text, sender=HER)
    look(shop)
    assert taken == ["एक", "दो"] and job_kinds(shop.db) == []


def test_a_provider_that_is_away(tmp_path: Path) -> None:
    """The round is tried again later."""
    shop = workshop(settings_for(tmp_path, twilio_base_url="http://127.0.0.1:9"), talk=loaded_talk())
    look(shop)
    with reading(shop.db) as conn:
        error, status = conn.exec_driver_sql("SELECT error, status FROM job").one()
    assert (error, status) == ("connection", "ready")

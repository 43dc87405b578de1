"""The outbox: each message once, in order per person, whatever the provider does."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, update

from bot import jobs
from bot.channels import twilio_api
from bot.media.links import sha256_of
from bot.tasks.pictures import CARDS
from bot.tasks.workshop import Workshop
from bot.worker import Worker
from models import Address, ContentTemplate, Message, Seller
from models.database import writing
from tests.fake_twilio import FakeTwilio, Trouble
from tests.open_rooms import (
    HER,
    job_kinds,
    loaded_talk,
    message_row,
    outgoing,
    seller,
    settings_for,
    workshop,
    writes,
)

YES_NO = [{"title": "हाँ", "payload": "yes"}, {"title": "नहीं", "payload": "no"}]


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as fake:
        yield fake


@pytest.fixture
def shop(tmp_path: Path, twilio: FakeTwilio, db: Engine) -> Workshop:
    return workshop(settings_for(tmp_path, twilio), db, loaded_talk())


def queue(shop: Workshop, text: str = "नमस्ते", seller_id: int | None = None, **values: object) -> int:
    """One message in the outbox with its job, as receive writes them."""
    with writing(shop.db) as conn:
        if seller_id is None:
            seller_id = seller(conn)
            writes(conn, seller_id)
        message_id = outgoing(conn, seller_id, text, **values)
        jobs.put(
            conn,
            "send_message",
            {"message_id": message_id},
            now=datetime.now(UTC),
            key=f"seller:{seller_id}",
        )
    return message_id


def work(shop: Workshop, later_s: float = 0) -> None:
    """Run everything that is due by then."""
    moment = datetime.now(UTC) + timedelta(seconds=later_s)
    Worker(replace(shop, clock=lambda: moment)).drain()


def test_a_message_is_sent_once(shop: Workshop, twilio: FakeTwilio) -> None:
    """It goes to her from our number, its fate is to be told to us, and the provider's id is kept."""
    message_id = queue(shop)
    work(shop)
    work(shop, 60)
    [form] = twilio.forms
    assert form == {
        "To": HER,
        "From": "whatsapp:+14155550100",
        "Body": "नमस्ते",
        "StatusCallback": "https://sangwari.example/webhooks/twilio/status",
    }
    row = message_row(shop.db, message_id)
    assert (row.status, row.provider_id, row.error) == ("sent", twilio.messages[0]["sid"], None)
    assert row.sent_at is not None and job_kinds(shop.db) == []


def test_messages_of_one_person_keep_their_order(shop: Workshop, twilio: FakeTwilio) -> None:
    """While the first waits to be tried again the second waits too."""
    first = queue(shop, "एक")
    queue(shop, "दो", seller_id=message_row(shop.db, first).seller_id)
    twilio.trouble.append(Trouble(429, 20429))
    work(shop)
    assert twilio.messages == [] and message_row(shop.db, first).status == "queued"
    work(shop, 5)
    work(shop, 10)
    assert [message["body"] for message in twilio.messages] == ["एक", "दो"]


@pytest.mark.parametrize("trouble", [Trouble(503, 0), Trouble(429, 63018), Trouble(401, 20003)])
def test_what_may_pass_is_tried_again(shop: Workshop, twilio: FakeTwilio, trouble: Trouble) -> None:
    """A broken or busy provider, or wrong credentials, cost time but no message."""
    message_id = queue(shop)
    twilio.trouble.append(trouble)
    work(shop)
    assert twilio.messages == []
    work(shop, 5)
    assert len(twilio.messages) == 1 and message_row(shop.db, message_id).status == "sent"


@pytest.mark.parametrize("trouble", [Trouble(drop=True, after=True), Trouble(500, after=True)])
def test_taken_but_never_heard_of(shop: Workshop, twilio: FakeTwilio, trouble: Trouble) -> None:
    """The provider took it, the answer was lost: it is looked up and not sent again."""
    message_id = queue(shop)
    twilio.trouble.append(trouble)
    work(shop)
    assert message_row(shop.db, message_id).status == "sending"
    work(shop, 5)
    assert len(twilio.messages) == 1
    assert message_row(shop.db, message_id).provider_id == twilio.messages[0]["sid"]


def test_no_answer_in_time(shop: Workshop, twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider that takes too long is not waited for; what it took all the same is found later."""
    monkeypatch.setattr(twilio_api, "TIMEOUT_S", (0.2, 0.2))
    message_id = queue(shop)
    twilio.trouble.append(Trouble(delay_s=0.4))
    work(shop)
    assert message_row(shop.db, message_id).error == "timeout"
    monkeypatch.undo()
    for _ in range(100):
        if twilio.messages:
            break
        time.sleep(0.02)
    work(shop, 5)
    assert len(twilio.messages) == 1 and message_row(shop.db, message_id).status == "sent"


def test_a_worker_that_died_before_the_call(shop: Workshop, twilio: FakeTwilio) -> None:
    """Found `sending` and unknown to the provider, it is sent."""
    queue(shop, status="sending")
    work(shop)
    assert len(twilio.messages) == 1


def test_the_same_words_sent_before_are_another_message(shop: Workshop, twilio: FakeTwilio) -> None:
    """A lookup takes only what belongs to no other message of ours."""
    first = queue(shop, "दाम?")
    work(shop)
    queue(shop, "दाम?", seller_id=message_row(shop.db, first).seller_id, status="sending")
    work(shop)
    assert len(twilio.messages) == 2


def test_refused_for_good(shop: Workshop, twilio: FakeTwilio) -> None:
    """Outside the 24-hour window and the like: the code is kept, and the same call is not tried again."""
    message_id = queue(shop)
    twilio.trouble.append(Trouble(400, 63016))
    work(shop)
    row = message_row(shop.db, message_id)
    assert (row.status, row.error) == ("failed", "63016") and job_kinds(shop.db) == []


def test_given_up_and_tried_again_by_hand(shop: Workshop, twilio: FakeTwilio) -> None:
    """After all attempts it is dead and listed; a person can send it on its way again."""
    message_id = queue(shop)
    twilio.trouble.extend([Trouble(503)] * jobs.MAX_ATTEMPTS)
    for attempt in range(jobs.MAX_ATTEMPTS):
        work(shop, 700 * attempt)
    assert message_row(shop.db, message_id).status == "dead"
    [dead] = jobs.dead(shop.db)
    jobs.retry(shop.db, [dead.id])
    work(shop, 7000)
    assert message_row(shop.db, message_id).status == "sent" and len(twilio.messages) == 1


@pytest.mark.parametrize("table", [Seller, Address])
def test_nothing_after_a_stop(
    shop: Workshop, twilio: FakeTwilio, table: type[Seller] | type[Address]
) -> None:
    """She said stop, on this number or at all: only the one confirmation goes."""
    message_id = queue(shop)
    seller_id = message_row(shop.db, message_id).seller_id
    confirmation = queue(shop, "अब हम नहीं लिखेंगे", seller_id=seller_id, body={"after_stop": True})
    with writing(shop.db) as conn:
        conn.execute(update(table).values(stopped_at=datetime.now(UTC)))
    work(shop)
    work(shop, 5)
    assert message_row(shop.db, message_id).status == "cancelled"
    assert message_row(shop.db, confirmation).status == "sent"
    assert [form["Body"] for form in twilio.forms] == ["अब हम नहीं लिखेंगे"]


def test_buttons_as_numbered_text(shop: Workshop, twilio: FakeTwilio) -> None:
    """Without a stored message the choices stand below the question with their numbers."""
    queue(shop, "सही है?", body={"buttons": YES_NO})
    work(shop)
    assert twilio.forms[0]["Body"] == "सही है?\n1 हाँ  2 नहीं"


def test_buttons_as_a_stored_message(shop: Workshop, twilio: FakeTwilio) -> None:
    """A response that was pushed goes with real buttons, and its text finds it again."""
    sid = "HX" + "a" * 32
    with writing(shop.db) as conn:
        conn.execute(
            insert(ContentTemplate).values(
                response="utter_hello", language="hi", channel="whatsapp", content_sid=sid
            )
        )
    message_id = queue(shop, "सही है?", body={"buttons": YES_NO})
    twilio.trouble.append(Trouble(drop=True, after=True))
    work(shop)
    work(shop, 5)
    [form] = twilio.forms
    assert form["ContentSid"] == sid and "Body" not in form
    filled = {"1": "सही है?", "2": "हाँ", "3": "yes", "4": "नहीं", "5": "no"}
    assert json.loads(form["ContentVariables"]) == filled
    assert message_row(shop.db, message_id).status == "sent"


def test_sound_goes_as_media(shop: Workshop, twilio: FakeTwilio) -> None:
    """What is to be heard is named by a signed address of its bytes."""
    queue(shop, "", body={"audio": "a" * 64})
    work(shop)
    token = twilio.forms[0]["MediaUrl"].removeprefix("https://sangwari.example/media/")
    assert sha256_of(shop.settings, token) == "a" * 64


def test_a_picture_goes_with_its_words(shop: Workshop, twilio: FakeTwilio) -> None:
    """A card of ours is named by its public address; one that was never drawn is left out."""
    first = queue(shop, "फोटो भेजिए", body={"image": "photo_card"})
    queue(shop, "और", seller_id=message_row(shop.db, first).seller_id, body={"image": "no_such_card"})
    work(shop)
    work(shop, 5)
    cards = [form.get("MediaUrl") for form in twilio.forms]
    assert cards == ["https://sangwari.example/static/cards/photo_card.jpg", None]


def test_every_card_is_drawn() -> None:
    """A response that shows a picture has it."""
    named = {
        line.split(":")[1].strip(' "')
        for path in (CARDS.parents[3] / "locales").glob("*/responses.yml")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip().startswith("image:")
    }
    assert named == {path.stem for path in CARDS.iterdir()}


def test_an_erased_message_is_no_work(shop: Workshop, twilio: FakeTwilio) -> None:
    """A job whose message is gone ends quietly."""
    message_id = queue(shop)
    with writing(shop.db) as conn:
        conn.execute(Message.__table__.delete().where(Message.id == message_id))
    work(shop)
    assert twilio.forms == [] and job_kinds(shop.db) == []

"""Who says no to the notice is forgotten: what remains is that she said no, and the ids of her messages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, func, select

from bot import jobs
from bot.messages import Inbound, InboundKind
from bot.messages import Media as Attachment
from bot.receive import Received, receive
from bot.standing import standing
from bot.tasks.workshop import Workshop
from bot.worker import Worker
from models import Address, Base, Consent, JobRow, Message, Rendition, Seller
from models.database import reading
from tests.conftest import Clock
from tests.fake_twilio import FakeTwilio, Trouble
from tests.open_rooms import HER, loaded_talk, settings_for, workshop

HER_WORDS = ("नमस्ते जी मैं सुकमती", "यह मेरा पीतल का हाथी", "हिंदी", "नहीं")
PHOTO = Path(__file__).parent / "images" / "bowl.jpg"


class Visitor:
    """She writes, and the worker does what follows."""

    def __init__(self, shop: Workshop, clock: Clock, twilio: FakeTwilio) -> None:
        self.shop, self.clock, self.twilio = shop, clock, twilio
        self.sids: list[str] = []

    def say(self, text: str, photo: bool = False, sid: str | None = None) -> Received:
        sid = sid or "SM" + uuid4().hex
        self.sids.append(sid)
        kind: InboundKind = "photo" if photo else "text"
        media: tuple[Attachment, ...] = ()
        if photo:
            url = self.twilio.attach(sid, "image/jpeg", PHOTO.read_bytes())
            media = (Attachment("photo", url, "image/jpeg"),)
        inbound = Inbound("whatsapp", HER, sid, kind, self.clock(), text, media=media)
        return receive(self.shop.db, self.shop.talk, inbound, self.clock())

    def work(self, seconds: float = 0) -> None:
        Worker(self.shop).drain(self.clock.advance(seconds))

    def asks(self) -> Any:
        with reading(self.shop.db) as conn:
            return standing(conn, "whatsapp", HER)["asks"]

    def refuse(self) -> None:
        """A greeting, a photo with words before she was asked, and a no."""
        self.say(HER_WORDS[0])
        self.work(1)
        self.say(HER_WORDS[1], photo=True)
        self.work(30)
        self.say(HER_WORDS[2])
        self.work(30)
        assert self.asks() == "consent"
        self.say(HER_WORDS[3])


@pytest.fixture
def her(tmp_path: Path, db: Engine, clock: Clock) -> Any:
    with FakeTwilio() as twilio:
        shop = workshop(settings_for(tmp_path, twilio), db, loaded_talk())
        yield Visitor(replace(shop, clock=clock), clock, twilio)


def everything(db: Engine) -> str:
    """All rows of all tables as one text."""
    with reading(db) as conn:
        return "\n".join(
            f"{name}: {row}"
            for name, table in Base.metadata.tables.items()
            for row in conn.execute(select(table))
        )


def assert_forgotten(her: Visitor) -> None:
    kept = everything(her.shop.db)
    texts = {form["Body"] for form in her.twilio.forms if "Body" in form}
    for secret in (HER, HER[-10:], her.twilio.url, *HER_WORDS, *(text[:20] for text in texts)):
        assert secret not in kept
    with reading(her.shop.db) as conn:
        for empty in (Address, JobRow):
            assert conn.scalar(select(func.count()).select_from(empty)) == 0
        told = conn.execute(select(Message.__table__).where(Message.direction == "in")).all()
        assert [row.provider_id for row in told] == her.sids
        assert {(row.address, str(row.body), row.events) for row in told} == {("", "{}", None)}
        [refusal] = conn.execute(select(Consent.__table__)).all()
        assert (refusal.given, refusal.message_id) == (False, her.sids[-1])
        # Our greeting and notice as they are said aloud: no stranger's words, and the next one's too.
        ours = set(conn.scalars(select(Rendition.sha256).where(Rendition.kind == "prompt")))
    assert her.twilio.media == {}
    media = Path(her.shop.settings.media_url.removeprefix("file://"))
    assert {file.name for file in media.rglob("*") if file.is_file()} <= ours


def test_only_ids_and_the_refusal_remain(her: Visitor) -> None:
    """No number, no word of hers or to her, no event, no photo, neither here nor at the provider."""
    her.refuse()
    her.work()
    her.work(6)
    assert "सुकमती" not in everything(her.shop.db)
    assert her.twilio.forms[-1]["To"] == HER
    assert_forgotten(her)


def test_her_words_go_in_the_same_moment_as_she_refuses(her: Visitor) -> None:
    """Also before any worker ran: only the answer still on its way holds her number."""
    her.refuse()
    kept = everything(her.shop.db)
    assert not any(word in kept for word in ("सुकमती", "हाथी"))


def written(her: Visitor) -> int:
    """How many bubbles with words the carrier took."""
    return sum("Body" in form for form in her.twilio.forms)


def test_she_is_answered_before_she_is_forgotten(her: Visitor) -> None:
    """A carrier that is down for long: the forgetting waits for the answer, and does not give up itself."""
    her.refuse()
    sent = written(her)
    her.twilio.trouble.extend([Trouble(503)] * (jobs.MAX_ATTEMPTS - 1))
    for _ in range(200):
        her.work(5)
    assert written(her) == sent + 1
    assert_forgotten(her)


def test_an_answer_that_nobody_takes_is_forgotten_too(her: Visitor) -> None:
    """Once the send is given up there is nothing to wait for; its job with the dead holds no number."""
    her.refuse()
    her.twilio.trouble.extend([Trouble(503)] * jobs.MAX_ATTEMPTS)
    for _ in range(200):
        her.work(5)
    kept = everything(her.shop.db)
    assert HER[-10:] not in kept
    assert [job.kind for job in jobs.dead(her.shop.db)] == ["send_message"]


def test_who_comes_back_starts_anew(her: Visitor) -> None:
    """A later hello meets a stranger: greeted, asked for language and consent, and kept after a yes."""
    her.refuse()
    her.work()
    her.work(6)
    her.say("नमस्ते")
    assert her.asks() == "language"
    her.say("हिंदी")
    assert her.asks() == "consent"
    her.say("हाँ, राज़ी")
    her.work(6)
    her.work(60)
    assert her.asks() == "photos"
    with reading(her.shop.db) as conn:
        assert list(conn.scalars(select(Consent.given).order_by(Consent.id))) == [False, True]


def test_who_changes_her_mind_at_once_is_kept(her: Visitor) -> None:
    """She writes again before the forgetting ran: it must not take her new talk."""
    her.refuse()
    her.say("नमस्ते")
    her.work()
    her.work(6)
    assert her.asks() is not None
    assert HER in everything(her.shop.db)


def test_a_late_copy_of_an_old_message_brings_nothing_back(her: Visitor) -> None:
    """The provider calls again with a message of before: known by its id, her number is not stored again."""
    her.refuse()
    her.work()
    her.work(6)
    assert her.say(HER_WORDS[0], sid=her.sids[0]).repeat
    her.sids.pop()
    assert_forgotten(her)
    with reading(her.shop.db) as conn:
        assert conn.scalar(select(func.count(Seller.id))) == 1

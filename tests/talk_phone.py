"""One seller's telephone in tests: what she does, what the desk and time do, and what was kept of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image, ImageEnhance
from sqlalchemy import Connection, func, insert, select, update

import bot.visit
from bot import jobs, seller_card
from bot.chat import Chat, Clock
from bot.engine.turn import new_state
from bot.messages import Inbound, InboundKind, Json, Media
from bot.receive import Received, receive
from bot.worker import Worker
from models import (
    Address,
    Consent,
    Conversation,
    Listing,
    Message,
    RepTask,
    Seller,
    SellerCard,
    SellerWord,
)
from models.database import reading, writing

FILES = Path(__file__).parent
START = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
DEEDS = (
    *("user", "photo", "voice", "transcript", "button", "location", "sticker", "wait", "duplicate"),
    *("code_change", "fault", "looking", "tomorrow", "rep", "old_drafts"),
)


class StandingClock(Clock):
    """Moves by a second at each look and by every `wait`, so that a talk runs the same at any hour."""

    def __call__(self) -> datetime:
        self.ahead += timedelta(seconds=1)
        return START + self.ahead


class Phone(Chat):
    """One seller's talk that remembers what was sent and said. Many share the house of `beside`.

    `slots`: what is known of a seller who has been here before.
    """

    def __init__(
        self,
        beside: Chat,
        channel: str = "whatsapp",
        slots: Json | None = None,
        transcriber: str = "desk",
    ) -> None:
        super().__init__(beside.shop.settings, channel, beside=beside)
        self.clock = StandingClock()
        # The talk believes that a machine hears; what it hears is told by the file.
        settings = replace(self.shop.talk.settings, transcriber=transcriber)
        self.shop = replace(self.shop, clock=self.clock, talk=replace(self.shop.talk, settings=settings))
        self.worker = Worker(self.shop, "talk")
        self.unmatched: list[Json] = []
        self.deeds = 0
        self.most_bubbles = 0
        self.sent: list[Inbound] = []
        self.buttons: list[Json] = []
        self.answer: Json = {"replies": [], "listings": []}
        self.slots_set: Json = {}
        if slots:
            with writing(self.shop.db) as conn:
                self._preset(conn, slots)

    def _preset(self, conn: Connection, slots: Json) -> None:
        """A seller who has been here before, with these slots."""
        now, address = self.clock(), {"channel": self.channel, "address": self.address}
        seller = insert(Seller.__table__).values(key=uuid4().hex, language="hi", created_at=now)
        mine = {"seller_id": conn.execute(seller.returning(Seller.__table__.c.id)).scalar_one()}
        conn.execute(insert(Address.__table__).values(created_at=now, **address, **mine))
        talk = {
            "state": new_state() | {"slots": slots},
            "revision": 0,
            "updated_at": now,
            "last_inbound_at": now,
        }
        conn.execute(insert(Conversation.__table__).values(**talk, **mine))
        last4 = {"phone_last4": seller_card.last4(self.address)}
        seller_card.write(conn, mine["seller_id"], new_state(), talk["state"], last4)
        if slots.get("consent"):
            consent = {"version": slots["consent_version"], "given": True, "language": slots["language"]}
            at = {"channel": self.channel, "message_id": "before", "at": now}
            conn.execute(insert(Consent.__table__).values(**consent, **at, **mine))

    def do(self, deed: str, value: Any, step: Json) -> Json:
        """One thing that she, the desk or time does; the answer as `chat --jsonl` gives it."""
        before = self.last_message()
        self.deeds += deed not in ("wait", "duplicate", "code_change")
        if deed == "duplicate":
            self._again()
        elif deed == "code_change":
            self._change_flow(str(value))
        elif deed == "fault":
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(bot.visit, "hear", broken)
                self.answer = self.say({"text": value})
        elif deed in ("looking", "tomorrow"):
            self._post(self._message("media_ready", "", payload=deed))
        elif deed == "old_drafts":
            with writing(self.shop.db) as conn:
                jobs.put(conn, deed, {}, now=self.clock())
            self.answer = self.say({"wait": "1m"})
        elif deed == "rep":
            asked = self._photo(step.get("photo")) if value == "retake" else step.get("payload")
            self.rep(value, step.get("text", ""), asked)
        elif deed == "sticker":
            self._post(self._message("other", "", media=(Media("other", "", "image/webp"),)))
        else:
            self.answer = self.say(self._line(deed, value, step))
            self.buttons += [button for reply in self.answer["replies"] for button in reply["buttons"]]
        self._lists_are_true()
        turns = self.turns(before)
        self.slots_set = {e["name"]: e["value"] for turn in turns for e in turn if e["event"] == "slot"}
        said = [[event for event in turn if event["event"] == "bot"] for turn in turns]
        self.most_bubbles = max((sum(2 if e.get("speak") else 1 for e in turn) for turn in said), default=0)
        self.unmatched = list(self.answer["replies"])
        return self.answer

    def _lists_are_true(self) -> None:
        """What lists show and find her by is what her talk says."""
        query = (
            select(Conversation.state, Conversation.flow, Conversation.asks, Conversation.asks_since)
            .add_columns(SellerCard.__table__)
            .outerjoin(SellerCard, SellerCard.seller_id == Conversation.seller_id)
            .join(Address, Address.seller_id == Conversation.seller_id)
            .where(Address.channel == self.channel, Address.address == self.address)
        )
        with reading(self.shop.db) as conn:
            row = conn.execute(query).first()
            if row is None:  # she refused, and is forgotten with her card
                return
            mine = select(SellerWord.word).where(SellerWord.seller_id == row.seller_id)
            words = set(conn.scalars(mine))
        card = seller_card.facts(row.state)
        assert {"flow": row.flow, "asks": row.asks} == seller_card.stands(row.state)
        assert (row.asks_since is None) == (row.asks is None)
        assert {column: row._mapping[column] for column in card} == card
        assert words == seller_card.words(card)
        assert row.phone_last4 == seller_card.last4(self.address)

    def _line(self, deed: str, value: Any, step: Json) -> Json:
        if deed == "user":
            return {"text": value * step.get("times", 1)}
        if deed == "photo":
            return {
                "photos": [str(self._picture(name)) for name in value],
                "text": step.get("caption", ""),
            }
        if deed == "voice":
            return {"voice": str(FILES / "audio" / value)}
        if deed == "button":
            return {"button": self._payload(str(value)), "text": "" if value.startswith("/") else value}
        return {deed: value} | ({"confidence": step["confidence"]} if "confidence" in step else {})

    def _picture(self, name: str) -> Path:
        """A file of tests/images; `dark bowl.jpg` is that picture taken by night."""
        light, _, plain = name.rpartition(" ")
        source = FILES / "images" / plain
        if not light:
            return source
        made = Path(self.shop.settings.media_url.removeprefix("file://")).parent / f"{light}-{plain}"
        with Image.open(source) as picture:
            ImageEnhance.Brightness(picture).enhance(0.08).save(made)
        return made

    def _payload(self, title: str) -> str:
        if title.startswith("/"):
            return title
        found = [button["payload"] for button in self.buttons if button["title"] == title]
        assert found, f"no button was ever called {title!r}: {[b['title'] for b in self.buttons]}"
        return str(found[-1])

    def _inbound(self, line: Json) -> Iterator[Inbound]:
        for inbound in super()._inbound(line):
            self.sent.append(inbound)
            yield inbound

    def _post(self, inbound: Inbound) -> None:
        self.sent.append(inbound)
        receive(self.shop.db, self.shop.talk, inbound, inbound.received_at)
        self.worker.drain()
        self.answer = self._answer()

    def rep(
        self, kind: InboundKind, text: str = "", payload: str | None = None, by: str = "rep:1"
    ) -> Received:
        """What a rep does in this talk at the console."""
        name, now = f"rep:{uuid4().hex}", self.clock()
        done = Inbound(self.channel, self.address, name, kind, now, text, payload, by=by)
        self.sent.append(done)
        received = receive(self.shop.db, self.shop.talk, done, now)
        self.worker.drain()
        self.answer = self._answer()
        return received

    def _photo(self, place: int | None) -> str:
        """The photo of her listing at this place, as a rep's request names it; None is one more."""
        message = self.listing()
        return f"{message['listing_id']}:{message['photos'][place - 1]['id'] if place else ''}"

    def _again(self) -> None:
        """The provider sends her last message once more: nothing may change."""
        before = self.kept()
        received = receive(self.shop.db, self.shop.talk, self.sent[-1], self.clock())
        self.worker.drain()
        assert received.repeat and self.kept() == before, "a repeated message changed something"

    def kept(self) -> Json:
        """Her state and the number of her messages and events."""
        with reading(self.shop.db) as conn:
            seller_id = self.seller_id(conn)
            counts = [
                conn.scalar(select(func.count()).select_from(table).where(table.seller_id == seller_id))
                for table in (Message, RepTask, Listing)
            ]
            state = conn.scalar(select(Conversation.state).where(Conversation.seller_id == seller_id))
        return {"state": state, "counts": counts}

    def seller_id(self, conn: Connection) -> int | None:
        return conn.scalar(select(Address.seller_id).where(Address.address == self.address))

    def last_message(self) -> int:
        with reading(self.shop.db) as conn:
            return conn.scalar(select(func.max(Message.id))) or 0

    def turns(self, after: int = 0) -> list[list[Json]]:
        """What happened in this talk since the message `after`, turn by turn."""
        with reading(self.shop.db) as conn:
            rows = select(Message.events).where(Message.seller_id == self.seller_id(conn), Message.id > after)
            return [events for events in conn.scalars(rows.order_by(Message.id)) if events]

    def _change_flow(self, flow: str) -> None:
        """The file of this flow was changed while she is in it."""
        state = self.kept()["state"]
        for frame in state["stack"]:
            frame["print"] = "older" if frame["flow"] == flow else frame["print"]
        with writing(self.shop.db) as conn:
            mine = Conversation.seller_id == self.seller_id(conn)
            conn.execute(
                update(Conversation.__table__)
                .where(mine)
                .values(state=state, revision=Conversation.revision + 1)
            )

    def listing(self) -> Json:
        """The latest message of the listing that changed last."""
        with reading(self.shop.db) as conn:
            mine = select(Listing.message).where(Listing.seller_id == self.seller_id(conn))
            return dict(
                conn.scalars(mine.order_by(Listing.updated_at.desc(), Listing.number.desc())).first() or {}
            )

    def tasks(self) -> list[str]:
        """What reps were asked to do for her."""
        with reading(self.shop.db) as conn:
            mine = select(RepTask.kind).where(RepTask.seller_id == self.seller_id(conn))
            return list(conn.scalars(mine.order_by(RepTask.id)))


def broken(*_: Any) -> list[Json]:
    raise RuntimeError("a fault that a test put here")

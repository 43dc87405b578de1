"""A service that takes and places calls: real web over HTTP, real jobs, a fake exchange, a clock that moves.

`wait` lets seconds pass on the clock of the house, and its jobs do what is due then.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, select, update
from werkzeug.serving import WSGIRequestHandler, make_server

from bot.messages import Json
from bot.settings import Settings
from bot.speech import espeak
from bot.speech.telephone import encode
from bot.standing import standing
from bot.tasks.transcribe import submit
from bot.tasks.workshop import Workshop
from bot.web import create_app
from bot.web.house import House
from bot.worker import Worker
from models import Consent, Conversation, Listing, Media, Message, Seller
from models.database import reading, writing
from tests.conftest import Clock
from tests.fake_exchange import FakeExchange, Placed
from tests.open_rooms import house, settings_for
from tests.scripted_caller import Caller, Deed, Heard

HER = "+919999912345"
OURS = "+919999900000"
PRODUCT = "बाँस की टोकरी, बारह नग, ढाई सौ रुपये एक नग का, एक हाथ"
NAME = "फूलबासन नेताम, भेलवापदर, कोंडागाँव"
WORDS = {"product_name": PRODUCT, "seller_name": NAME}
KNOWN = {
    "language": "hi",
    "consent": True,
    "consent_version": "2026-11",
    "seller_name": "फूलबासन",
    "village": "भेलवापदर",
    "district": "kondagaon",
    "first_listed_on": "2026-01-05",
}


@dataclass
class CallsHouse:
    """The open parts, and shortcuts to what tests look at."""

    settings: Settings
    exchange: FakeExchange
    rooms: House
    shop: Workshop
    clock: Clock
    worker: Worker

    @property
    def db(self) -> Engine:
        return self.rooms.db

    def wait(self, seconds: float) -> None:
        """Time passes, and what is due is done."""
        self.clock.advance(seconds)
        self.worker.drain()

    def caller(self, number: str = HER, **how: Any) -> Caller:
        return Caller(self.settings, self.exchange, number, self.wait, **how)

    def rung(self, number: str = HER) -> list[Placed]:
        """The calls that were placed to this number."""
        return [call for call in self.exchange.placed if number in call.form.values()]

    def call(self, deeds: Iterable[Deed], caller: Caller | None = None) -> Heard:
        """She lets it ring, is rung back, picks up and does what the list says."""
        caller = caller or self.caller()
        before = len(self.rung(caller.number))
        assert "Reject" in caller.let_it_ring()
        self.wait(61)
        placed = self.rung(caller.number)
        assert len(placed) == before + 1, "she was not rung"
        return self.pick_up(deeds, caller)

    def pick_up(self, deeds: Iterable[Deed], caller: Caller | None = None) -> Heard:
        """She answers the call that rings."""
        caller = caller or self.caller()
        placed = self.rung(caller.number)[-1]
        return caller.pick_up(placed.form["Url"], placed.sid, deeds)

    def write_down(self, words: dict[str | None, str]) -> None:
        """The desk writes down every note, by the question it answered, and the talk hears of it."""
        self.wait(10)
        with reading(self.db) as conn:
            notes = conn.execute(
                select(Media.id, Media.asks).where(Media.kind == "voice", Media.status == "stored")
            ).all()
        for note in notes:
            submit(self.shop, note.id, words[note.asks], by="desk")
        self.wait(1)

    def stands(self, number: str = HER) -> Json:
        with reading(self.db) as conn:
            return standing(conn, "call", number)

    def rows(self, **where: Any) -> list[Any]:
        """Messages with these values, oldest first."""
        with reading(self.db) as conn:
            return list(conn.execute(select(Message.__table__).filter_by(**where).order_by(Message.id)))

    def said(self) -> list[str]:
        """The responses said in calls, oldest first, with all that one bubble joins."""
        return [
            part["utter"]
            for row in self.rows(channel="call", kind="voice", direction="out")
            for part in row.body["speak"]
        ]

    def listing(self) -> Json:
        with reading(self.db) as conn:
            return dict(conn.scalars(select(Listing.message)).one())


class _Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def calls_house(tmp_path: Path, db: Engine | None = None, **changes: Any) -> Iterator[CallsHouse]:
    """A house with CALL_PROVIDER=twilio and, unless told otherwise, without a voice of its own."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    clock = Clock()
    with FakeExchange() as exchange:
        server = make_server(
            "127.0.0.1", 0, lambda _environ, _start: [], threaded=True, request_handler=_Quiet
        )
        given = {
            "twilio_base_url": exchange.url,
            "public_url": f"http://127.0.0.1:{server.server_port}",
            "call_provider": "twilio",
            "call_number": OURS,
            "voice": "none",
        }
        settings = settings_for(tmp_path, **given | changes)
        rooms = replace(house(settings, db), clock=clock)
        rooms = replace(rooms, talk=replace(rooms.talk, settings=settings))
        server.app = create_app(settings, rooms)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        shop = Workshop(rooms.db, settings, rooms.store, dict(rooms.channels), rooms.talk, clock)
        try:
            yield CallsHouse(settings, exchange, rooms, shop, clock, Worker(shop, "calls"))
        finally:
            server.shutdown()
            server.server_close()


@cache
def speech(words: str) -> bytes:
    """These words as an exchange records them."""
    return encode(espeak.say(words))


def know_her(house: CallsHouse) -> None:
    """She has listed before: after her missed call, before she is rung."""
    house.caller().let_it_ring()
    with writing(house.db) as conn:
        state = conn.scalar(select(Conversation.state))
        conn.execute(update(Conversation).values(state=state | {"slots": KNOWN}, revision=5))
        agreed = {"version": "2026-11", "given": True, "language": "hi", "channel": "call"}
        mine = {"seller_id": conn.scalar(select(Seller.id)), "message_id": "before", "at": house.clock()}
        conn.execute(insert(Consent).values(**agreed, **mine))

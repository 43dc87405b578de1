"""Her side of the demo: she hears a question and answers it, as often as it takes to list one product."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, and_, func, not_, or_, select

from bot.demo.carrier import Carrier
from bot.demo.server import DemoFailed
from bot.messages import Json
from bot.settings import ROOT, Settings
from bot.standing import NOBODY, standing
from bot.web import simulated_calls as calls
from bot.web.simulated_calls import CallFailed, Form, Phone
from models import Address, Listing, ListingEvent, Media, Message
from models.database import reading

PATIENCE_S = 40.0
MOST_ANSWERS = 16
IMAGES, NOTE = ROOT / "tests" / "images", ROOT / "tests" / "audio" / "brass_elephant_hi.ogg"
TOO_SMALL = "coffee_small.jpg"
PHOTOS = ("bowl.jpg", "drum.jpg", "brushes.jpg")
SHE_SAID = "ये पीतल का हाथी है आठ इंच ऊँचा दाम पंद्रह सौ रुपये पाँच पीस हैं"
ANSWERS = {
    None: "नमस्ते",
    "language": "हिंदी",
    "consent": "हाँ, राज़ी",
    "price": "पंद्रह सौ",
    "stock": "पाँच",
    "size": "आठ इंच",
    "hollow": "ठोस",
    "weight": "दो किलो",
    "seller_name": "सुकमती, गाँव बाजावंड, जिला बस्तर",
    "village": "बाजावंड",
    "district": "बस्तर",
    "confirm_heard": "हाँ",
    "confirm_listing": "हाँ",
}
"""What she says to each question; to one that is not here she says that she does not know."""
Say = Callable[[str], None]


class Seller:
    """One invented seller whose phone is with the carrier. `say` prints one line of the talk."""

    def __init__(self, settings: Settings, carrier: Carrier, db: Engine, say: Say) -> None:
        self._settings, self._carrier, self._db, self._say = settings, carrier, db, say
        self.phone = Phone("whatsapp", _stranger(db))
        self._heard = 0
        self._photos_tried = False

    def list_one(self, write_down: Callable[[int, str], None], alive: Callable[[], bool]) -> str:
        """Talk until a listing is handed over; its id. `write_down` is the desk that hears her note."""
        for _ in range(MOST_ANSWERS):
            stands = self._stands()
            if stands["listings"]:
                return str(stands["listings"][0])
            self._answer(stands["asks"], write_down, alive)
        raise DemoFailed(f"after {MOST_ANSWERS} answers nothing was handed over; open is {stands['asks']}")

    def _answer(
        self, asks: str | None, write_down: Callable[[int, str], None], alive: Callable[[], bool]
    ) -> None:
        if asks == "photos":
            names = PHOTOS if self._photos_tried else (TOO_SMALL,)
            self._photos_tried = True
            self._send([IMAGES / name for name in names], "image/jpeg")
        elif asks == "product_name":
            self._send([NOTE], "audio/ogg")
            self._wait(alive)
            self._say(f"  (a person at the desk hears: {SHE_SAID})")
            write_down(self._note(), SHE_SAID)
        else:
            text = ANSWERS.get(asks, "पता नहीं")
            self._say(f"▶ {text}")
            self._post(calls.text(text))
        self._wait(alive)

    def _send(self, files: list[Path], content_type: str) -> None:
        offered = [(self._carrier.offer(file), content_type) for file in files]
        for file, form in zip(files, calls.attachments(offered, ""), strict=True):
            self._say(f"▶ [{file.name}]")
            self._post(form)

    def _post(self, form: Form) -> None:
        try:
            calls.post(self._settings, self.phone, form)
        except CallFailed as error:
            raise DemoFailed(str(error)) from None

    def _wait(self, alive: Callable[[], bool]) -> None:
        """Until nothing of hers is on its way any more; then show what reached her phone."""
        until(lambda: not self._is_busy(), "no answer came", alive)
        for text in self._carrier.phone[self._heard :]:
            self._say("◀ " + text.replace("\n", "\n  "))
        self._heard = len(self._carrier.phone)

    def _is_busy(self) -> bool:
        hers = Message.address == self.phone.address
        unsent = select(func.count(Message.id)).where(
            hers, Message.direction == "out", Message.status.in_(("queued", "sending"))
        )
        for_the_desk = and_(Media.kind == "voice", Media.status == "stored", Media.verdict.is_not(None))
        untold = (
            select(func.count(Media.id))
            .join(Message, Message.id == Media.message_id)
            .where(hers, Media.delivered_at.is_(None), not_(or_(Media.status == "held", for_the_desk)))
        )
        with reading(self._db) as conn:
            return bool(conn.scalar(untold)) or bool(conn.scalar(unsent))

    def _note(self) -> int:
        """The voice note that waits for its words."""
        query = (
            select(Media.id)
            .join(Message, Message.id == Media.message_id)
            .where(Message.address == self.phone.address, Media.kind == "voice", Media.status == "stored")
        )
        with reading(self._db) as conn:
            found = conn.scalar(query)
        if found is None:
            raise DemoFailed("the voice note was not kept")
        return found

    def _stands(self) -> Json:
        with reading(self._db) as conn:
            return standing(conn, self.phone.channel, self.phone.address)


def until(happened: Callable[[], bool], otherwise: str, alive: Callable[[], bool]) -> None:
    """Wait for it, at most `PATIENCE_S` seconds; raises DemoFailed."""
    end = time.monotonic() + PATIENCE_S
    while not happened():
        if not alive():
            raise DemoFailed("the service ended")
        if time.monotonic() > end:
            raise DemoFailed(f"{otherwise} within {PATIENCE_S:.0f} seconds")
        time.sleep(0.05)


def handed_over(db: Engine, listing_id: str) -> tuple[Json, datetime | None]:
    """The listing message, and when it was put on the queue."""
    query = (
        select(Listing.message, ListingEvent.published_at)
        .join(ListingEvent, ListingEvent.listing_id == Listing.id)
        .where(Listing.id == listing_id)
        .order_by(ListingEvent.sequence)
    )
    with reading(db) as conn:
        row: Any = conn.execute(query).one()
    return row.message, row.published_at.astimezone(UTC) if row.published_at else None


def _stranger(db: Engine) -> str:
    """An invented number that nobody has."""
    while True:
        number = f"+9199999{secrets.randbelow(100_000):05d}"
        with reading(db) as conn:
            if standing(conn, "whatsapp", f"whatsapp:{number}") == NOBODY:
                return number


def has_real_talks(db: Engine) -> bool:
    """Is there anybody with a number that is not invented?"""
    real = select(Address.id).where(Address.address.not_like("%+9199999_____")).limit(1)
    with reading(db) as conn:
        return conn.scalar(real) is not None

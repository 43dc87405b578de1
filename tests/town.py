"""A small town of sellers around one service with limits, on a virtual clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, func, select

from bot import receive as door
from bot.channels import SilentChannel
from bot.messages import Inbound, Json
from bot.receive import Received, receive
from bot.worker import Worker
from models import Address, Conversation, JobRow, Listing, Message, RepTask
from models.database import reading
from tests.conftest import Clock
from tests.open_rooms import loaded_talk, settings_for, workshop

TALK = (
    *("नमस्ते", "हिंदी", "हाँ, राज़ी", "पता नहीं", "पीतल का हाथी, आठ इंच, पंद्रह सौ रुपया, पाँच नग", "हाँ"),
    *("सुकमती, गाँव बाजावंड, जिला बस्तर", "हाँ"),
)
"""A whole listing without photos."""
FLOODER, SELLER = 66, 77


class Town:
    """One service with given limits on a virtual clock; sellers are numbers. Nothing goes out for real."""

    def __init__(self, tmp_path: Path, db: Engine, clock: Clock, **limited: Any) -> None:
        settings = replace(settings_for(tmp_path), **limited)
        talk = replace(loaded_talk(), settings=settings)
        channels = {name: SilentChannel(name, settings) for name in ("whatsapp", "sms")}
        self.shop = replace(workshop(settings, db, talk), channels=channels, clock=clock)
        self.worker, self.clock, self.db = Worker(self.shop, "town"), clock, db
        door._brakes.pop(db, None)  # as a process that has just started

    def say(self, number: int, text: str, **more: Any) -> Received:
        """One message at this moment; a photo with `media`."""
        kind = "photo" if "media" in more else "text"
        name = "SM" + uuid4().hex
        inbound = Inbound("whatsapp", address(number), name, kind, self.clock.now, text, **more)  # type: ignore[arg-type]
        return receive(self.db, self.shop.talk, inbound, self.clock.now)

    def work_until(self, moment: datetime) -> None:
        """Each job at its own time, as the worker would do them."""
        while True:
            with reading(self.db) as conn:
                due = conn.scalar(select(func.min(JobRow.run_at)).where(JobRow.status == "ready"))
            if due is None or due > moment:
                break
            self.clock.now = max(self.clock.now, due)
            assert self.worker.drain()
        self.clock.now = max(self.clock.now, moment)

    def wait(self, **time: float) -> None:
        self.work_until(self.clock.now + timedelta(**time))

    def rows(self, number: int, direction: str = "in") -> Sequence[Any]:
        hers = select(Message.__table__).where(Message.address == address(number))
        with reading(self.db) as conn:
            return conn.execute(hers.where(Message.direction == direction).order_by(Message.id)).all()

    def statuses(self, number: int) -> list[str]:
        return [row.status for row in self.rows(number) if row.kind != "media_ready"]

    def said(self, number: int) -> list[str]:
        """Which responses she was sent, in written bubbles."""
        return [row.body["utter"] for row in self.rows(number, "out") if row.kind == "text"]

    def tasks(self, number: int) -> list[tuple[str, Json]]:
        hers = select(RepTask.kind, RepTask.detail).join(Address, Address.seller_id == RepTask.seller_id)
        with reading(self.db) as conn:
            rows = conn.execute(hers.where(Address.address == address(number)).order_by(RepTask.id))
            return [(row.kind, row.detail) for row in rows if row.kind != "skipped"]

    def state(self, number: int) -> Json:
        hers = select(Conversation.state).join(Address, Address.seller_id == Conversation.seller_id)
        with reading(self.db) as conn:
            return conn.execute(hers.where(Address.address == address(number))).scalar_one()

    def listings(self, number: int) -> int:
        hers = select(func.count(Listing.id)).join(Address, Address.seller_id == Listing.seller_id)
        with reading(self.db) as conn:
            return conn.scalar(hers.where(Address.address == address(number))) or 0


def address(number: int) -> str:
    return f"whatsapp:+9199999{number:05d}"


def hear_all(town: Town, number: int, apart_s: float = 0.0) -> None:
    for text in TALK:
        town.say(number, text)
        if apart_s:
            town.wait(seconds=apart_s)

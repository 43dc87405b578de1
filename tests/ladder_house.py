"""A shop with a Twilio and an SMS gateway of our own, a virtual clock, and letters on their way down."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, select

from bot import jobs
from bot.channels.base import Status
from bot.tasks import late_report
from bot.tasks.workshop import Workshop
from bot.worker import Worker
from models import Conversation, Message, RepTask
from models.database import reading, writing
from tests.fake_twilio import FakeTwilio
from tests.open_rooms import loaded_talk, outgoing, seller, settings_for, workshop, writes

MORNING = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
"""Half past ten in India."""
REMINDER: dict[str, Any] = {
    "utter": "utter_nudge_alone",
    "class": "reminder",
    "args": {"product_name": "पीतल का हाथी"},
}


@dataclass
class Ladder:
    """`now` is the clock of everything here; `her` is one seller who wrote at MORNING."""

    tmp_path: Path
    db: Engine
    twilio: FakeTwilio
    changes: dict[str, Any] = field(default_factory=dict)
    now: datetime = MORNING

    def __post_init__(self) -> None:
        given = {"twilio_sms_from": "+14155550123"} | self.changes
        settings = settings_for(self.tmp_path, self.twilio, **given)
        talk = replace(loaded_talk(), settings=settings)
        self.shop: Workshop = replace(workshop(settings, self.db, talk), clock=lambda: self.now)
        with writing(self.db) as conn:
            self.her = seller(conn)
            state = {"stack": [], "slots": {}, "asks": None, "last": []}
            row = {"seller_id": self.her, "state": state, "revision": 1}
            conn.execute(insert(Conversation).values(**row, updated_at=self.now, last_inbound_at=self.now))
        self.says()

    def says(self, **values: Any) -> int:
        """She writes, now."""
        with writing(self.db) as conn:
            return writes(conn, self.her, self.now, **values)

    def letter(self, text: str = "कितने का है?", **values: Any) -> int:
        """One letter of ours in the outbox, now, with its job."""
        with writing(self.db) as conn:
            message_id = outgoing(conn, self.her, text, created_at=self.now, **values)
            key = f"seller:{self.her}"
            jobs.put(conn, "send_message", {"message_id": message_id}, now=self.now, key=key)
        return message_id

    def work(self, **later: float) -> None:
        """All that is due after this much time."""
        self.now += timedelta(**later)
        Worker(self.shop).drain()

    def told(self, message_id: int, status: str, code: str | None = None) -> None:
        """The carrier reports."""
        self.reported(self.row(message_id).provider_id, status, code)

    def reported(self, sid: str, status: str, code: str | None = None) -> None:
        """The carrier reports of an id, whether we know it or not."""
        with writing(self.db) as conn:
            late_report.record(conn, Status(sid, status, code), self.now)

    def row(self, message_id: int) -> Any:
        with reading(self.db) as conn:
            return conn.execute(select(Message.__table__).where(Message.id == message_id)).one()

    def steps(self, first: int) -> list[Any]:
        """The rows that stand for the first letter, in order."""
        with reading(self.db) as conn:
            rows = conn.execute(select(Message.__table__).order_by(Message.id)).all()
        return [row for row in rows if row.body.get("after") == first]

    def tasks(self) -> list[dict[str, Any]]:
        with reading(self.db) as conn:
            kind = RepTask.kind == "unreached"
            return list(conn.scalars(select(RepTask.detail).where(kind).order_by(RepTask.id)))

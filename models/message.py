"""Every message, both ways: what came in, and the outbox of what goes out."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import NEVER_REUSED, Base, JsonValue, RowId, UtcTime

Direction = Literal["in", "out"]
MessageStatus = Literal[
    "received",
    "held",
    "unclaimed",
    "passed",
    "queued",
    "sending",
    "sent",
    "delivered",
    "read",
    "failed",
    "undelivered",
    "dead",
    "cancelled",
]


class Message(Base):
    """One message. An outbound one walks from `queued` to its end.

    An inbound one is `received`, `held` while it waits because too many came at once, `unclaimed` until
    somebody on a shared phone has said whose it is, or `passed`: kept of a flood, and not worked on.

    `provider_id` is unique a channel: it is how a repeat is known. It is null until an outbound one is sent.
    `events` of an inbound one are what its turn did, in past-tense events, in the order they happened.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("channel", "provider_id"),
        Index(None, "seller_id", "id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    seller_id: Mapped[int] = mapped_column(RowId, ForeignKey("seller.id"))
    direction: Mapped[Direction] = mapped_column(String(3))
    channel: Mapped[str] = mapped_column(String(32))
    address: Mapped[str] = mapped_column(String(160))
    provider_id: Mapped[str | None] = mapped_column(String(160))
    kind: Mapped[str] = mapped_column(String(16))
    body: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    events: Mapped[list[dict[str, Any]] | None] = mapped_column(JsonValue)
    status: Mapped[MessageStatus] = mapped_column(String(16))
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcTime)

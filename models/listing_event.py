"""The hand-over: every version of a listing, waiting for the backend to take it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import NEVER_REUSED, Base, JsonValue, RowId, UtcTime

_WAITS = text("acked_at IS NULL")


class ListingEvent(Base):
    """One version of one listing. `event_id` (uuid) is the backend's idempotency key, `sequence` its order.

    `sequence` is the primary key because SQLite counts up nothing else.
    """

    __tablename__ = "listing_event"
    __table_args__ = (
        UniqueConstraint("listing_id", "version"),
        Index("ix_listing_event_waits", "sequence", sqlite_where=_WAITS, postgresql_where=_WAITS),
        NEVER_REUSED,
    )

    sequence: Mapped[int] = mapped_column(RowId, primary_key=True)
    event_id: Mapped[str] = mapped_column(String(36), unique=True)
    listing_id: Mapped[str] = mapped_column(String(36), ForeignKey("listing.id"))
    version: Mapped[int] = mapped_column(Integer)
    event: Mapped[str] = mapped_column(String(32))
    body: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    occurred_at: Mapped[datetime] = mapped_column(UtcTime)
    lease_token: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None] = mapped_column(UtcTime)
    acked_at: Mapped[datetime | None] = mapped_column(UtcTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcTime)

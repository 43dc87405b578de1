"""A finished listing as it stands now; its history is in `listing_event`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, JsonValue, RowId, UtcTime

ListingStatus = Literal["live", "withdrawn"]


class Listing(Base):
    """One listing: `id` is a uuid, `number` is what she is told, `message` the latest listing message.

    `slots` and `provenance` are her answers behind it, from which a change makes the next version.
    `category` and `photos_pending` say for lists what the message says.
    """

    __tablename__ = "listing"
    __table_args__ = (
        Index(None, "seller_id", "number"),
        Index(None, "category", "number"),
        Index(None, "status", "number"),
        Index(None, "photos_pending", "number"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, unique=True)
    seller_id: Mapped[int] = mapped_column(RowId, ForeignKey("seller.id"))
    version: Mapped[int] = mapped_column(Integer)
    status: Mapped[ListingStatus] = mapped_column(String(16))
    message: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    category: Mapped[str | None] = mapped_column(String(64))
    photos_pending: Mapped[bool]
    slots: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    provenance: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    updated_at: Mapped[datetime] = mapped_column(UtcTime)

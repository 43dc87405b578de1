"""Photos that another phone sent for a listing: a proposal, until its seller says that they are hers."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, JsonValue, RowId, UtcTime

PhotoOfferStatus = Literal["open", "asked", "taken", "refused", "expired"]


class PhotoOffer(Base):
    """One proposal: `sender_id` sent `photos`; `listing_id` is null where no listing waits for them.

    A wrong number is kept like a right one: whoever guesses sees no difference, and guesses are counted.
    """

    __tablename__ = "photo_offer"
    __table_args__ = (Index(None, "sender_id", "created_at"), Index(None, "listing_id", "status"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    sender_id: Mapped[int] = mapped_column(RowId, ForeignKey("seller.id"))
    listing_id: Mapped[str | None] = mapped_column(String(36), ForeignKey("listing.id"))
    photos: Mapped[list[dict[str, Any]]] = mapped_column(JsonValue)
    status: Mapped[PhotoOfferStatus] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcTime)

"""Photos and voice notes: from the provider's address to judged bytes in the store."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import BigInteger, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import NEVER_REUSED, Base, JsonValue, RowId, UtcTime

MediaKind = Literal["photo", "voice", "other"]
MediaStatus = Literal["held", "waiting", "stored", "ready", "refused", "failed", "erased"]


class Media(Base):
    """One attachment, `position` within its message. `held` waits for her consent, `waiting` for its bytes.

    `sha256` names the bytes in the store, `size` counts them, `fetched_at` is when they came there;
    `delivered_at` is when the talk was told of it.
    `asks` is the question that was open when it came.
    """

    __tablename__ = "media"
    __table_args__ = (
        UniqueConstraint("message_id", "position"),
        Index(None, "seller_id", "status"),
        Index(None, "seller_id", "fetched_at"),
        Index(None, "sha256"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    seller_id: Mapped[int] = mapped_column(RowId, ForeignKey("seller.id"))
    message_id: Mapped[int] = mapped_column(RowId, ForeignKey("message.id"))
    position: Mapped[int] = mapped_column(Integer)
    kind: Mapped[MediaKind] = mapped_column(String(16))
    url: Mapped[str | None] = mapped_column(Text)
    content_type: Mapped[str | None] = mapped_column(String(160))
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None] = mapped_column(BigInteger)
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    seconds: Mapped[float | None] = mapped_column(Float)
    asks: Mapped[str | None] = mapped_column(String(64))
    status: Mapped[MediaStatus] = mapped_column(String(16))
    verdict: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)
    transcript: Mapped[str | None] = mapped_column(Text)
    transcribed_by: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    fetched_at: Mapped[datetime | None] = mapped_column(UtcTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcTime)

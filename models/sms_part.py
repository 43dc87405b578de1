"""Parts of long SMS that wait for each other; joined ones stay a day, without words, to know a repeat."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import NEVER_REUSED, Base, RowId, UtcTime


class SmsPart(Base):
    """Part `number` of `total` of the message `ref` from one address. `provider_id` is unique a gateway."""

    __tablename__ = "sms_part"
    __table_args__ = (
        UniqueConstraint("gateway", "provider_id"),
        Index(None, "address", "joined_at"),
        Index(None, "joined_at"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    gateway: Mapped[str] = mapped_column(String(32))
    address: Mapped[str] = mapped_column(String(160))
    ref: Mapped[str] = mapped_column(String(32))
    number: Mapped[int] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)
    provider_id: Mapped[str] = mapped_column(String(160))
    received_at: Mapped[datetime] = mapped_column(UtcTime)
    joined_at: Mapped[datetime | None] = mapped_column(UtcTime)

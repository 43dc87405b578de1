"""Where a seller can be reached: one row a channel and number."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, UtcTime


class Address(Base):
    """`address` as the channel writes it; `user_id` is the provider's id of a person who hides her number.

    `not_on_whatsapp_at`: then a carrier said so; it counts until she writes from there.
    """

    __tablename__ = "address"
    __table_args__ = (UniqueConstraint("channel", "address"), Index(None, "seller_id"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    seller_id: Mapped[int] = mapped_column(RowId, ForeignKey("seller.id"))
    channel: Mapped[str] = mapped_column(String(32))
    address: Mapped[str] = mapped_column(String(160))
    user_id: Mapped[str | None] = mapped_column(String(160), unique=True)
    stopped_at: Mapped[datetime | None] = mapped_column(UtcTime)
    not_on_whatsapp_at: Mapped[datetime | None] = mapped_column(UtcTime)
    created_at: Mapped[datetime] = mapped_column(UtcTime)

"""What she agreed to or refused, to which version of the notice, and where she said so."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, UtcTime


class Consent(Base):
    """One answer to the notice. `message_id` is the provider's id of the message that carried it."""

    __tablename__ = "consent"
    __table_args__ = (Index(None, "seller_id", "id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    seller_id: Mapped[int] = mapped_column(RowId, ForeignKey("seller.id"))
    version: Mapped[str] = mapped_column(String(32))
    given: Mapped[bool]
    language: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(32))
    message_id: Mapped[str] = mapped_column(String(160))
    at: Mapped[datetime] = mapped_column(UtcTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcTime)

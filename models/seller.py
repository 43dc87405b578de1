"""The maker who sells: one row a person, however many phones and channels she uses."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import NEVER_REUSED, Base, RowId, UtcTime


class Seller(Base):
    """One person. `key` is her public id (uuid hex); `stopped_at` is when she said stop.

    `prefers` is the channel she wants to be written to on; null is the one she last wrote from.
    """

    __tablename__ = "seller"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)
    language: Mapped[str] = mapped_column(String(16))
    stopped_at: Mapped[datetime | None] = mapped_column(UtcTime)
    prefers: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(UtcTime)

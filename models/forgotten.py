"""What stays of the number of somebody who was erased: a keyed hash, so that nobody writes to her first."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcTime


class Forgotten(Base):
    """One number or user id. `mark` is an HMAC-SHA256 in hex; `stopped_at`: she had said stop before."""

    __tablename__ = "forgotten"

    mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    stopped_at: Mapped[datetime | None] = mapped_column(UtcTime)
    at: Mapped[datetime] = mapped_column(UtcTime)

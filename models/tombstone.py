"""What is left of an address whose owner was erased, or has another number now: enough to leave it alone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcTime


class Tombstone(Base):
    """One number or user id, as a keyed hash: nobody can read it back, but whoever comes with it is known.

    `stopped_at`: she had said stop, and hears nothing before a start word. Without it she is only not written
    to unasked. It goes when she writes herself.
    """

    __tablename__ = "tombstone"

    address_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    stopped_at: Mapped[datetime | None] = mapped_column(UtcTime)
    erased_at: Mapped[datetime] = mapped_column(UtcTime)

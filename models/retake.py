"""A new photo that a rep asked a seller for; open until one comes, or for its days."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, UtcTime


class Retake(Base):
    """One request: `photo_id` is the photo of the listing that is to be taken again; null asks for one more.

    `reason` is a key of `photo_problem` in the words of a language; `by` is `rep:<id>`.
    """

    __tablename__ = "retake"
    __table_args__ = (Index(None, "listing_id", "asked_at"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    listing_id: Mapped[str] = mapped_column(String(36), ForeignKey("listing.id"))
    photo_id: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(32))
    by: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcTime)

"""Wrong codes for joining two phones, counted by the number they came from."""

from __future__ import annotations

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class JoinTry(Base):
    """`tries` on `day` (of India, ISO 8601) from `who`, a keyed hash of the number: whoever has it now."""

    __tablename__ = "join_try"
    __table_args__ = (Index(None, "day"),)

    who: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[str] = mapped_column(String(10))
    tries: Mapped[int] = mapped_column(Integer)

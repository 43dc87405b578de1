"""The code by which a person shows that a second phone is hers too."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, UtcTime


class JoinCode(Base):
    """One code as a keyed hash: without the key nobody can try all of them. Used, it is deleted.

    `guesses`: wrong codes that anybody said while it counted.
    """

    __tablename__ = "join_code"
    __table_args__ = (Index(None, "seller_id"), Index(None, "expires_at"))

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    seller_id: Mapped[int] = mapped_column(RowId, ForeignKey("seller.id"))
    expires_at: Mapped[datetime] = mapped_column(UtcTime)
    guesses: Mapped[int] = mapped_column(Integer, server_default="0")

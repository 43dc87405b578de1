"""How often a sign-in was tried: for one number, and from one place."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcTime


class SignInTry(Base):
    """`tries` since `since`, of `who`: a keyed hash of a number or an internet address, never itself."""

    __tablename__ = "sign_in_try"
    __table_args__ = (Index(None, "since"),)

    who: Mapped[str] = mapped_column(String(72), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcTime)
    tries: Mapped[int] = mapped_column(Integer)

"""A field representative: she helps in her districts, and what she does is stamped with her id."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import NEVER_REUSED, Base, JsonValue, RowId, UtcTime

Role = Literal["rep", "lead", "admin"]


class Rep(Base):
    """One rep: `phone` as E.164, `districts` ids of the lexicon; in deeds she is `rep:<id>`.

    `blocks`: names of blocks; with any, she sees of her districts only these. `password_hash` is null until
    she may use the console; `must_change`: it was given to her and opens nothing but its change.
    `language` is that of her console (hi, en). One who is not `active` can do nothing.
    """

    __tablename__ = "rep"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    phone: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(160))
    role: Mapped[Role] = mapped_column(String(8), default="rep")
    districts: Mapped[list[str]] = mapped_column(JsonValue)
    blocks: Mapped[list[str]] = mapped_column(JsonValue, default=list)
    language: Mapped[str] = mapped_column(String(8), default="hi")
    active: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str | None] = mapped_column(String(160))
    must_change: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcTime)

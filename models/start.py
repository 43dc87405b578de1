"""Flows that somebody else begins for people: the request, and its people one row a line."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import NEVER_REUSED, Base, JsonValue, RowId, UtcTime

StartResult = Literal["started", "already", "refused"]


class Start(Base):
    """One request; `digest` is that of what was asked, so that a `key` cannot mean two things.

    `ready_at`: all its people are in; before, nobody is written to. `reached` is the last line that was dealt
    with, `done_at` is set when there is none left. `by` is `rep:<id>` or another name. `lane` is
    that of the jobs which deal with it.
    """

    __tablename__ = "start"
    __table_args__ = (Index(None, "done_at", "ready_at"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    flow: Mapped[str] = mapped_column(String(64))
    by: Mapped[str] = mapped_column(String(64))
    people: Mapped[int] = mapped_column(Integer)
    reached: Mapped[int] = mapped_column(Integer, default=0)
    lane: Mapped[str] = mapped_column(String(160), default="")
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    ready_at: Mapped[datetime | None] = mapped_column(UtcTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcTime)


class StartRow(Base):
    """One person of a request and what it was answered. `facts` are known slots, gone once her talk has them.

    A refused line keeps no address: it may be anything.
    """

    __tablename__ = "start_row"

    start_id: Mapped[int] = mapped_column(RowId, ForeignKey("start.id"), primary_key=True)
    line: Mapped[int] = mapped_column(Integer, primary_key=True)
    channel: Mapped[str | None] = mapped_column(String(32))
    address: Mapped[str | None] = mapped_column(String(160))
    facts: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)
    result: Mapped[StartResult] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(200))

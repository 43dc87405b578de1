"""Numbers that people look at, counted as messages come in, so that no page has to read them all."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Date, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, JsonValue, RowId


class Figure(Base):
    """How often something was so on one day (Indian time) in one district (empty: not known yet).

    `what` is the kind of thing (`asked`, `photo_refused` …), `key` which one (`price`, `dark` …), empty where
    there is only one.
    """

    __tablename__ = "figure"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    district: Mapped[str] = mapped_column(String(160), primary_key=True)
    what: Mapped[str] = mapped_column(String(24), primary_key=True)
    key: Mapped[str] = mapped_column(String(240), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)


class FigureTalk(Base):
    """A seller's last listing talk as far as it was counted: what of it stands in the figures."""

    __tablename__ = "figure_talk"

    seller_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("seller.id"), primary_key=True, autoincrement=False
    )
    talk: Mapped[dict[str, Any]] = mapped_column(JsonValue)


class FigurePlace(Base):
    """How far was counted: the id of the last message. One row."""

    __tablename__ = "figure_place"

    name: Mapped[str] = mapped_column(String(8), primary_key=True)
    message_id: Mapped[int] = mapped_column(BigInteger)

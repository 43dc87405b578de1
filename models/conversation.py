"""Where a seller's talk stands: the engine's state between two turns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, JsonValue, RowId, UtcTime


class Conversation(Base):
    """One row a seller; `revision` counts the turns saved, and the row is what a turn locks.

    `last_inbound_at` is when she last wrote herself: WhatsApp's 24 hours count from there.
    `flow` and `asks` say for lists what the state says: the running flow and the open question, which has
    been open since `asks_since`.
    """

    __tablename__ = "conversation"
    __table_args__ = (Index(None, "flow", "asks_since"),)

    seller_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("seller.id"), primary_key=True, autoincrement=False
    )
    state: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    revision: Mapped[int] = mapped_column(Integer)
    updated_at: Mapped[datetime] = mapped_column(UtcTime)
    last_inbound_at: Mapped[datetime] = mapped_column(UtcTime)
    flow: Mapped[str | None] = mapped_column(String(64))
    asks: Mapped[str | None] = mapped_column(String(64))
    asks_since: Mapped[datetime | None] = mapped_column(UtcTime)

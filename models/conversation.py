"""Where a seller's talk stands: the engine's state between two turns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, JsonValue, RowId, UtcTime


class Conversation(Base):
    """One row a seller; `revision` counts the turns saved, and the row is what a turn locks.

    `last_inbound_at` is when she last wrote herself: WhatsApp's 24 hours count from there.
    """

    __tablename__ = "conversation"

    seller_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("seller.id"), primary_key=True, autoincrement=False
    )
    state: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    revision: Mapped[int] = mapped_column(Integer)
    updated_at: Mapped[datetime] = mapped_column(UtcTime)
    last_inbound_at: Mapped[datetime] = mapped_column(UtcTime)

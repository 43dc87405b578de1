"""What each turn did, in past-tense events, in the order it happened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, JsonValue, RowId, UtcTime


class TurnEvent(Base):
    """One row a turn: the message that caused it and the list of its events."""

    __tablename__ = "turn_event"
    __table_args__ = (Index(None, "seller_id", "id"), Index(None, "message_id"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    seller_id: Mapped[int] = mapped_column(RowId, ForeignKey("seller.id"))
    message_id: Mapped[int] = mapped_column(RowId, ForeignKey("message.id"))
    events: Mapped[list[dict[str, Any]]] = mapped_column(JsonValue)
    created_at: Mapped[datetime] = mapped_column(UtcTime)

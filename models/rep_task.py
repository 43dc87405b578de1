"""What a field rep is asked to do: call her, type a voice note, look at a stuck talk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, JsonValue, RowId, UtcTime

_OPEN = text("done_at IS NULL")


class RepTask(Base):
    """One thing to do for one seller; open while `done_at` is null. Who did it may leave a `note`."""

    __tablename__ = "rep_task"
    __table_args__ = (
        Index(None, "seller_id", "done_at"),
        Index("ix_rep_task_open", "kind", "created_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_rep_task_waits", "created_at", "seller_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    seller_id: Mapped[int] = mapped_column(RowId, ForeignKey("seller.id"))
    kind: Mapped[str] = mapped_column(String(32))
    detail: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcTime)
    done_by: Mapped[int | None] = mapped_column(RowId, ForeignKey("rep.id"))
    note: Mapped[str | None] = mapped_column(Text)

"""Background work that waits: a leased row a job, deleted when it is done."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import NEVER_REUSED, Base, JsonValue, RowId, UtcTime

JobStatus = Literal["ready", "dead"]


class JobRow(Base):
    """One job. Jobs of one `key` and `kind` run one at a time, in the order of `id`.

    `unique_key`: at most one such job waits in a lane; `puts` counts how often it was asked for, so that a
    request made while it runs gives it another run. `lease_token` is known only to the worker that holds the
    lease. `lane` is empty but for work that no worker of the service may do (see `bot.jobs.own_lane`).
    """

    __tablename__ = "job"
    __table_args__ = (
        Index(None, "lane", "status", "run_at", "id"),
        Index(None, "key", "kind", "id"),
        UniqueConstraint("lane", "unique_key"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    key: Mapped[str | None] = mapped_column(String(160))
    payload: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    run_at: Mapped[datetime] = mapped_column(UtcTime)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    lease_until: Mapped[datetime | None] = mapped_column(UtcTime)
    lease_token: Mapped[str | None] = mapped_column(String(32))
    status: Mapped[JobStatus] = mapped_column(String(16), default="ready")
    error: Mapped[str | None] = mapped_column(Text)
    unique_key: Mapped[str | None] = mapped_column(String(160))
    lane: Mapped[str] = mapped_column(String(160), default="")
    puts: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(UtcTime)

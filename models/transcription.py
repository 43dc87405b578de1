"""The desk's work: one voice note that a person is to write down."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, UtcTime

TranscriptionStatus = Literal["waiting", "done", "cannot_hear"]


class Transcription(Base):
    """Open while `status` is waiting; its age counts from `created_at`, when the note came.

    A claim is `claimed_by` (who), `claim_token` and `claimed_until`: until then nobody else is given it.
    The words themselves stand in `media.transcript`; `asks` of the note is `media.asks`.
    """

    __tablename__ = "transcription"
    __table_args__ = (Index(None, "status", "created_at"), Index(None, "claimed_by", "claimed_until"))

    media_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("media.id"), primary_key=True, autoincrement=False
    )
    language: Mapped[str] = mapped_column(String(16))
    status: Mapped[TranscriptionStatus] = mapped_column(String(16))
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    claim_token: Mapped[str | None] = mapped_column(String(32))
    claimed_until: Mapped[datetime | None] = mapped_column(UtcTime)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcTime)

"""Who is signed in to the console: one row a browser, known by the hash of its token."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId, UtcTime


class ConsoleSession(Base):
    """One signed-in browser. `token_hash` is the SHA-256 of the token in its cookie; `agent` what kind it is.

    The row is the session: deleted, it is over. `seen_at` is behind by a few minutes.
    """

    __tablename__ = "console_session"
    __table_args__ = (Index(None, "rep_id"), Index(None, "expires_at"))

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    rep_id: Mapped[int] = mapped_column(RowId, ForeignKey("rep.id"))
    agent: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    seen_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime] = mapped_column(UtcTime)

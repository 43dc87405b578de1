"""What people did in the console: who, what, to whom, when. It is only ever added to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import NEVER_REUSED, Base, JsonValue, RowId, UtcTime


class Audit(Base):
    """One deed. `rep_id` is null for one from the command line, or a sign-in with a number nobody has.

    `about` is another key than a seller's or a listing's (`rep:3`, `media:17`). `before` and `after` are
    small objects: never the text of a message, never a whole phone number.
    """

    __tablename__ = "audit"
    __table_args__ = (Index(None, "seller_id", "id"), Index(None, "rep_id", "id"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcTime)
    rep_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("rep.id"))
    what: Mapped[str] = mapped_column(String(40))
    seller_id: Mapped[int | None] = mapped_column(RowId)
    listing_id: Mapped[str | None] = mapped_column(String(36))
    about: Mapped[str | None] = mapped_column(String(80))
    before: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)
    after: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)

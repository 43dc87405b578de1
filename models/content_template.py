"""What the provider keeps of our wordings: real buttons, and templates that WhatsApp approves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import PrimaryKeyConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, JsonValue, UtcTime

SESSION = "session"
"""The form that shows any wording of a response with its buttons, while the window is open."""


class ContentTemplate(Base):
    """`content_sid` is the provider's id for one form of one response in one language on one channel.

    `form` is SESSION (of N buttons `session-N`), or `opener-N` for the Nth wording as a template that may
    open a talk once `approval` is `approved`; `variables` are the placeholders that stand in it, in order.
    `digest` is that of its content, `friendly_name` its name there: both null for one put in by hand.
    """

    __tablename__ = "content_template"
    __table_args__ = (
        PrimaryKeyConstraint("response", "language", "channel", "form", name="pk_content_template_form"),
    )

    response: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(32))
    form: Mapped[str] = mapped_column(String(16), default=SESSION)
    content_sid: Mapped[str] = mapped_column(String(64))
    friendly_name: Mapped[str | None] = mapped_column(String(160))
    digest: Mapped[str | None] = mapped_column(String(64))
    approval: Mapped[str | None] = mapped_column(String(16))
    variables: Mapped[list[str]] = mapped_column(JsonValue, default=list)
    checked_at: Mapped[datetime | None] = mapped_column(UtcTime)

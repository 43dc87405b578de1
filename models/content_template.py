"""Which of the provider's approved templates shows a response with real buttons."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class ContentTemplate(Base):
    """`content_sid` is the provider's id for one response in one language on one channel."""

    __tablename__ = "content_template"

    response: Mapped[str] = mapped_column(String(64), primary_key=True)
    language: Mapped[str] = mapped_column(String(16), primary_key=True)
    channel: Mapped[str] = mapped_column(String(32), primary_key=True)
    content_sid: Mapped[str] = mapped_column(String(64))

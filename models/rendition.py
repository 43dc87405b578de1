"""What was made from stored bytes or from a text: shop pictures, thumbnails, copies for the ear, prompts."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcTime

RenditionKind = Literal["shop", "thumbnail", "speech", "sheet", "prompt", "telephone"]


class Rendition(Base):
    """One thing made from another, once: `source` is the SHA-256 of what it was made from.

    Of a photo or note that is the hash of its bytes, of a contact sheet, a spoken prompt or what is said on
    the telephone the hash of its recipe. `sha256` names the made bytes in the store; `width` and `height` in
    pixels, null for sound.
    """

    __tablename__ = "rendition"
    __table_args__ = (Index(None, "sha256"),)

    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[RenditionKind] = mapped_column(String(16), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcTime)

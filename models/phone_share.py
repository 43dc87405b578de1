"""Who may speak on one phone, where several sellers share it: a row a person."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId


class PhoneShare(Base):
    """`address_id` is one way of the phone; its number counts on every way. Who speaks now stands in
    `address.seller_id`.

    `name` is what she is called among the choices; null until anybody has said it.
    """

    __tablename__ = "phone_share"
    __table_args__ = (Index(None, "seller_id"),)

    address_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("address.id"), primary_key=True, autoincrement=False
    )
    seller_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("seller.id"), primary_key=True, autoincrement=False
    )
    name: Mapped[str | None] = mapped_column(String(60))

"""What lists of people show of her and find her by, in columns: her talk itself is one JSON value."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId


class SellerCard(Base):
    """One row a seller, written in the turn that changes it; `district` is an id of the lexicon if any.

    `block_key` is the sound of the block's name. `phone_last4` is that of the address by which she came.
    `rep_id` is the rep who first began a flow for her.
    """

    __tablename__ = "seller_card"
    __table_args__ = (
        Index(None, "district", "seller_id"),
        Index(None, "phone_last4", "seller_id"),
        Index(None, "rep_id", "seller_id"),
    )

    seller_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("seller.id"), primary_key=True, autoincrement=False
    )
    name: Mapped[str | None] = mapped_column(String(160))
    village: Mapped[str | None] = mapped_column(String(160))
    district: Mapped[str | None] = mapped_column(String(160))
    block: Mapped[str | None] = mapped_column(String(160))
    block_key: Mapped[str | None] = mapped_column(String(160))
    group_name: Mapped[str | None] = mapped_column(String(160))
    phone_last4: Mapped[str | None] = mapped_column(String(4))
    rep_id: Mapped[int | None] = mapped_column(RowId, ForeignKey("rep.id"))


# Compared letter by letter, so that words with the same beginning stand together on both databases.
_WORD = String(64).with_variant(String(64, collation="C"), "postgresql")


class SellerWord(Base):
    """By the sound of a word she is found: of her name, her village or her group, in whatever script."""

    __tablename__ = "seller_word"
    __table_args__ = (Index(None, "seller_id"),)

    word: Mapped[str] = mapped_column(_WORD, primary_key=True)
    seller_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("seller.id"), primary_key=True, autoincrement=False
    )

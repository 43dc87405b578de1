"""Numbers that people are told: counted without a gap in the transaction that uses them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Connection, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base

_NEXT = text(
    "INSERT INTO counter (name, value) VALUES (:name, 1)"
    " ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value"
)


class Counter(Base):
    """The last number given out under a name."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


def next_number(conn: Connection, name: str) -> int:
    """The next number of `name`, from 1; a rollback gives it back. Others wait for this transaction's end."""
    value: int = conn.execute(_NEXT, {"name": name}).scalar_one()
    return value

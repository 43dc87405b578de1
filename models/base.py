"""What every table shares: the declarative base, and column types that mean the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, MetaData, Table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

# Constraints have names, so that a later migration can change them on both databases.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The base of all tables; `Base.metadata` is the schema the migrations must end in."""

    metadata = MetaData(naming_convention=NAMES)

    if TYPE_CHECKING:
        # Every class of ours is a whole table, so Core statements may take it as one.
        __table__: ClassVar[Table]


class UtcTime(TypeDecorator[datetime]):
    """A moment: aware datetimes go in and come out as UTC; a naive one is refused (ValueError)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite keeps no zone, so every value is turned into UTC before it is written."""
        if value is None or value.tzinfo is UTC:
            return value
        if value.tzinfo is None:
            raise ValueError(f"a moment needs its zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give the zone back; PostgreSQL answers in the zone of its session."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


# Python's None is SQL's NULL, never the JSON word null.
JsonValue = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

# Only INTEGER counts up by itself as a SQLite primary key.
RowId = BigInteger().with_variant(Integer, "sqlite")

# SQLite would give a deleted row's id to the next row; ids of ours stand in jobs, file names and messages.
NEVER_REUSED = {"sqlite_autoincrement": True}

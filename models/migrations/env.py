"""How Alembic reaches the database: over the connection that `models.schema.move` opened for it."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, text

from models import Base


def run(connection: Connection) -> None:
    """Run the asked-for migrations inside the caller's transaction."""
    if connection.dialect.name == "postgresql":
        # Better to give up than to keep every request waiting behind our wait for a table.
        connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        connection.execute(text("SET LOCAL statement_timeout = '10min'"))
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transactional_ddl=True,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])

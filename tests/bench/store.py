"""A fresh database for one round, and gone afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url


@contextmanager
def fresh(base: str | None, folder: Path) -> Iterator[str]:
    """The URL of a new database: a SQLite file below `folder`, or one beside PostgreSQL's `base`."""
    if base is None:
        with tempfile.TemporaryDirectory(dir=folder) as place:
            yield f"sqlite:///{place}/bench.db"
        return
    name = f"bench_{uuid4().hex[:12]}"
    admin = create_engine(base, isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        yield make_url(base).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        admin.dispose()


def count(url: str, table: str) -> int:
    """How many rows a table has."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())
    finally:
        engine.dispose()

"""The way to the database: SQLite in a file, or PostgreSQL, behind the same few functions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url

from models.schema import at_head, migrate
from models.turnstile import Turnstile

__all__ = ["at_head", "connect", "migrate", "reading", "writing"]

BUSY_MS = 10_000
# A statement that waits this long for a lock, or runs this long, is given up (PostgreSQL, milliseconds).
_POSTGRES = "-c timezone=UTC -c lock_timeout=10000 -c statement_timeout=30000"
# Connections: one for each thread at work; idle ones stay at the bottom of the pile.
_POOL = {"pool_size": 16, "max_overflow": 16, "pool_use_lifo": True, "pool_timeout": 10}


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def connect(url: str) -> Engine:
    """The engine for `sqlite:///FILE` (its folder is made) or `postgresql+psycopg://…`; threads share it.

    No connection is tested before use: after a restart of PostgreSQL the first request fails, the pool is
    emptied, and the next one works.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return _connect_sqlite(address)
    return create_engine(
        address,
        json_serializer=_as_json,
        connect_args={
            "options": f"{_POSTGRES} {address.query.get('options', '')}",
            "connect_timeout": 5,
        },
        pool_recycle=1800,
        **_POOL,
    )


def _connect_sqlite(url: URL) -> Engine:
    file = url.database
    if not file or file == ":memory:":
        raise ValueError("SQLite needs a file: threads and processes share it")
    path = Path(file).resolve()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(
        url.set(database=str(path)),
        json_serializer=_as_json,
        # The driver must not begin transactions by itself: we say when, and which kind.
        connect_args={"isolation_level": None, "timeout": BUSY_MS / 1000, "check_same_thread": False},
        **_POOL,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    # The copy shares pool and events; its transactions take the write lock at their first moment.
    writer = engine.execution_options(begin="BEGIN IMMEDIATE")
    engine.update_execution_options(writer=writer, turnstile=Turnstile(path))
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin_sqlite(conn: Connection) -> None:
    # Straight to the driver: this statement is on every path, and needs no compiling or logging.
    assert conn.connection.dbapi_connection is not None
    conn.connection.dbapi_connection.execute(conn.get_execution_options().get("begin", "BEGIN"))


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One write transaction: committed at the end, rolled back on an exception. Never nest it in a thread.

    On SQLite writers queue before they begin, so none of them meets a locked database half-way.
    """
    if engine.dialect.name != "sqlite":
        with engine.begin() as conn:
            yield conn
        return
    options = engine.get_execution_options()
    with options["turnstile"], options["writer"].begin() as conn:
        yield conn


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One read transaction: on SQLite it sees one moment and holds up no writer. Write only in `writing`."""
    with engine.connect() as conn:
        yield conn

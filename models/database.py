"""The way to the database: SQLite in a file, or PostgreSQL, behind the same few functions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url

from models.schema import at_head, migrate
from models.turnstile import Turnstile

__all__ = ["at_head", "connect", "looking", "migrate", "reading", "writing", "writing_on"]

# Only what is not ours (a backup, the sqlite3 shell) can still make a writer of ours wait in SQLite itself.
BUSY_S = 10
# A statement that waits this long for a lock, or runs this long, is given up (PostgreSQL, milliseconds).
_POSTGRES = "-c timezone=UTC -c lock_timeout=10000 -c statement_timeout=30000"
# Connections: one for each thread at work; idle ones stay at the bottom of the pile.
_POOL = {"pool_size": 16, "max_overflow": 16, "pool_use_lifo": True, "pool_timeout": 10}


def _as_json(value: Any) -> str:
    return orjson.dumps(value).decode()


def connect(url: str) -> Engine:
    """The engine for `sqlite:///FILE` (its folder is made) or `postgresql+psycopg://…`; threads share it.

    No connection is tested before use: after a restart of PostgreSQL the first request fails, the pool is
    emptied, and the next one works. A process that forks must connect again in the child.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return _connect_sqlite(address)
    return create_engine(
        address,
        json_serializer=_as_json,
        json_deserializer=orjson.loads,
        hide_parameters=True,
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
    # What people said is for our eyes only; SQLite gives its other files the mode of this one.
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    gate = Turnstile(path)
    # The file remembers its journal mode. It is set here in turn, for SQLite would not wait for that lock.
    with gate, closing(sqlite3.connect(path, timeout=BUSY_S)) as first:
        first.execute("PRAGMA journal_mode=WAL")
    engine = create_engine(
        url.set(database=str(path)),
        json_serializer=_as_json,
        json_deserializer=orjson.loads,
        hide_parameters=True,
        connect_args={"timeout": BUSY_S, "check_same_thread": False},
        **_POOL,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    engine.update_execution_options(turnstile=gate)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def driver(conn: Connection) -> Any:
    """The driver's own connection below `conn`, for what must be said without beginning a transaction."""
    return conn.connection.dbapi_connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One write transaction: committed at the end, rolled back on an exception. Never nest it in a thread.

    On SQLite writers queue before they begin, so none of them meets a locked database half-way.
    """
    with engine.connect() as conn, writing_on(conn):
        yield conn


@contextmanager
def writing_on(conn: Connection) -> Iterator[None]:
    """`writing` on a connection that is open already and holds no transaction."""
    if conn.dialect.name != "sqlite":
        with conn.begin():
            yield
        return
    with turnstile(conn.engine), conn.begin():
        # Not by an event of the engine: one listener makes every statement ask for listeners (5 % of a turn).
        driver(conn).execute("BEGIN IMMEDIATE")
        yield


def turnstile(engine: Engine) -> Turnstile:
    """The queue of those who write this SQLite file."""
    gate: Turnstile = engine.get_execution_options()["turnstile"]
    return gate


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One read transaction: on SQLite it sees one moment and holds up no writer. Write only in `writing`."""
    with engine.connect() as conn:
        if engine.dialect.name == "sqlite":
            driver(conn).execute("BEGIN")
        yield conn


@contextmanager
def looking(conn: Connection) -> Iterator[None]:
    """Read on an open connection and leave no transaction behind; each statement sees its own moment."""
    try:
        yield
    finally:
        conn.rollback()

"""The databases and the clock that tests share."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
import structlog
from sqlalchemy import Engine, text

from bot import talk
from bot.engine.library import Library
from bot.engine.wording import NameOf
from bot.receive import _recent
from bot.speech import espeak, prompts
from models import Base
from models.database import connect, migrate

if TYPE_CHECKING:
    from tests.s3_server import S3Server

POSTGRES = "127.0.0.1:5432/test"
_FORGET = "".join(f"DELETE FROM {table.name};" for table in reversed(Base.metadata.sorted_tables))
_EMPTIED = text(
    f"""DO $$ DECLARE counter regclass; BEGIN {_FORGET}
    FOR counter IN SELECT oid FROM pg_class
        WHERE relkind = 'S' AND relnamespace = current_schema()::regnamespace
    LOOP PERFORM setval(counter, 1, false); END LOOP; END $$"""
)
"""All rows and counters; TRUNCATE gives every table new files, which takes longer than most tests."""
_USED = text(
    """SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
    AND pg_relation_size(oid) > 0 AND relname <> 'alembic_version'"""
)
# With its colours and local values one traceback of a fault in the middle of a talk takes a minute to print.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


class Clock:
    """A clock that stands still until it is moved; call it for the time."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> datetime:
        """Move on and answer the new time."""
        self.now += timedelta(seconds=seconds)
        return self.now


@pytest.fixture(scope="session", autouse=True)
def _spoken_once() -> Iterator[None]:
    """What many talks say is spoken once: of the same steps the same voice makes the same bytes."""
    make = prompts.make
    once = lru_cache(maxsize=1000)(lambda steps, voice: make(steps))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prompts, "make", lambda steps: once(steps, espeak.PROGRAM))
        yield


@pytest.fixture(scope="session", autouse=True)
def _read_once() -> Iterator[None]:
    """Flows and words are read once; they take half a second, and no talk changes them."""
    load = talk.load_library
    known: dict[tuple[Path, Path], Library] = {}

    def once(flows: Path, locales: Path, name_of: NameOf) -> Library:
        if (flows, locales) not in known:
            known[flows, locales] = load(flows, locales, name_of)
        return known[flows, locales]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(talk, "load_library", once)
        yield


@pytest.fixture
def clock() -> Clock:
    """A virtual clock at Monday, 5 January 2026, 9 o'clock UTC."""
    return Clock()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def db(request: pytest.FixtureRequest) -> Engine:
    """A migrated, empty database; the test runs once on SQLite and once on PostgreSQL."""
    engine: Engine = request.getfixturevalue(f"{request.param}_db")
    return engine


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_db(request: pytest.FixtureRequest) -> Engine:
    """A database without any table, once on SQLite and once on PostgreSQL."""
    engine: Engine = request.getfixturevalue(f"empty_{request.param}_db")
    return engine


@pytest.fixture
def sqlite_db(tmp_path: Path, _sqlite_template: Path) -> Iterator[Engine]:
    """A migrated, empty SQLite file of this test's own."""
    shutil.copy(_sqlite_template, tmp_path / "test.db")
    engine = connect(f"sqlite:///{tmp_path}/test.db")
    yield engine
    engine.dispose()


@pytest.fixture
def empty_sqlite_db(tmp_path: Path) -> Iterator[Engine]:
    """A SQLite file that does not exist yet."""
    engine = connect(f"sqlite:///{tmp_path}/var/empty.db")
    yield engine
    engine.dispose()


@pytest.fixture
def postgres_db(_postgres_schema: Engine) -> Engine:
    """A migrated, empty PostgreSQL schema of this test session's own."""
    with _postgres_schema.begin() as conn:
        conn.execute(_EMPTIED)
    with _postgres_schema.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        if used := list(conn.scalars(_USED)):
            # Without the room that dead rows leave, new ones stand in the order in which they were written.
            conn.execute(text(f"VACUUM {', '.join(used)}"))
    # Talks of an earlier test that this process remembers would have the ids and revisions of this one's.
    _recent.pop(_postgres_schema, None)
    return _postgres_schema


@pytest.fixture
def empty_postgres_db() -> Iterator[Engine]:
    """A PostgreSQL schema without any table."""
    with postgres_schema() as engine:
        yield engine


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "empty.db"
    engine = connect(f"sqlite:///{path}")
    migrate(engine)
    # The last connection to close folds the journal into the file, which is then whole by itself.
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def _postgres_schema() -> Iterator[Engine]:
    with postgres_schema() as engine:
        migrate(engine)
        yield engine


@contextmanager
def postgres_schema() -> Iterator[Engine]:
    """A fresh schema in the database `test`, dropped at the end; other sessions have their own."""
    name = f"test_{uuid4().hex[:12]}"
    server = f"{_postgres_user()}@{POSTGRES}"
    with psycopg.connect(f"postgresql://{server}", autocommit=True) as conn:
        conn.execute(f"CREATE SCHEMA {name}".encode())
        # What a test kills is our own process, never the server: nothing it took has to be on the disk.
        options = f"-csearch_path%3D{name}%20-csynchronous_commit%3Doff"
        engine = connect(f"postgresql+psycopg://{server}?options={options}")
        yield engine
        engine.dispose()
        conn.execute(f"DROP SCHEMA {name} CASCADE".encode())


def _postgres_user() -> str:
    """The first user that the server trusts; a reason to skip when there is none."""
    tried = [user for user in (os.environ.get("PGUSER"), "postgres", "root") if user]
    for user in tried:
        try:
            psycopg.connect(f"postgresql://{user}@{POSTGRES}", connect_timeout=3).close()
        except psycopg.OperationalError as error:
            reason = str(error)
        else:
            return user
    pytest.skip(f"postgres: none of {tried} may connect: {reason}")


@pytest.fixture(scope="module")
def _s3_server() -> Iterator[S3Server]:
    # Only here: most tests need no bucket, and its server is a large import.
    from tests.s3_server import S3Server

    server = S3Server()
    yield server
    server.stop()


@pytest.fixture
def s3(_s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """An S3 server that is up, with an empty bucket; every store of this process finds it."""
    if not _s3_server.up:
        _s3_server.start()
    _s3_server.new_bucket()
    for name, value in _s3_server.environ.items():
        monkeypatch.setenv(name, value)
    return _s3_server

"""The schema's age: is it the newest, and bring it there. One process at a time does the work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
# Any number will do, as long as nothing else in the same PostgreSQL database takes it.
_ADVISORY_LOCK = 7_264_926


def newest() -> str:
    """The last revision we ship. Read from the file names, because importing Alembic slows every start."""
    return max(file.stem for file in (MIGRATIONS / "versions").glob("[0-9]*.py")).split("_")[0]


def at_head(engine: Engine) -> bool:
    """Whether the database has exactly our newest schema. Raises what the driver raises when it is down."""
    with engine.connect() as conn:
        return _revision(conn) == newest()


def migrate(engine: Engine) -> None:
    """Bring an empty or older database to the newest schema; all of it or nothing."""
    if not at_head(engine):
        move(engine, "head")


def move(engine: Engine, revision: str) -> None:
    """Go up or down to a revision: `head`, `base`, or a number such as `0001`."""
    from alembic import command

    with _alone(engine) as conn:
        config = alembic_config()
        config.attributes["connection"] = conn
        back = revision == "base" or revision < (_revision(conn) or "")
        (command.downgrade if back else command.upgrade)(config, revision)


def alembic_config() -> Config:
    """Alembic's settings, built here so that no file has to be found from the working directory."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _revision(conn: Connection) -> str | None:
    if not inspect(conn).has_table("alembic_version"):
        return None
    revision: str | None = conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return revision


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """One transaction that no second migration can share; the others wait for its end."""
    if engine.dialect.name != "sqlite":
        with engine.begin() as conn:
            conn.execute(text("SET LOCAL lock_timeout = 0"))
            conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            yield conn
        return
    with engine.get_execution_options()["turnstile"], engine.connect() as conn:
        # Changing a SQLite table means copying it, and a copy breaks references until it is in place.
        driver: Any = conn.connection.dbapi_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with conn.begin():
                driver.execute("BEGIN IMMEDIATE")
                yield conn
                broken = conn.execute(text("PRAGMA foreign_key_check")).all()
                if broken:
                    raise RuntimeError(f"the migration left references to nothing: {broken[:5]}")
        finally:
            driver.execute("PRAGMA foreign_keys=ON")

"""The migrations end in the schema that the models describe, and go both ways."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from models import Base
from models.database import at_head, connect, migrate
from models.schema import alembic_config, move, newest


def differences(engine: Engine) -> list[object]:
    with engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        found: list[object] = compare_metadata(context, Base.metadata)
    return found


def test_an_empty_database_becomes_the_models(empty_db: Engine) -> None:
    """After `migrate` nothing differs from the models' tables, columns, types and indexes."""
    assert not at_head(empty_db)
    migrate(empty_db)
    assert at_head(empty_db)
    assert differences(empty_db) == []


def test_up_down_up(empty_db: Engine) -> None:
    """Going back leaves no table, and coming again gives the same schema."""
    migrate(empty_db)
    move(empty_db, "base")
    assert inspect(empty_db).get_table_names() == ["alembic_version"]
    assert not at_head(empty_db)
    migrate(empty_db)
    assert differences(empty_db) == []


def test_constraints_are_those_of_the_models(empty_db: Engine) -> None:
    """Unique and foreign keys, which Alembic's comparison passes over on SQLite, are there by name."""
    migrate(empty_db)
    found = inspect(empty_db)
    for name, table in Base.metadata.tables.items():
        made = {each["name"] for each in found.get_unique_constraints(name) + found.get_foreign_keys(name)}
        assert made == {str(each.name) for each in table.constraints if not str(each.name).startswith("pk_")}


def test_migrating_again_changes_nothing(empty_db: Engine) -> None:
    """`migrate` on a database at head does nothing."""
    migrate(empty_db)
    migrate(empty_db)
    assert differences(empty_db) == []


def test_a_failed_migration_leaves_nothing(empty_db: Engine) -> None:
    """A migration that breaks half-way leaves the database as it was, and can be tried again."""
    with empty_db.begin() as conn:
        conn.execute(text("CREATE TABLE seller (id INTEGER)"))
    with pytest.raises(Exception, match="seller"):
        migrate(empty_db)
    assert inspect(empty_db).get_table_names() == ["seller"]


def test_numbers_follow_each_other() -> None:
    """Revisions are numbered without a gap, one after the other, and the file names say so."""
    script = ScriptDirectory.from_config(alembic_config())
    revisions = [revision.revision for revision in script.walk_revisions()][::-1]
    assert revisions == [f"{number:04d}" for number in range(1, len(revisions) + 1)]
    assert script.get_current_head() == newest()


def test_processes_that_start_at_once_migrate_once(empty_db: Engine) -> None:
    """Four processes meet an empty database: one migrates, the others wait and find it done."""
    code = "import sys; from models.database import *; migrate(connect(sys.argv[1]))"
    command = [sys.executable, "-c", code, empty_db.url.render_as_string(hide_password=False)]
    root = Path(__file__).parent.parent
    all_four = [subprocess.Popen(command, cwd=root) for _ in range(4)]
    assert [process.wait(timeout=60) for process in all_four] == [0, 0, 0, 0]
    assert at_head(empty_db)


def test_starting_does_not_load_alembic(sqlite_db: Engine) -> None:
    """A start with the schema at head stays fast: Alembic is imported only to migrate."""
    url = sqlite_db.url.render_as_string(hide_password=False)
    code = (
        "import sys; from models.database import *; migrate(connect(sys.argv[1]));"
        "assert 'alembic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, url], cwd=Path(__file__).parent.parent, check=True)


def test_connecting_makes_the_folder(tmp_path: Path) -> None:
    """The SQLite file and its folder are made for us alone: they hold what people said."""
    connect(f"sqlite:///{tmp_path}/var/deep/here.db").dispose()
    for made in (tmp_path / "var" / "deep", *(tmp_path / "var" / "deep").iterdir()):
        assert made.stat().st_mode & 0o077 == 0, made

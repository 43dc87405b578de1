"""Every page of the console on the seeded database: as many statements for many people as for few."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.console import PAGES, Measured, console_pages
from tests.conftest import POSTGRES, _postgres_user

ROOT = Path(__file__).resolve().parent.parent
FEW, MANY = 1200, 3600
MOST = 14
"""Statements of any page: two for each group of today, one for the notes, one for the session."""


def statements(found: Measured) -> dict[str, float]:
    return {name: max(values) for name, values in found.items() if name.endswith(" sql")}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def base(request: pytest.FixtureRequest) -> str | None:
    """Beside which database the bench makes its own."""
    return None if request.param == "sqlite" else f"postgresql+psycopg://{_postgres_user()}@{POSTGRES}"


def test_a_page_of_many_needs_no_more_statements(base: str | None, tmp_path: Path) -> None:
    """Three times the people, messages and listings: not one statement more, on any page, for any role."""
    few, many = (statements(console_pages(tmp_path, base, people, 1)) for people in (FEW, MANY))
    assert few == many
    assert max(few.values()) <= MOST
    assert {f"admin {name} sql" for name in PAGES} == {name for name in few if name.startswith("admin")}


@pytest.mark.slow
def test_the_pages_can_be_measured_alone() -> None:
    """`app.py bench --console`: milliseconds and statements of each page, without the talk."""
    command = [sys.executable, "app.py", "bench", "--console", "--json", "--rounds", "1", "--people", "400"]
    found = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout)
    assert set(found) == {"console"}
    assert {"rep listings", "rep listings sql", "lead audit", "admin figures_all"} <= set(found["console"])

"""Every page of the console on the seeded database: as many statements for many people as for few."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.pages import pages
from tests.conftest import POSTGRES, _postgres_user

FEW, MANY = 1200, 3600
MOST = 14
"""Statements of any page: two for each group of today, one for the notes, one for the session."""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def base(request: pytest.FixtureRequest) -> str | None:
    """Beside which database the bench makes its own."""
    return None if request.param == "sqlite" else f"postgresql+psycopg://{_postgres_user()}@{POSTGRES}"


@pytest.mark.slow
def test_a_page_of_many_needs_no_more_statements(base: str | None, tmp_path: Path) -> None:
    """Three times the people, messages and listings: not one statement more, on any page, for any role."""
    few, many = (
        {name: figures["statements"] for name, figures in pages(tmp_path, base, people, 2).items()}
        for people in (FEW, MANY)
    )
    assert few == many
    assert max(few.values()) <= MOST

"""Files that a slow phone downloads for minutes: between their pages nothing of the database is held."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, text

from bot.console import pages
from bot.handoff.exporters.cells import BOM
from bot.hours import day_of
from models import Figure
from models.database import reading, writing
from tests.conftest import Clock
from tests.console_house import BASTAR, Browser, Console, console
from tests.test_console_listings import sells

LINES = 7


@pytest.fixture
def desk(db: Engine, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Console:
    monkeypatch.setattr(pages, "IN_A_FILE", 2)
    made = console(db, clock, tmp_path)
    made.rep(1)
    for number in range(LINES):
        sells(made, 50 + number)
        count(made, f"slot_{number}")
    return made


def count(desk: Console, key: str, **more: Any) -> None:
    row = {"what": "asked", "key": key, "count": 1, "district": BASTAR, "day": day_of(desk.clock())}
    with writing(desk.db) as conn:
        conn.execute(insert(Figure).values(row | more))


def slowly(browser: Browser, path: str) -> Iterator[str]:
    """The file piece by piece, each taken only when the phone is ready for it."""
    answer = browser.get(path, buffered=False)
    assert answer.status_code == 200
    return (piece.decode() for piece in answer.iter_encoded())


FILES = ["listings.csv", "listings.flipkart", "listings.ondc", "figures.csv"]


@pytest.mark.parametrize("path", FILES)
def test_a_slow_phone_holds_nothing(desk: Console, path: str) -> None:
    """At no piece is a connection out of the pool, and SQLite's journal can be folded into its file."""
    pieces, rep = 0, desk.enter(1)
    for _piece in slowly(rep, f"/console/{path}"):
        pieces += 1
        assert desk.db.pool.checkedout() == 0  # type: ignore[attr-defined]
        count(desk, f"meanwhile_{pieces}", district="elsewhere")
        if desk.db.dialect.name == "sqlite":
            with desk.db.connect() as conn:
                busy, left, folded = conn.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()
            assert (busy, left, folded) == (0, 0, 0)
    assert pieces >= LINES


def test_a_long_transaction_would_be_seen(sqlite_db: Engine) -> None:
    """The one who looks is not blind: a reader that stays keeps SQLite's journal from being folded."""
    with reading(sqlite_db) as conn:
        conn.execute(text("SELECT count(*) FROM figure")).one()
        assert sqlite_db.pool.checkedout() == 1  # type: ignore[attr-defined]
        with writing(sqlite_db) as other:
            other.execute(text("CREATE TABLE meanwhile (id INTEGER)"))
        with sqlite_db.connect() as other:
            other.exec_driver_sql("PRAGMA busy_timeout = 100")
            busy, _, _ = other.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).one()
        assert busy == 1


def test_no_line_is_lost_or_twice(desk: Console) -> None:
    """Over days, districts and keys that share their beginnings each line stands once, in its order."""
    for ago in (1, 2):
        day = day_of(desk.clock()) - timedelta(days=ago)
        for what, key in (("asked", "slot_1"), ("asked", "slot~1"), ("stands", "slot_1"), ("started", "")):
            count(desk, key, what=what, day=day)
    count(desk, "taken_back", count=0)
    body = "".join(slowly(desk.enter(1), "/console/figures.csv"))
    rows = [tuple(row[:4]) for row in list(csv.reader(StringIO(body.removeprefix(BOM))))[1:]]
    assert len(rows) == len(set(rows)) == LINES + 8
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)


def test_what_comes_meanwhile_takes_no_line_away(desk: Console) -> None:
    """A listing that is made while the file goes out moves none of the others."""
    pieces = slowly(desk.enter(1), "/console/listings.csv")
    begun = [next(pieces), next(pieces)]
    sells(desk, 90)
    body = "".join([*begun, *pieces])
    numbers = [row["number"] for row in csv.DictReader(StringIO(body.removeprefix(BOM)))]
    assert numbers == [str(1050 + each) for each in reversed(range(LINES))]

"""Listings of one block: whose names can be chosen, and that each spelling finds them."""

from __future__ import annotations

import csv
import re
from io import StringIO
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import Engine

from bot.handoff.exporters.cells import BOM
from tests.conftest import Clock
from tests.console_house import BASTAR, DURG, Browser, Console, console, with_reps
from tests.test_console_listings import LIST, numbers, sells


@pytest.fixture
def desk(db: Engine, clock: Clock, tmp_path: Path) -> Console:
    return with_reps(console(db, clock, tmp_path))


def blocks_of(browser: Browser, **query: str) -> list[str]:
    page = browser.get(LIST, query_string=query).text
    return re.findall(
        "<option[^v>]*>([^<]+)</option>", page.partition('id="f-block"')[2].partition("</select")[0]
    )


def test_by_block(desk: Console) -> None:
    """In whatever script she said it; the files have the same, and the pages that follow."""
    for number, block in enumerate(("दरभा", "Darbha", "बस्तर", None, "पाटन"), 50):
        sells(desk, number, district=DURG if block == "पाटन" else BASTAR, block=block)
    rep = desk.enter(1)
    assert len(blocks_of(rep)) == 2 and "बस्तर" in blocks_of(rep) and "पाटन" not in blocks_of(rep)
    for asked in ("दरभा", "Darbha"):
        page = rep.get(LIST, query_string={"block": asked}).text
        assert numbers(page) == ["1051", "1050"] and f"block={quote(asked)}" in page
    rows = csv.DictReader(StringIO(rep.get(f"{LIST}.csv?block=Darbha").text.removeprefix(BOM)))
    assert [row["number"] for row in rows] == ["1051", "1050"]
    assert numbers(rep.get(LIST, query_string={"block": "'; -- <b>"}).text) == []


def test_whose_blocks_can_be_chosen(desk: Console) -> None:
    """Those of people she sees, her own blocks if she has some; for an admin those of a district."""
    for number, block in enumerate(("दरभा", "तोकापाल", "पाटन"), 50):
        sells(desk, number, district=DURG if block == "पाटन" else BASTAR, block=block)
    desk.rep(5, blocks=["दरभा"])
    desk.rep(6, "lead", blocks=["दरभा"])
    assert blocks_of(desk.enter(5)) == ["दरभा"] and blocks_of(desk.enter(2)) == ["पाटन"]
    assert sorted(blocks_of(desk.enter(6))) == ["तोकापाल", "दरभा"]
    assert blocks_of(desk.enter(3)) == [] and blocks_of(desk.enter(3), district=DURG) == ["पाटन"]
    assert blocks_of(desk.enter(1), district=DURG) == []

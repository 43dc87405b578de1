"""Numbers that people look at: of one's own districts and of all, for a period, as a page and as a file."""

from __future__ import annotations

import csv
import re
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, insert

from bot.handoff.exporters.cells import BOM, cell
from bot.hours import day_of
from models import Figure
from models.database import writing
from tests.conftest import Clock
from tests.console_house import BASTAR, DURG, Console, console


@pytest.fixture
def desk(db: Engine, clock: Clock, tmp_path: Path) -> Console:
    made = console(db, clock, tmp_path)
    made.rep(1)
    made.rep(2, "lead", districts=[DURG])
    made.rep(3, "admin", districts=[])
    return made


def counted(desk: Console, what: str, key: str, count: int, district: str = BASTAR, ago: int = 0) -> None:
    row: dict[str, Any] = {"what": what, "key": key, "count": count, "district": district}
    with writing(desk.db) as conn:
        conn.execute(insert(Figure).values(**row, day=day_of(desk.clock()) - timedelta(days=ago)))


def numbers(page: str) -> list[str]:
    """The large numbers of the page, in order."""
    return [part.partition("</dd>")[0] for part in page.split("<dd>")[1:7]]


def test_the_page_of_ones_districts(desk: Console) -> None:
    """Other districts are not in it, and those without one only for who sees such people."""
    for what, key, count in (("started", "", 9), ("finished", "", 6), ("messages", "8", 5)):
        counted(desk, what, key, count)
    counted(desk, "messages", "12", 1)
    counted(desk, "started", "", 4, DURG)
    counted(desk, "started", "", 2, "")
    assert numbers(desk.enter(1).get("/console/figures").text)[:3] == ["9", "6", "8"]
    assert numbers(desk.enter(2).get("/console/figures").text)[0] == "6"
    assert numbers(desk.enter(3).get("/console/figures").text)[0] == "15"


def test_everybody_may_see_the_sum_of_all(desk: Console) -> None:
    """Sums only: of other districts neither the places nor the lines of the file."""
    counted(desk, "started", "", 9)
    counted(desk, "started", "", 4, DURG)
    counted(desk, "listing", "dhokra|धमधा", 1, DURG)
    page = desk.enter(1).get("/console/figures?all=1").text
    assert numbers(page)[0] == "13" and "धमधा" not in page
    assert DURG not in desk.enter(1).get("/console/figures.csv?all=1").text
    assert DURG in desk.enter(3).get("/console/figures.csv?all=1").text


WHOLE = "पूरे ज़िले के हैं"


def test_a_rep_of_one_block(desk: Console) -> None:
    """What is counted by block she sees of her own only; of the rest the page says whose it is."""
    desk.rep(4, blocks=["बकावंड"])
    desk.rep(5, "lead", blocks=["बकावंड"])
    for block, total in (("बकावंड", 3), ("बकावण्ड", 1), ("तोकापाल", 5), ("", 7)):
        counted(desk, "listing", f"dhokra|{block}", total)
    counted(desk, "started", "", 40)
    page, file = (desk.enter(4).get(f"/console/figures{kind}").text for kind in ("", ".csv"))
    assert WHOLE in page and numbers(page)[0] == "40"
    assert "तोकापाल" not in page + file and file.count("dhokra|") == 3
    assert page.count("बकावंड</small>") == page.count("बकावण्ड</small>") == 1
    assert "विकासखंड पता नहीं" in page
    for number in (1, 5):
        page = desk.enter(number).get("/console/figures").text
        assert WHOLE not in page and "तोकापाल" in page
    assert WHOLE not in desk.enter(4).get("/console/figures?all=1").text


@pytest.mark.parametrize(("days", "expected"), [("7", "1"), ("30", "3"), ("0", "7"), ("8", "3"), ("x", "3")])
def test_a_period(desk: Console, days: str, expected: str) -> None:
    """Today counts; what is no period is the usual one."""
    for ago, count in ((6, 1), (29, 2), (400, 4)):
        counted(desk, "started", "", count, ago=ago)
    assert numbers(desk.enter(1).get("/console/figures", query_string={"days": days}).text)[0] == expected


@pytest.mark.parametrize("days", ["0000999999999", "0007" + "9" * 12, "0" * 5000, "-7", "٧", "79999"])
def test_a_period_that_is_none(desk: Console, days: str) -> None:
    """However it is written it is the usual one, on the page and in the file."""
    counted(desk, "started", "", 3, ago=29)
    counted(desk, "started", "", 4, ago=400)
    rep = desk.enter(1)
    assert numbers(rep.get("/console/figures", query_string={"days": days}).text)[0] == "3"
    assert rep.get("/console/figures.csv", query_string={"days": days}).status_code == 200


def test_where_talks_stop(desk: Console) -> None:
    """The questions in their order, of how many asked, and how many stand there."""
    counted(desk, "started", "", 10)
    for slot, asked, stands in (("price", 6, 2), ("photos", 10, 1)):
        counted(desk, "asked", slot, asked)
        counted(desk, "stands", slot, stands)
    page = desk.enter(1).get("/console/figures").text
    assert page.index("फोटो<svg") < page.index("दाम<svg")
    assert '<rect width="60.0"' in page and '<td class="number stuck">2</td>' in page


def test_reasons_languages_crafts_and_places(desk: Console) -> None:
    """By their names, the largest first; hostile text of a block stays text."""
    counted(desk, "photo_refused", "dark", 3)
    counted(desk, "language", "hne", 2)
    counted(desk, "listing", "dhokra|<b>बड़े राजपुर", 2)
    page = desk.enter(1).get("/console/figures").text
    for word in ("अँधेरा", "छत्तीसगढ़ी", "ढोकरा", "&lt;b&gt;बड़े राजपुर", "बस्तर"):
        assert word in page, word
    assert "<b>बड़े" not in page and len(page.encode()) < 60 * 1024


def test_a_chart_is_a_table_for_who_cannot_see_it(desk: Console) -> None:
    """Each bar is only for the eye: its number stands in its row, and no two tables have one name."""
    counted(desk, "started", "", 10)
    for what, key in (
        ("asked", "price"),
        ("photo_refused", "dark"),
        ("language", "hne"),
        ("listing", "dhokra|"),
    ):
        counted(desk, what, key, 3)
    page = desk.enter(1).get("/console/figures").text
    bars = re.findall(r"<svg class=\"bar\"[^>]*>", page)
    assert len(bars) == 4 and all('aria-hidden="true"' in bar for bar in bars)
    assert (
        len(re.findall(r'<th scope="row">[^<]+<svg class="bar".*?</svg></th><td class="number">3', page)) == 4
    )
    called = re.findall(r'<table class="bars" aria-labelledby="(\S+) (\S+)"><caption id="(\S+)">', page)
    assert len(set(called)) == 4 and all(of == caption for _, of, caption in called)
    assert all(f'<h2 id="{heading}">' in page for heading, _, _ in called)


def test_an_empty_page_says_so(desk: Console) -> None:
    """Nothing counted is no error, and no share of nothing is told."""
    page = desk.enter(1).get("/console/figures").text
    assert numbers(page)[2:5] == ["–", "–", "–"]


def test_the_file_has_the_same(desk: Console) -> None:
    """A line each, of my districts only; a spreadsheet takes none of it for a formula."""
    counted(desk, "listing", "=cmd|' /C calc'!A0", 2)
    counted(desk, "started", "", 4, DURG)
    answer = desk.enter(1).get("/console/figures.csv")
    assert answer.mimetype == "text/csv" and answer.text.startswith(BOM)
    rows = list(csv.reader(StringIO(answer.text.removeprefix(BOM))))
    assert rows[1:] == [[str(day_of(desk.clock())), BASTAR, "listing", "'=cmd|' /C calc'!A0", "2"]]


@pytest.mark.parametrize("text", ["=1+1", "+91", "-2", "@x", "\tx", "\r=1", "  =1", "\x00=1"])
def test_no_cell_begins_a_formula(text: str) -> None:
    """Whatever stands in front of it."""
    assert cell(text).lstrip(" ").startswith("'") or not cell(text).lstrip().startswith(("=", "+", "-", "@"))


def test_plain_cells_stay_as_they_are() -> None:
    """Numbers are numbers, nothing is nothing, and a day is its date."""
    assert [cell(each) for each in (-5, 2.5, None, True, "ढोकरा", date(2026, 1, 5))] == [
        *("-5", "2.5", "", "yes", "ढोकरा", "2026-01-05")
    ]


def test_it_reads_the_counters_once(desk: Console) -> None:
    """One statement beside those of the session, however much was counted."""
    for number in range(30):
        counted(desk, "asked", f"slot_{number}", 1)
    browser, statements = desk.enter(1), []
    listen = lambda *args: statements.append(args[2])  # noqa: E731
    event.listen(desk.db, "before_cursor_execute", listen)
    try:
        browser.get("/console/figures")
    finally:
        event.remove(desk.db, "before_cursor_execute", listen)
    assert len([each for each in statements if "figure" in each]) == 1

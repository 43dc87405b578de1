"""Numbers that people look at: what was started and finished, where talks stop, what comes of it."""

from __future__ import annotations

from flask import Response, request
from flask.typing import ResponseReturnValue

from bot.console import figures as counted
from bot.console.figures import PERIODS
from bot.handoff.exporters.cells import csv_lines
from bot.hours import day_of
from bot.web.access import signed_in
from bot.web.console.guard import me
from bot.web.console.names import craft, language_name
from bot.web.console.room import console, show
from bot.web.house import house
from models.database import reading

USUAL = 30
HEAD = ("day", "district", "what", "which", "count")


@console.get("/figures")
@signed_in("rep")
def figures() -> ResponseReturnValue:
    """The page of one period, in my districts or everywhere."""
    opened, days, everywhere = house(), _days(), _everywhere()
    with reading(opened.db) as conn:
        found = counted.read(conn, me(), days, day_of(opened.clock()), everywhere)
    return show(
        "figures.html",
        figures=found,
        days=days,
        periods=PERIODS,
        everywhere=everywhere,
        of_whole_districts=not everywhere and counted.by_block(me()),
        craft=craft,
        language_name=language_name,
    )


@console.get("/figures.csv")
@signed_in("rep")
def figures_file() -> ResponseReturnValue:
    """The counters of the same period, a line each; of other districts only an admin has them."""
    opened, who, days = house(), me(), _days()
    everywhere = _everywhere() and who.role == "admin"
    today = day_of(opened.clock())
    rows = counted.rows(opened.db, who, days, today, everywhere)
    answer = Response(csv_lines(HEAD, rows), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f"attachment; filename=sangwari-figures-{today}.csv"
    return answer


def _days() -> int:
    given = request.args.get("days", "")
    return next((days for days in PERIODS if given == str(days)), USUAL)


def _everywhere() -> bool:
    return request.args.get("all") == "1"

"""Today: who needs a person, most pressing first."""

from __future__ import annotations

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.console import today as needs
from bot.console.pages import LARGEST_ID
from bot.web.access import signed_in
from bot.web.console.given import text, way_back, whole
from bot.web.console.guard import me
from bot.web.console.room import console, said, show
from bot.web.house import house
from models.database import reading, writing

GROUPS = (*needs.GROUPS, needs.STOPPED)


@console.get("/")
@signed_in("rep")
def today() -> ResponseReturnValue:
    """What there is to do for the people she may see: a few of each group."""
    opened, who = house(), me()
    with reading(opened.db) as conn:
        groups = {group: needs.needs(conn, who, group, opened.clock(), size=needs.SHOWN) for group in GROUPS}
        waiting = needs.transcripts_waiting(conn, who)
    return show("today.html", groups=groups, waiting=waiting, now=opened.clock())


@console.get("/today/<any(call, erase, stuck, silent, rest, stopped):group>")
@signed_in("rep")
def today_group(group: str) -> ResponseReturnValue:
    """All of one group, a page at a time."""
    opened, after = house(), request.args.get("after")
    with reading(opened.db) as conn:
        found = needs.needs(conn, me(), group, opened.clock(), after)
    return show("today_group.html", group=group, page=found, now=opened.clock())


@console.post("/people/<string:key>/done")
@signed_in("rep")
def tasks_done(key: str) -> ResponseReturnValue:
    """What was shown of one group for her is done; a note may say what came of it."""
    opened, group = house(), request.form.get("group", "")
    if group not in needs.GROUPS:
        abort(400)
    upto, note = whole("upto", LARGEST_ID), text("note", needs.LONGEST_NOTE)
    with writing(opened.db) as conn:
        if needs.done(conn, me(), key, group, upto, note, opened.clock()) is None:
            abort(404)
    back = way_back(request.form.get("next", ""), url_for("console.today"))
    return redirect(said(back, "done", f"done-{group}-{key}"), 303)

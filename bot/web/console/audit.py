"""What was done, by whom and to whom."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from bot.console import deeds
from bot.web.access import signed_in
from bot.web.console.given import sought
from bot.web.console.guard import me
from bot.web.console.room import console, show
from bot.web.house import house
from models.database import reading


@console.get("/audit")
@signed_in("lead")
def audit() -> ResponseReturnValue:
    """A page of deeds, the newest first; `key` is that of a person."""
    opened, key = house(), sought("key", 32)
    with reading(opened.db) as conn:
        page = deeds.deeds(conn, me(), request.args.get("after"), key)
    return show("audit.html", page=page, key=key)

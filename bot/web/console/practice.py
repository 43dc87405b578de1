"""Practice with a group: how it begins, who is how far, and what was told."""

from __future__ import annotations

import json

from flask.typing import ResponseReturnValue

from bot.console.practices import practices
from bot.web.access import signed_in
from bot.web.console.guard import me
from bot.web.console.room import console, show
from bot.web.house import house
from models.database import reading


@console.get("/practice")
@signed_in("rep")
def practice() -> ResponseReturnValue:
    """Who practises, and each product that was told in play within the last day."""
    opened = house()
    with reading(opened.db) as conn:
        found = practices(conn, opened.talk, me(), opened.clock())
    return show("practice.html", found=found, as_json=_as_json)


def _as_json(message: object) -> str:
    return json.dumps(message, ensure_ascii=False, indent=2)

"""What was done, by whom and to whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from bot.console import deeds
from bot.messages import Json
from bot.web.access import signed_in
from bot.web.console.given import sought
from bot.web.console.guard import me
from bot.web.console.names import district, slot_word
from bot.web.console.room import console, show
from bot.web.console.words import word_for
from bot.web.house import house
from models.database import reading


@console.get("/audit")
@signed_in("lead")
def audit() -> ResponseReturnValue:
    """A page of deeds, the newest first; `key` is that of a person."""
    opened, key = house(), sought("key", 32)
    with reading(opened.db) as conn:
        page = deeds.deeds(conn, me(), request.args.get("after"), key)
    return show("audit.html", page=page, key=key, told=told, about=about)


_VALUES: dict[str, Callable[[Any], str]] = {
    "slot": slot_word,
    "asks": slot_word,
    "flow": lambda flow: word_for("flow", flow),
    "kinds": lambda kinds: ", ".join(word_for("task", kind) for kind in kinds),
    "role": lambda role: word_for("role", role),
    "districts": lambda ids: ", ".join(map(district, ids)),
    "blocks": ", ".join,
    "cut": lambda sides: " ".join(f"{side}%" for side in sides),
    "field": lambda field: word_for("part", field),
    "reason": lambda reason: word_for("problem", reason),
    "everywhere": lambda everywhere: "✓" if everywhere else "",
    "tasks": lambda _ids: "",
}
"""How a page says what is kept of a deed; what is not here is shown as it is kept, an empty text not."""


def told(facts: Json | None) -> str:
    """What is kept of a deed: `सवाल: दाम`."""
    said = {name: _VALUES.get(name, str)(value) for name, value in (facts or {}).items()}
    return " · ".join(f"{word_for('fact', name)}: {value}" for name, value in said.items() if value)


def about(mark: str) -> str:
    """What a deed was about: `media:4` → `आवाज़ 4`."""
    kind, _, number = mark.partition(":")
    return f"{word_for('about', kind)} {number or kind}"

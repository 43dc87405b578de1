"""Today: who needs a person, most pressing first."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from bot.web.access import signed_in
from bot.web.console.room import console, show


@console.get("/")
@signed_in("rep")
def today() -> ResponseReturnValue:
    """What there is to do for the people she may see."""
    return show("today.html")

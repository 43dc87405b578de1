"""A draft left alone for 180 days: one last word, and a week later it goes with its photos and notes.

The days count from her own last word. `state["nudges"]["last"]` is when the last word was said (Unix
seconds); any word of hers takes it away, as it does the reminders.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

from bot import nudges
from bot.engine.stack import LISTING
from bot.messages import Json

LEFT_ALONE = timedelta(days=180)
GOES_AFTER = timedelta(days=7)
Due = Literal["last_word", "over"]
LAST_WORD: Due = "last_word"
OVER: Due = "over"


def is_draft(state: Json) -> bool:
    """Does she have a product half told?"""
    flows = {frame["flow"] for frame in state["stack"]}
    return bool(state["slots"].get("consent")) and LISTING in flows


def due(state: Json, last_inbound_at: datetime, now: datetime, reached: bool) -> Due | None:
    """What is to be done about it. Who is not to be `reached` loses it in silence, as late as others.

    Where the silence is ours (a note that nobody has heard yet, a person who has taken over) nothing is.
    """
    if not is_draft(state) or nudges.ours(state) or now < last_inbound_at + LEFT_ALONE:
        return None
    said = (state.get("nudges") or {}).get("last")
    if said is not None:
        return OVER if now >= datetime.fromtimestamp(said, UTC) + GOES_AFTER else None
    if reached:
        return LAST_WORD
    return OVER if now >= last_inbound_at + LEFT_ALONE + GOES_AFTER else None

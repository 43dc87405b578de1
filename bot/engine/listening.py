"""Does she listen or read? Voice first; who only writes gets text, and a word of hers settles it."""

from __future__ import annotations

from bot.engine.run import Run

HEARS = "whatsapp"
"""The channel that carries voice notes."""
CALL = "call"
"""The channel on which nothing can be read."""
ONLY_WRITES = 5
"""So many typed messages in a row, and she is taken for one who reads."""
MODES = ("voice", "text", "both")


def note_habit(run: Run) -> None:
    """Count what she typed in a row; a voice note begins the count anew, a pressed button says nothing."""
    if run.source.get("spoke"):
        run.state["typed"] = 0
    elif run.source.get("typed"):
        run.state["typed"] = run.state.get("typed", 0) + 1


def listens(run: Run) -> bool:
    """Is this turn said aloud as well?"""
    channel = run.source.get("channel")
    if channel != HEARS or run.source.get("written"):
        return channel == CALL
    mode = run.slots.get("reply_mode")
    return mode != "text" if mode else int(run.state.get("typed", 0)) < ONLY_WRITES


def set_mode(run: Run, mode: str) -> bool:
    """She says how she wants to be answered."""
    if mode not in MODES:
        return False
    run.set("reply_mode", mode)
    run.say(f"utter_reply_{mode}")
    return True

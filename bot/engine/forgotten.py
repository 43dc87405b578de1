"""A draft that nobody came back for: the talk as it stands without it."""

from __future__ import annotations

from bot.engine.library import Library
from bot.engine.stack import LISTING
from bot.engine.turn import new_state
from bot.messages import Json

_COUNTED = ("turn", "typed", "serial", "limits", "language_heard", "taken_over", "practice")
"""What goes on whatever is told."""
_HOUSE = ("listing_id", "listing_number", "offer_id")


def without_draft(library: Library, state: Json) -> Json:
    """What is known of her stays, with who said it; what she told of the piece goes, and nothing is asked."""
    gone = set(library.resets[LISTING]) | set(_HOUSE)
    for frame in state["stack"]:
        gone |= library.resets.get(frame["flow"], frozenset())
    kept = {slot: value for slot, value in state["slots"].items() if slot not in gone}
    said = {slot: known for slot, known in state["provenance"].items() if slot in kept}
    counted = {name: state[name] for name in _COUNTED if name in state}
    return new_state() | counted | {"slots": kept, "provenance": said}

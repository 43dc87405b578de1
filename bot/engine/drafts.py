"""A talk whose draft is given up for her: what is known of her stays, what was told of the piece goes."""

from __future__ import annotations

from bot.engine.library import Library
from bot.messages import Json, copy_json

OF_THE_DRAFT = ("listing_id", "listing_number")
EMPTY: Json = {
    **{name: [] for name in ("stack", "skipped", "unconfirmed", "options", "asked", "last", "notes")},
    **dict.fromkeys(("asks", "collect", "at")),
    **dict.fromkeys(("attempt", "failures"), 0),
}
PASSING = ("nudges", "photos_waiting", "held_at")


def without_drafts(library: Library, state: Json) -> Json:
    """The state with nothing under way; the same slots go as when she cancels each flow herself."""
    flows = [frame["flow"] for frame in state["stack"] if frame["flow"] in library.resets]
    going = set(OF_THE_DRAFT).union(*(library.resets[flow] for flow in flows))
    kept = {name: value for name, value in copy_json(state).items() if name not in PASSING}
    for name in ("slots", "provenance"):
        kept[name] = {slot: value for slot, value in kept[name].items() if slot not in going}
    kept.update(copy_json(EMPTY))
    return kept

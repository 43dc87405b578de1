"""A talk for practice: real in all that she sees, and nothing of it leaves the talk.

`state["practice"]` is `{"by": "rep:<id>", "at", "real"}`: who began it, when (Unix seconds), and the state of
her real talk, which waits in there and comes back as it was. `state["practised"]` is the product that she
told last: `{"at", "slots", "provenance"}`, for the rep to show the group, for a day.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.engine.stack import LISTING
from bot.engine.turn import new_state
from bot.messages import Json

KEY = "practice:"
LASTS = timedelta(days=1)
OF_HERS = ("language", "consent", "consent_version", "seller_name", "village", "district", "reply_mode")
"""What the talk knows of her in practice too; nobody is asked for consent in play."""
NOT_NUMBERED: Json = {"listing_id": "practice", "listing_number": 0}
"""So that no number of the real listings is used up."""
SHARED = ("limits", "typed", "turn", "shared")
"""What she has sent and been sent counts, whatever it was for."""
HARMLESS = ("accept_photos",)
"""Deeds of a talk that nobody outside hears of."""
_ENOUGH = re.compile(
    r"\W*(अभ्यास|अभियास|प्रैक्टिस|abhyas|practice)\s+(बंद|खतम|खत्म|band|khatam|khatm|over|end|stop)(\s+\S+)?\W*",
    re.I,
)


def unique_key(seller_id: int) -> str:
    """Of the job that ends it after a day."""
    return f"{KEY}{seller_id}"


def begin(state: Json, by: str, now: datetime) -> Json:
    """A state in which nothing was told yet."""
    slots = {name: value for name, value in state["slots"].items() if name in OF_HERS}
    fresh = new_state() | {"slots": slots | NOT_NUMBERED} | _shared(state)
    state.pop("practised", None)
    return fresh | {"practice": {"by": by, "at": now.timestamp(), "real": state}}


def over(state: Json) -> Json:
    """The real talk again."""
    real: Json = state["practice"]["real"]
    return real | _shared(state)


def _shared(state: Json) -> Json:
    return {name: state[name] for name in SHARED if name in state}


def real(state: Json) -> Json:
    """Her real talk, also while she practises."""
    return dict((state.get("practice") or {}).get("real") or state)


def ends_at(state: Json) -> datetime | None:
    """When it ends by itself; None outside of practice."""
    now = state.get("practice")
    return datetime.fromtimestamp(now["at"], UTC) + LASTS if now else None


def told(state: Json, event: Json, now: datetime) -> Json:
    """The real talk with the product of this hand-over kept beside it."""
    told_so_far = {name: event[name] for name in ("slots", "provenance")}
    return state | {"practised": told_so_far | {"at": now.timestamp()}}


def forgotten_at(state: Json) -> datetime | None:
    """When the product that she told is shown no longer; None where there is none."""
    last = state.get("practised")
    return datetime.fromtimestamp(last["at"], UTC) + LASTS if last else None


def enough(text: str) -> bool:
    """Does she say that she has practised enough?"""
    return _ENOUGH.fullmatch(text[:60]) is not None


def finished(state: Json) -> bool:
    """Is there no listing any more that is told in practice?"""
    return all(frame["flow"] != LISTING for frame in state["stack"])


def kept_inside(events: Sequence[Json]) -> list[Json]:
    """What happened, without the deeds that would reach anybody."""
    return [event for event in events if event["event"] != "custom" or event.get("do") in HARMLESS]


def marked(event: Json, mark: str) -> Json:
    """A bubble that says first that it is practice, to the eye and to the ear."""
    if event["event"] != "bot":
        return event
    new = event | {"text": f"{mark} {event['text']}", "practice": True}
    if event.get("speak"):
        new["speak"] = [{"utter": "utter_practice_mark", "variation": 0, "text": mark}, *event["speak"]]
    if event.get("parts"):
        first, *rest = event["parts"]
        new["parts"] = [first | {"text": f"{mark} {first['text']}"}, *rest]
    return new

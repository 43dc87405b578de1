"""When a silent draft is reminded: after four hours, after two days, then a rep hears of it; never more.

Only the talk's state decides, on the revision that the reminder is then written on. `state["nudges"]` is
`{"sent", "since", "alone"}` from the first reminder to her next word, which takes it away: how many were
sent, when the silence began (Unix seconds), and whether the last one left its question out. `"rep"` is set
in it once a rep was told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from bot.channels import ways
from bot.engine.stack import ENTRY, LISTING
from bot.engine.wishes import OF_A_DRAFT
from bot.hours import by_day, may_write
from bot.messages import Json

FIRST = timedelta(hours=4)
LATER = timedelta(days=1)
"""Who said "later" is not asked again on the same day."""
SECOND = timedelta(days=2)
TO_REP = timedelta(days=1)
"""So long after the second reminder a person takes over."""
SOON = timedelta(minutes=10)
"""So soon it is tried again when something kept a due step from being taken."""
OLD = timedelta(days=180)
"""So long after her last word a draft is old: she hears so, once."""
GRACE = timedelta(days=7)
"""So long after that word the draft and its photos are deleted."""
OldDraft = Literal["last_word", "expire"]
MOST = 2
WINDOW = ways.WINDOW - timedelta(minutes=30)
"""So long after her last word a free message to WhatsApp is planned; sending it takes a moment too."""
LATER_KEY = 2
"""Beside 1, which goes on, below every line that leads back to the talk."""
NUDGED = frozenset({LISTING})
"""Flows whose open question is worth a reminder."""
NOT_A_DRAFT = frozenset({"hello", "profile"})
"""What stands above it while she has not agreed yet, and once it is handed over."""
_MONEY = re.compile(r"₹|\bRs\b")


@dataclass(frozen=True, slots=True)
class Step:
    """What comes next for a silent draft, and when. `to_rep`: not a message to her, a task for a rep."""

    at: datetime
    to_rep: bool

    def due(self, now: datetime) -> bool:
        """A late worker does not make the night a day."""
        return self.at <= now and (self.to_rep or may_write(now))


def unique_key(seller_id: int) -> str:
    """Of the job that looks after this seller's drafts."""
    return f"nudge:{seller_id}"


def watched(state: Json) -> bool:
    """Is there a draft that may fall silent, and that no rep has been told of yet?"""
    flows = [frame["flow"] for frame in state["stack"]]
    agreed = bool(state["slots"].get("consent")) and NOT_A_DRAFT.isdisjoint(flows)
    if state.get("practice"):
        return False
    return agreed and not NUDGED.isdisjoint(flows) and not state.get("nudges", {}).get("rep")


def end_of_old(state: Json, last_inbound_at: datetime, now: datetime) -> OldDraft | None:
    """What is due for a draft that she left alone for half a year: one last word by day, then its end."""
    flows = {frame["flow"] for frame in state["stack"]}
    if LISTING not in flows or not state["slots"].get("consent") or last_inbound_at > now - OLD:
        return None
    told = (state.get("nudges") or {}).get("last_word")
    if told is None:
        return "last_word" if may_write(now) else None
    return "expire" if datetime.fromtimestamp(told, UTC) <= now - GRACE else None


def asks_about_it(state: Json) -> bool:
    """Is the open question the draft's own, not one of something that came between?"""
    between = [frame["flow"] for frame in state["stack"] if frame["kind"] in ("regular", "interrupt")]
    return between[-1:] != [] and between[-1] in NUDGED


def ours(state: Json) -> bool:
    """Is the silence ours? Nothing is asked, notes or photos are on their way, a rep talks, or it is play."""
    unheard = any(not note.get("dropped") for note in state.get("notes", ()))
    waits = state.get("photos_waiting") or state.get("limits", {}).get("held")
    return bool(state["asks"] is None or unheard or waits or state.get("taken_over") or state.get("practice"))


def reminded_of(state: Json) -> bool:
    """Is there a draft, and something in it that she can be reminded of?"""
    agreed = watched({**state, "nudges": {}})
    return agreed and any(state["slots"].get(slot) for slot in OF_A_DRAFT)


def next_step(state: Json, updated_at: datetime, seller_id: int) -> Step | None:
    """What comes next if she says no word; None when there is nothing to look after.

    `updated_at` is when the talk last moved: her word, an answer of ours to it, or a reminder.
    """
    if not watched(state):
        return None
    nudges = state.get("nudges") or {}
    sent, since = nudges.get("sent", 0), silent_since(state, updated_at)
    if not any(state["slots"].get(slot) for slot in OF_A_DRAFT):
        # Nothing is kept that she could be reminded of, but she did want to sell.
        return Step(since + SECOND + TO_REP, to_rep=True)
    if sent >= MOST:
        return Step(updated_at + TO_REP, to_rep=True)
    if sent:
        return Step(by_day(max(since + SECOND, updated_at + FIRST), seller_id), to_rep=False)
    wait = LATER if _said_later(state) else FIRST
    return Step(by_day(since + wait, seller_id), to_rep=False)


def silent_since(state: Json, updated_at: datetime) -> datetime:
    """When the silence began: at the first reminder the talk had stood since `updated_at`."""
    began = (state.get("nudges") or {}).get("since")
    return updated_at if began is None else datetime.fromtimestamp(began, UTC)


def names_money(events: Sequence[Json]) -> bool:
    """Does a message of this turn name an amount, or offer one on a button? The phone is shared."""
    said = [event for event in events if event["event"] == "bot"]
    texts = [event["text"] for event in said]
    texts += [button["title"] for event in said for button in event["buttons"]]
    return any(_MONEY.search(text) for text in texts)


def meant(state: Json, commands: Sequence[Json]) -> Sequence[Json]:
    """What her typed answer to a reminder without its question means: going on or not, never the question.

    The question may be whether to sell at a price, or to throw the draft away: she has not heard it now.
    """
    names = [command["command"] for command in commands]
    if len(names) != 1:
        return commands
    value = commands[0].get("value") if commands[0].get("slot") == state["asks"] else None
    if names[0] in ("affirm", "skip_question") or value is True:
        return [{"command": "start_flow", "flow": LISTING}]
    if names[0] == "deny" or value is False:
        return [{"command": "later"}]
    return commands


def begins_anew(state: Json, last_inbound_at: datetime) -> None:
    """Her very first words, after a greeting that reached her by no way: to her nothing has been said yet, so
    she is greeted, and they answer no question. What others told of her stays.
    """
    if not state.get("unreached") or last_inbound_at.timestamp() > 0 or state["slots"].get("consent_version"):
        return
    state["stack"] = [frame for frame in state["stack"] if frame["flow"] not in (ENTRY, "hello")]
    state.update(asks=None, collect=None, attempt=0, failures=0, options=[], last=[])


def led_back(state: Json, text: str, commands: Sequence[Json]) -> Sequence[Json]:
    """What she means who read only a line that leads back to the talk, with 1 for yes and 2 for later.

    A bare key or a yes is no answer to the open question, which she has not seen: it is asked again.
    """
    key = text.strip()
    if key.isdecimal() and len(key) == 1:
        return [{"command": "later" if int(key) == LATER_KEY else "greet"}]
    going = [{"command": "start_flow", "flow": LISTING}]
    return [{"command": "greet"}] if meant(state, commands) == going else meant(state, commands)


def _said_later(state: Json) -> bool:
    return any(bubble["utter"] == "utter_later" for bubble in state["last"])

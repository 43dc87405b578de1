"""Two talks of one person become one: which of them goes on, and what of the other is kept. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.engine.stack import LISTING
from bot.engine.wishes import OF_A_DRAFT
from bot.messages import Json, copy_json
from bot.practice import real

OF_HERS = (
    *("language", "seller_name", "village", "district", "seller_kind", "group_name", "block", "pincode"),
    *("gstin", "reply_mode", "last_question_on", "first_listed_on", "declined"),
)
"""What is known of her and not of a piece: the kept seller's answer counts, else the other's."""
_CONSENT = ("consent", "consent_version")
_LATEST = ("full", "pace")
"""Moments until which she is slowed down: the later one holds."""
_ADDED = ("came", "held")


@dataclass(frozen=True, slots=True)
class Agreed:
    """Her newest answer to the notice of either, and the version that she last said yes to."""

    now: bool
    version: str | None


@dataclass(frozen=True, slots=True)
class Merged:
    """`state` goes on; `of_kept`: it is the kept seller's talk. `second`: the other draft, if any."""

    state: Json
    of_kept: bool
    second: Json | None


def merged(kept: Json, gone: Json, agreed: Agreed, *, stopped: bool) -> Merged:
    """The kept one's talk goes on, unless only the gone one's holds a draft. Practice is over for both."""
    mine, others = copy_json(_real(kept)), copy_json(_real(gone))
    of_kept = has_draft(mine) or not has_draft(others)
    state, other = (mine, others) if of_kept else (others, mine)
    state["slots"] |= _told(mine["slots"], others["slots"])
    for slot in OF_HERS:
        known = mine["provenance"].get(slot) or others["provenance"].get(slot)
        if known:
            state["provenance"][slot] = known
    _agree(state["slots"], agreed)
    limits = _limits(kept.get("limits") or {}, gone.get("limits") or {})
    if limits:
        state["limits"] = limits
    taken = kept.get("taken_over") or gone.get("taken_over")
    state.pop("taken_over", None)
    if taken and not stopped:
        media = [each for one in (kept, gone) for each in (one.get("taken_over") or {}).get("media", ())]
        state["taken_over"] = taken | {"media": media}
    phones = {**(gone.get("shared") or {}), **(kept.get("shared") or {})}
    if phones:
        state["shared"] = phones
    if kept.get("unreached") or gone.get("unreached"):
        state["unreached"] = True  # the task to call her is hers now too: her next word closes it
    if stopped:
        # What was said before a stop is no wish to begin again.
        for name in ("held", "again", "told"):
            state.get("limits", {}).pop(name, None)
    return Merged(state, of_kept, _draft(other) if has_draft(other) else None)


def has_draft(state: Json) -> bool:
    """Has she told or shown anything of a piece that is not handed over?"""
    running = any(frame["flow"] == LISTING for frame in state["stack"])
    return running and any(state["slots"].get(slot) for slot in (*OF_A_DRAFT, "category"))


def _real(state: Json) -> Json:
    return real(state) | {name: state[name] for name in ("turn", "typed") if name in state}


def _told(mine: Json, others: Json) -> Json:
    return {
        slot: mine[slot] if mine.get(slot) is not None else others[slot]
        for slot in OF_HERS
        if mine.get(slot) is not None or others.get(slot) is not None
    }


def _draft(state: Json) -> Json:
    """All answers of a talk, with who said them; what is known of her stands in the other talk."""
    apart = (*OF_HERS, *_CONSENT)
    slots = {slot: value for slot, value in state["slots"].items() if slot not in apart}
    said = {slot: known for slot, known in state["provenance"].items() if slot in slots}
    return {"slots": slots, "provenance": said}


def _agree(slots: Json, agreed: Agreed) -> None:
    for slot in _CONSENT:
        slots.pop(slot, None)
    if agreed.version is not None:
        # A no after a yes leaves the version, so that it is no refusal of a stranger, whose all is deleted.
        slots["consent_version"] = agreed.version
    if agreed.now:
        slots["consent"] = True


def _limits(mine: Mapping[str, Any], others: Mapping[str, Any]) -> Json:
    """What she has sent and been sent today, by both ways together."""
    newer, older = (mine, others) if mine.get("day", "") >= others.get("day", "") else (others, mine)
    found: Json = dict(newer)
    same_day = mine.get("day") == others.get("day")
    for name in _LATEST:
        if name in older:
            found[name] = max(found.get(name, 0.0), older[name])
    for name in _ADDED if same_day else ("held",):
        if older.get(name):
            found[name] = found.get(name, 0) + older[name]
    again = [each["again"] for each in (mine, others) if each.get("again")]
    if again:
        found["again"] = min(again)
    if same_day:
        sent = dict(newer.get("sent") or {})
        for channel, bubbles in (older.get("sent") or {}).items():
            sent[channel] = sent.get(channel, 0) + bubbles
        if sent:
            found["sent"] = sent
    return found

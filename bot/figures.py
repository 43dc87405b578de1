"""What a message adds to the figures that people look at. Pure: a talk goes in, a talk and counts come out.

A talk is counted by what is true of it now: when that changes, the old counts are taken back and the new ones
put in. So it does not matter how many messages are counted at once, and a district that becomes known at the
end of a talk is that of the whole talk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from bot.hours import day_of
from bot.messages import Json

FLOW = "list_product"
ASKS = "utter_ask_"
QUESTIONS = (
    *("photos", "product_name", "category", "price", "price_per", "stock", "size"),
    *("seller_name", "village", "district", "confirm_listing"),
)
"""The questions of a listing in the order in which they are asked; others are counted as `other`."""
FORMS = ("text", "voice", "photo", "button", "call")
"""Ways to say something that are counted."""
PLACES = ("district", "block", "language")
LONGEST_MINUTES = 7 * 24 * 60
Key = tuple[date, str, str, str]
"""Day, district, what, which one: a row of the table of figures."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One inbound message with what its turn did: `events`; of the photos it told of, what was wrong."""

    kind: str
    at: datetime
    events: tuple[Json, ...]
    photos: int = 0
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Talk:
    """What is counted of a seller: her last talk about one product, and where and how she speaks.

    `began` is empty before her first talk. `asked` are its questions in the order they first came, `last` the
    open one. `forms`, `refused`: how often each. `made`: what came of it, `craft|block`.
    """

    district: str = ""
    language: str = ""
    block: str = ""
    began: str = ""
    asked: tuple[str, ...] = ()
    last: str = ""
    forms: tuple[tuple[str, int], ...] = ()
    photos: int = 0
    refused: tuple[tuple[str, int], ...] = ()
    ended: str = ""
    outcome: str = ""
    made: str = ""

    def as_json(self) -> Json:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Talk:
        pairs = {name: tuple((key, count) for key, count in value[name]) for name in ("forms", "refused")}
        return cls(**{**value, **pairs, "asked": tuple(value["asked"])})


def counts(talk: Talk) -> Counter[Key]:
    """All that stands in the figures because of this talk."""
    if not talk.began:
        return Counter()
    began = datetime.fromisoformat(talk.began)
    found: Counter[tuple[str, str]] = Counter({("started", ""): 1, ("photo", ""): talk.photos})
    found.update({("asked", slot): 1 for slot in talk.asked})
    found.update({("form", kind): count for kind, count in talk.forms})
    found.update({("photo_refused", problem): count for problem, count in talk.refused})
    if talk.outcome == "finished":
        minutes = (datetime.fromisoformat(talk.ended) - began).total_seconds() // 60
        found["finished", ""] += 1
        found["messages", str(sum(count for _kind, count in talk.forms))] += 1
        found["minutes", str(min(int(minutes), LONGEST_MINUTES))] += 1
        found["language", talk.language] += 1
        found["listing", talk.made] += 1
    else:
        found[talk.outcome or "stands", talk.last] += 1
    day = day_of(began)
    return Counter({(day, talk.district, *key): count for key, count in found.items() if count})


def count_message(talk: Talk, heard: Heard) -> tuple[Talk, Counter[Key]]:
    """What is known of her after this message, and what it adds to the figures; below zero: takes back."""
    found: Counter[Key] = Counter()
    before, talk = talk, _said(talk, heard)
    for event in heard.events:
        if event["event"] == "flow_started" and event["flow"] == FLOW:
            # The talk before stays in the figures as it was left.
            found.update(_change(before, talk))
            before = Talk()
            talk = Talk(talk.district, talk.language, talk.block, began=heard.at.isoformat())
            talk = _said(talk, heard)
        else:
            talk = _after(talk, event, heard.at)
    found.update(_change(before, talk))
    return talk, found


def _change(before: Talk, after: Talk) -> Counter[Key]:
    found = counts(after)
    found.subtract(counts(before))
    return found


def _said(talk: Talk, heard: Heard) -> Talk:
    """Her message counts for the talk that is open."""
    if not talk.began or talk.outcome:
        return talk
    forms = Counter(dict(talk.forms))
    if heard.kind in FORMS:
        forms[heard.kind] += 1
    refused = Counter(dict(talk.refused))
    refused.update(heard.refused)
    return replace(
        talk,
        forms=tuple(sorted(forms.items())),
        photos=talk.photos + heard.photos,
        refused=tuple(sorted(refused.items())),
    )


def _after(talk: Talk, event: Json, at: datetime) -> Talk:
    what = event["event"]
    if what == "slot" and event["name"] in PLACES and isinstance(event["value"], str):
        place: dict[str, Any] = {event["name"]: event["value"][:100]}
        return replace(talk, **place)
    if not talk.began or talk.outcome:
        return talk
    if what == "bot":
        return _asked(talk, event)
    if what == "custom" and event.get("do") == "hand_over":
        made = f"{event['slots'].get('category') or ''}|{talk.block}"
        return replace(talk, outcome="finished", ended=at.isoformat(), made=made)
    if what == "flow_cancelled" and event["flow"] == FLOW:
        return replace(talk, outcome="cancelled", ended=at.isoformat())
    return talk


def _asked(talk: Talk, event: Json) -> Talk:
    for part in event.get("parts") or (event,):
        slot = _question(part["utter"])
        if slot:
            asked = talk.asked if slot in talk.asked else (*talk.asked, slot)
            talk = replace(talk, asked=asked, last=slot)
    return talk


def _question(utter: str) -> str:
    """The question that a response asks; empty for one that asks nothing."""
    if not utter.startswith(ASKS):
        return ""
    name = utter.removeprefix(ASKS)
    known = [slot for slot in QUESTIONS if name == slot or name.startswith(f"{slot}_")]
    return max(known, key=len, default="other")


def median(histogram: Mapping[int, int]) -> float | None:
    """The middle value of so many of each; None of none."""
    total = sum(histogram.values())
    if total <= 0:
        return None
    middle = ((total - 1) // 2, total // 2)
    return sum(_at(histogram, place) for place in middle) / 2


def _at(histogram: Mapping[int, int], place: int) -> int:
    seen = 0
    for value, count in sorted(histogram.items()):
        seen += count
        if seen > place:
            return value
    raise ValueError("a place behind the last value")

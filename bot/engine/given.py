"""What somebody else says of her: taken as answers, which count only when she has heard them and said yes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from bot.engine.fill import accept
from bot.engine.library import Library
from bot.engine.run import Act, Run
from bot.engine.stack import ABOUT_HER, LISTING
from bot.hours import day_of
from bot.language.asks import asked
from bot.language.lexicon import Lexicon
from bot.language.understand import understand
from bot.messages import Json, copy_json

NOT_FOR_HER = ("open", "bool", None)
"""Kinds of answers that nobody gives in her place; what the piece is called is the one open one that is."""


def take_given(run: Run, commands: Sequence[Json]) -> list[Json]:
    """Fill what she has not said herself; answers the other commands.

    What its check refuses is left out without a word: she never said it. Nothing of it is an answer of this
    message, so it is read to her with all the rest.
    """
    for command in commands:
        if command["command"] == "given":
            for slot, value in command["slots"].items():
                if run.slots.get(slot) is None:
                    _take(run, slot, value)
    return [command for command in commands if command["command"] != "given"]


def correctable(library: Library, state: Json) -> list[str]:
    """Slots for which somebody else may say another value, in the order in which the talk asks for them.

    Consent, a yes and photos are hers alone. Of a listing only while it is told; what is known of her always.
    """
    if not state["slots"].get("consent"):
        return []
    flows = [ABOUT_HER, *(frame["flow"] for frame in state["stack"] if frame["flow"] == LISTING)]
    words = library.wording(None).words["slots"]
    return [slot for slot in words if _for_her(slot) and any(library.locate(flow, slot) for flow in flows)]


def _for_her(slot: str) -> bool:
    return slot == "product_name" or (slot != "language" and asked(slot).kind not in NOT_FOR_HER)


def choices(library: Library, slot: str) -> list[str]:
    """The ids that this slot may hold, where they are few and have names."""
    wording = library.wording(None)
    known = wording.categories if slot == "category" else wording.words["values"].get(slot, {})
    return [str(each) for each in known]


def read(library: Library, lexicon: Lexicon, slot: str, text: str, language: str | None) -> object:
    """The value that these words are for this slot; None when they are none."""
    if text in choices(library, slot):
        return text
    heard = understand(text, slot, language, lexicon)
    told = (each for each in heard.commands if each["command"] == "set_slot" and each["slot"] == slot)
    return next((each["value"] for each in told), None)


class Judged(NamedTuple):
    """The value as its check leaves it; or `refusal`, the response that refuses it and its words."""

    value: object
    refusal: tuple[str, str] | None = None


def judged(library: Library, state: Json, command: Json, now: datetime, act: Act, facts: Json) -> Judged:
    """What its check says to this value in a talk that stands so. Nothing is changed."""
    slots = {**library.domain.initial, **state["slots"], **facts, "today": day_of(now).isoformat()}
    run = Run(library, copy_json(state), slots, now, act, {})
    if accept(run, command["slot"], command["value"], command["said"]):
        return Judged(run.slots[command["slot"]])
    said = run.bubbles[-1] if run.bubbles else None
    if said is None:
        return Judged(None, ("not_understood", ""))
    return Judged(None, (said.utter, library.wording(None).say(said.utter, run.slots, said.args).text))


def _take(run: Run, slot: str, value: object) -> None:
    bubbles = len(run.bubbles)
    accept(run, slot, value, str(value), confirm=slot != "language")
    del run.bubbles[bubbles:]
    run.rejected = False
    run.written.clear()

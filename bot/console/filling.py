"""What a rep fills in or corrects of a product after its hand-over: read and checked like its maker's answer.

It stands unconfirmed: the maker has not heard it. Refused with a `word` is a value that cannot be:
not_understood, same, private, or the response that refuses it, and then `text` says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from bot.console.changing import Desk, Refused, write
from bot.engine.catalogue import UNPLACED, Category
from bot.engine.given import choices, judged, read
from bot.engine.stack import LISTING
from bot.engine.turn import new_state
from bot.language.asks import asked
from bot.language.private_numbers import without_private_numbers
from bot.messages import Json
from bot.talk import Talk

FACTS = (
    *("product_name", "size", "length", "bangle_size", "net_weight", "weight", "pieces_in_set"),
    *("material", "colour", "purity", "wood", "hollow", "finish", "blouse_piece", "food_safe"),
    *("ingredients", "veg", "made_on", "best_before", "fssai"),
    *("making_days", "made_to_order", "care", "story", "pickup_place"),
)
"""Facts of a product that a rep may tell, in the order of the page."""
OF_ANY = ("product_name", "material", "colour")
"""Whatever the craft is: the title names them."""
LONGEST = 1000
"""Code points of one value."""
YES_NO = {"1": True, "2": False}
"""How yes and no are chosen, as on the printed menus."""


def fields(talk: Talk, slots: Json) -> list[str]:
    """The facts that may be told of this product: those of its category, and whatever else is known of it."""
    category = _category(talk, slots)
    wanted = {*OF_ANY, category.must_know, *category.questions}
    return [slot for slot in FACTS if slot in wanted or slots.get(slot) is not None]


def removable(talk: Talk, slots: Json) -> list[str]:
    """What may be taken away without a new value: all that a product can be handed over without."""
    kept = ("product_name", _category(talk, slots).must_know)
    return [slot for slot in fields(talk, slots) if slot not in kept and slots.get(slot) is not None]


def options(talk: Talk, slot: str) -> Sequence[str]:
    """What can be chosen for this slot, as it is sent; none where it is told in words."""
    return tuple(YES_NO) if asked(slot).kind == "bool" else choices(talk.library, slot)


def fill(desk: Desk, slot: str, text: str) -> None:
    """Another value of one fact, in the rep's words or one of its options."""
    if without_private_numbers(text) != text:
        raise Refused("private")
    # Words that were chosen and not typed are nobody's.
    said = None if text in options(desk.talk, slot) else text

    def change(row: Row[Any]) -> Json:
        if slot not in fields(desk.talk, row.slots):
            raise Refused("wrong")
        return {slot: _value(desk, row, slot, text)}

    write(desk, "listing_filled", change, {"slot": slot}, said=said, confirmed=False)


def take_away(desk: Desk, slot: str) -> None:
    """Nothing is known of it any more."""

    def change(row: Row[Any]) -> Json:
        if slot not in removable(desk.talk, row.slots):
            raise Refused("wrong")
        return {slot: None}

    write(desk, "listing_emptied", change, {"slot": slot}, confirmed=False)


def _value(desk: Desk, row: Row[Any], slot: str, text: str) -> object:
    """What these words are in a talk in which this product is told."""
    library, talk = desk.talk.library, desk.talk
    value = read(library, talk.lexicon, slot, text, row.language)
    if value is None:
        raise Refused("not_understood")
    flow = library.flows[LISTING]
    frame = {"flow": LISTING, "step": flow.first, "kind": "regular", "print": flow.fingerprint}
    state = new_state() | {"stack": [frame], "slots": {**row.slots, slot: None}}
    command = {"slot": slot, "value": value, "said": text}
    found = judged(library, state, command, desk.now, talk.act, talk.facts())
    if found.refusal:
        raise Refused(*found.refusal)
    if found.value == row.slots.get(slot):
        raise Refused("same")
    return found.value


def _category(talk: Talk, slots: Json) -> Category:
    return talk.library.catalogue.get(slots.get("category")) or UNPLACED

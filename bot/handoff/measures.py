"""Sizes, weights and quantities as numbers, read from the words she used.

A forearm or a span is no number of centimetres: such a size stays in her words only.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from bot.engine.catalogue import Category
from bot.language.entities import read
from bot.language.script import normalise
from bot.messages import Json

AXES = ("length", "width", "height")
PIECES = {"piece": "1", "pair": "2", "dozen": "12", "kori": "20", "hundred": "100"}
MEASURED = {"kg": "kg", "gram": "gram", "metre": "metre", "litre": "litre"}
SYMBOLS = {"gram": "g", "kg": "kg", "metre": "m", "litre": "l"}


@dataclass(frozen=True, slots=True)
class Measures:
    """`dimensions` in cm and `weight_g` as numbers, `net_quantity` as {"value": decimal text, "unit"}.

    `dimensions_text` is the size in English (empty when unknown), `label` the quantity as a label has it.
    """

    dimensions: Json
    weight_g: float | None
    net_quantity: Json | None
    dimensions_text: str
    label: str | None


def measured(slots: Json, category: Category) -> Measures:
    """All numbers that the slots hold; what cannot be read as one is None."""
    found = _lengths(slots.get("length") or slots.get("size"))
    quantity = _net_quantity(slots, category)
    return Measures(
        dimensions={f"{axis}_cm": cm for axis, cm in _by_axis(found).items()},
        weight_g=_grams(slots.get("weight")),
        net_quantity=quantity,
        dimensions_text=_in_english(found),
        label=_label(quantity),
    )


def _lengths(text: object) -> list[tuple[str | None, float]]:
    """(axis or None, cm) for each length in the text."""
    sizes = [(each.get("axis"), _number(each.get("cm"))) for each in _entities(text, "length")]
    return [(axis, round(cm, 1)) for axis, cm in sizes if cm]


def _by_axis(found: list[tuple[str | None, float]]) -> dict[str, float | None]:
    """Named sides first; of `8x4x2` the others are length, width, height. One bare length names no side."""
    sides: dict[str, float | None] = dict.fromkeys(AXES)
    sides |= {axis: cm for axis, cm in found if axis in sides}
    if len(found) == 1 and found[0][0] is None:
        return sides
    for axis, cm in found:
        free = next((side for side in AXES if sides[side] is None), None)
        if axis not in sides and free is not None:
            sides[free] = cm
    return sides


def _in_english(found: list[tuple[str | None, float]]) -> str:
    if found and all(axis is None for axis, _ in found):
        return " × ".join(f"{cm:g}" for _, cm in found[:3]) + " cm"
    sides = _by_axis(found)
    return ", ".join(f"{axis} {cm:g} cm" for axis, cm in sides.items() if cm is not None)


def _grams(text: object) -> float | None:
    weights = [_number(each.get("grams")) for each in _entities(text, "weight")]
    return next((round(grams, 1) for grams in weights if grams), None)


def _net_quantity(slots: Json, category: Category) -> Json | None:
    """What one package holds by weight, else what one unit of the price is in pieces or measure."""
    grams = _grams(slots.get("net_weight"))
    if grams:
        heavy = grams >= 1000
        amount = Decimal(str(grams)) / (1000 if heavy else 1)
        return {"value": f"{amount.normalize():f}", "unit": "kg" if heavy else "gram"}
    basis = slots.get("price_per") or (None if category.ask_price_per else category.price_per[0])
    pieces = slots.get("pieces_in_set")
    if basis in ("set", "packet") and isinstance(pieces, int) and not isinstance(pieces, bool) and pieces > 0:
        return {"value": str(pieces), "unit": "piece"}
    if basis in PIECES:
        return {"value": PIECES[basis], "unit": "piece"}
    return {"value": "1", "unit": MEASURED[basis]} if basis in MEASURED else None


def _label(quantity: Json | None) -> str | None:
    """`500 g`, `1 m`, `2 pieces`."""
    if quantity is None:
        return None
    value, unit = quantity["value"], quantity["unit"]
    if unit == "piece":
        return f"{value} piece" if value == "1" else f"{value} pieces"
    return f"{value} {SYMBOLS[unit]}"


def _entities(text: object, kind: str) -> list[dict[str, Any]]:
    if not isinstance(text, str):
        return []
    return [entity for entity in read(normalise(text), kind) if entity.get("type") == kind]


def _number(value: object) -> float | None:
    """A positive, believable number, or None: nothing of ours is longer than a kilometre."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return float(number) if number.is_finite() and 0 < number < 10**7 else None

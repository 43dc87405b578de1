"""What the readers find before it becomes JSON: a typed amount with its place in tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bot.language.atoms import Number, Reading
from bot.language.line import Line
from bot.language.number_words import Unit


@dataclass(slots=True)
class Found:
    """One entity in tokens `start` to `end` (exclusive); `number` is the figure said, before any unit."""

    type: str
    start: int
    end: int
    number: Number | None = None
    unit: Unit | None = None
    axis: str | None = None
    per: str | None = None
    role: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)


def plain(value: Decimal) -> str:
    """A decimal string without trailing zeros or exponent: `150`, `2.25`."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def reading(pair: Reading, factor: Decimal = Decimal(1)) -> dict[str, str]:
    """One way to understand an unclear number: a value, or a low and a high."""
    low, high = pair
    if high is None:
        return {"value": plain(low * factor)}
    return {"low": plain(low * factor), "high": plain(high * factor)}


def as_entity(line: Line, found: Found) -> dict[str, Any]:
    """The public form: type, text, start, end in the original, and the fields of the type."""
    start, end = line.tokens[found.start].start, line.tokens[found.end - 1].end
    entity: dict[str, Any] = {
        "type": found.type,
        "text": line.normal.original(start, end),
        "start": start,
        "end": end,
    }
    number = found.number
    if number is not None:
        factor = (
            found.unit.size
            if found.unit and found.unit.kind == "quantity" and found.unit.size
            else Decimal(1)
        )
        if number.readings:
            entity |= {"ambiguous": True, "readings": [reading(pair, factor) for pair in number.readings]}
        elif number.high is not None:
            entity |= {
                "type": "range",
                "low": plain(number.value * factor),
                "high": plain(number.high * factor),
            }
        else:
            entity["value"] = plain(number.value * factor)
        if number.about:
            entity["approximate"] = True
        if number.exact:
            entity["exact"] = True
    entity |= _fields(found)
    entity |= found.extra
    return entity


def _fields(found: Found) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if found.type == "money":
        fields = {"currency": "INR", "per": found.per}
    elif found.unit is not None:
        fields = _measured(found, found.unit)
    elif found.type == "length":
        fields = {"unit": None, "axis": found.axis}
    if found.role:
        fields["role"] = found.role
    return fields


def _measured(found: Found, unit: Unit) -> dict[str, Any]:
    number = found.number
    sure = number is not None and not number.readings and number.high is None and unit.size is not None
    fields: dict[str, Any] = {"unit": unit.name}
    if unit.kind == "quantity":
        if unit.size != 1 and number is not None:
            fields["unit"] = "piece"
            fields["said_unit"] = unit.name
        return fields
    if unit.kind == "length":
        fields["axis"] = found.axis
    if not sure or number is None or unit.size is None:
        return fields
    amount = plain(number.value * unit.size)
    return fields | {{"length": "cm", "weight": "grams", "duration": "days"}[unit.kind]: amount}

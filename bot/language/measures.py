"""Counted and measured amounts: `दू कोरी पाँच ठन`, `सवा दो किलो`, `5 फुट 6 इंच`, `8x4x2 inch`, `महीना भर`."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from bot.language.atoms import Number
from bot.language.found import Found
from bot.language.line import Line
from bot.language.number_words import Unit
from bot.language.numbers import read_number

# Short Latin units are also English or Hindi words: only figures take them.
_AFTER_FIGURES = frozenset(
    {"in", "m", "g", "gr", "lt", "the", "ft", "mm", "cm", "ml", "gm", "semi", "mili", "log", "pees"}
)
_FOOT_INCHES = 12


def measure(line: Line, number: Number) -> Found | None:
    """The number with the unit that follows it, or None when no unit does."""
    glued = line.at(number.end - 1).unit if line.at(number.end - 1).kind == "c" else None
    if glued is not None and line.at(number.end - 1).kind == "c":
        return Found(glued.kind, number.start, number.end, number, glued)
    dozens = _scores(line, number)
    if dozens is not None:
        return dozens
    unit = unit_at(line, number.end, number)
    if unit is None:
        return None
    end = number.end + 1
    if (
        unit.name == "pav"
        and number.value == 1
        and (kilo := unit_at(line, end, number))
        and kilo.size == 1000
    ):
        unit, end = replace(unit, name="pav"), end + 1
    found = Found(unit.kind, number.start, end, number, unit)
    return _with_smaller(line, found)


def unit_at(line: Line, place: int, number: Number) -> Unit | None:
    """The unit at this place, if it may count this number."""
    unit = line.at(place).unit
    if unit is None or not (line.near(place) or line.before(place) == "-"):
        return None
    text = line.tokens[place].word
    if text in _AFTER_FIGURES and not number.digits:
        return None
    if text == "in" and line.before(place) != "" and line.at(place + 1) is not None:
        follows = line.tokens[place + 1].word if place + 1 < len(line.tokens) else ""
        if follows and "by" not in line.at(place + 1).marks and not line.at(place + 1).axis:
            return None
    if unit.name == "hath" and "within" in line.at(place + 1).marks and number.value > 20:
        return None
    return unit


def _scores(line: Line, number: Number) -> Found | None:
    """`दू कोरी पाँच` and `पाँच आगर दू कोरी`: 45 pieces."""
    if number.readings or number.high is not None:
        return None
    if {"times", "below"} & line.at(number.end).marks:
        return _over_scores(line, number)
    unit = unit_at(line, number.end, number)
    if unit is None or unit.kind != "quantity" or unit.size not in (12, 20) or unit.size is None:
        return None
    place = number.end + 1
    if "plus" in line.at(place).marks:
        place += 1
    if not line.is_number(place) or not line.near(place):
        return None
    rest = read_number(line, place)
    if rest is None or rest.readings or rest.high is not None or rest.value >= unit.size or rest.fraction:
        return None
    after = line.at(rest.end)
    counter = after.unit is not None and after.unit.kind == "quantity" and after.unit.size == 1
    if after.money or after.kind or (after.unit and not counter):
        return None
    total = replace(number, end=rest.end, value=number.value * unit.size + rest.value)
    return _pieces(total, unit, rest.end + counter)


def _over_scores(line: Line, number: Number) -> Found | None:
    """`पाँच आगर दू कोरी` 45, `दस आगर कोरी` 30; `चार कम दू कोरी` is most likely 36, so it is asked."""
    place = number.end + 1
    scores = read_number(line, place) if line.is_number(place) else None
    count = scores.value if scores else Decimal(1)
    end = scores.end if scores else place
    unit = unit_at(line, end, scores or number)
    if unit is None or unit.kind != "quantity" or unit.size not in (12, 20) or unit.size is None:
        return None
    if scores is not None and (scores.readings or scores.high is not None):
        return None
    if "below" in line.at(number.end).marks:
        fewer = replace(number, end=end + 1, readings=((count * unit.size - number.value, None),))
        return _pieces(fewer, unit, end + 1)
    return _pieces(replace(number, end=end + 1, value=count * unit.size + number.value), unit, end + 1)


def _pieces(total: Number, unit: Unit, end: int) -> Found:
    piece = Unit("quantity", "piece", Decimal(1))
    return Found("quantity", total.start, end, total, piece, extra={"said_unit": unit.name})


def _with_smaller(line: Line, found: Found) -> Found:
    """`5 फुट 6 इंच` = 5.5 foot, `2 किलो 500 ग्राम` = 2.5 kilogram: one measure, in the larger unit."""
    unit, number, place = found.unit, found.number, found.end
    if unit is None or number is None or unit.size is None or unit.kind not in ("length", "weight"):
        return found
    if number.readings or number.high is not None or not line.is_number(place) or not line.near(place):
        return found
    smaller = read_number(line, place)
    if smaller is None or smaller.readings or smaller.high is not None:
        return found
    part = unit_at(line, smaller.end, smaller)
    if part is None or part.size is None or part.kind != unit.kind or part.size >= unit.size:
        return found
    if smaller.value * part.size >= unit.size or (unit.kind == "length" and part.name == "foot"):
        return found
    value = number.value + smaller.value * part.size / unit.size
    if value != round(value, 4):
        return found
    total = replace(number, end=smaller.end + 1, value=value)
    return Found(unit.kind, found.start, smaller.end + 1, total, unit)


def bare_measure(line: Line, place: int) -> Found | None:
    """A unit without a number: `महीना भर`, `अधपाव`, `पाव किलो`, and `हफ्ता दस दिन` (a range)."""
    unit = line.at(place).unit
    if unit is None or line.is_number(place):
        return None
    one = Number(place, place + 1, Decimal(1), atom=Decimal(1))
    if "each_full" in line.at(place + 1).marks and line.near(place + 1):
        return Found(unit.kind, place, place + 2, one, unit)
    if unit.name == "adhpav":
        return Found(unit.kind, place, place + 1, one, unit)
    if (
        unit.name == "pav"
        and (kilo := line.at(place + 1).unit)
        and kilo.size == 1000
        and line.near(place + 1)
    ):
        return Found(unit.kind, place, place + 2, one, unit)
    if unit.kind == "duration" and unit.size and line.is_number(place + 1) and line.near(place + 1):
        return _days_range(line, place, unit)
    if line.asks == unit.kind and len(line.tokens) == 1 and unit.size:
        return Found(unit.kind, place, place + 1, one, unit)
    return None


def _days_range(line: Line, place: int, unit: Unit) -> Found | None:
    number = read_number(line, place + 1)
    if number is None or number.readings or number.high is not None or unit.size is None:
        return None
    other = unit_at(line, number.end, number)
    if other is None or other.kind != "duration" or other.size is None:
        return None
    high = number.value * other.size
    if high <= unit.size or high > unit.size * 4:
        return None
    days = Number(place, number.end + 1, unit.size, high=high, about=number.about)
    return Found("duration", place, number.end + 1, days, Unit("duration", "day", Decimal(1)))


def join_times(line: Line, founds: list[Found]) -> list[Found]:
    """`15 दिन से एक महीना`: two times with से between them are one range in days."""
    joined: list[Found] = []
    for found in founds:
        first = joined[-1] if joined else None
        low = _days(first) if first is not None else None
        high = _days(found)
        linked = first is not None and first.end + 1 == found.start and "to" in line.at(first.end).marks
        if first is not None and linked and low is not None and high is not None and low < high:
            days = Number(first.start, found.end, low, high=high)
            joined[-1] = Found("duration", first.start, found.end, days, Unit("duration", "day", Decimal(1)))
        else:
            joined.append(found)
    return joined


def _days(found: Found) -> Decimal | None:
    number, unit = found.number, found.unit
    if found.type != "duration" or number is None or unit is None or unit.size is None:
        return None
    return None if number.readings or number.high is not None else number.value * unit.size


def dimensions(line: Line, first: Number) -> list[Found]:
    """`8x4`, `8 बाई 4 इंच`, `8 इंच x 4 इंच x 2 इंच`: a length each, sharing the unit that was said."""
    numbers = [first]
    units = [_length_unit(line, first)]
    place = first.end + (units[0] is not None)
    while "by" in line.at(place).marks and line.is_number(place + 1):
        number = read_number(line, place + 1)
        if number is None or number.readings or number.high is not None or len(numbers) == 3:
            return []
        numbers.append(number)
        units.append(_length_unit(line, number))
        place = number.end + (units[-1] is not None)
    if len(numbers) < 2:
        return []
    said = next((unit for unit in reversed(units) if unit is not None), None)
    return [
        Found("length", number.start, number.end + (unit is not None), number, unit or said)
        for number, unit in zip(numbers, units, strict=True)
    ]


def _length_unit(line: Line, number: Number) -> Unit | None:
    unit = unit_at(line, number.end, number)
    return unit if unit is not None and unit.kind == "length" else None


def place_axes(line: Line, founds: list[Found]) -> None:
    """Give lengths their axis, and a bare number beside an axis word its unit: `8 इंच ऊँचा 4 चौड़ा`."""
    said: Unit | None = next((found.unit for found in founds if found.type == "length" and found.unit), None)
    taken: set[int] = set()
    for found in founds:
        if found.type not in ("length", "number") or found.number is None:
            continue
        spot = _axis_before(line, found, taken)
        if spot is None:
            spot = _axis_after(line, found)
        if spot is None:
            continue
        taken.add(spot)
        found.axis = line.at(spot).axis
        if found.type == "number":
            found.type, found.unit = "length", said


def _axis_before(line: Line, found: Found, taken: set[int]) -> int | None:
    for place in (found.start - 1, found.start - 2):
        if place >= 0 and line.at(place).axis and place not in taken:
            between = line.at(place + 1) if place + 1 < found.start else None
            if between is None or {"of", "is"} & between.marks:
                return place
    return None


def _axis_after(line: Line, found: Found) -> int | None:
    place = found.end
    if "of" in line.at(place).marks and line.at(place + 1).axis:
        place += 1
    if not line.at(place).axis or not line.near(place):
        return None
    text = line.tokens[place].word
    if text.endswith(("ाई", "ai", "th", "ht")) and line.is_number(place + 1):
        return None
    return place

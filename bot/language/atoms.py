"""The smallest parts of a number: one word, figure or fraction, before scales and sums.

`atom` is where `साढ़े पाँच`, `दो दशमलव पाँच`, `1½`, `एक बटा दो` and `twenty five` become one value.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from bot.language.line import Line
from bot.language.number_words import Word

Reading = tuple[Decimal, Decimal | None]
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Number:
    """A number or a range, standing in tokens `start` to `end` (exclusive).

    `high` is set for a range; `readings` holds (low, high or None) when it could be two things;
    `bare_fraction`: `डेढ़` or `साढ़े तीन` with nothing after it. `scale` is its last scale word (1 if none).
    """

    start: int
    end: int
    value: Decimal = Decimal(0)
    high: Decimal | None = None
    readings: tuple[Reading, ...] = ()
    scale: Decimal = ONE
    atom: Decimal = Decimal(0)
    digits: bool = False
    fraction: bool = False
    bare_scale: bool = False
    mixed: bool = False
    about: bool = False
    exact: bool = False

    @property
    def bare_fraction(self) -> bool:
        """True for a fraction word that nothing has given a scale."""
        return self.fraction and self.scale == 1 and not self.digits and self.high is None


def atom(line: Line, start: int) -> Number | None:
    """One number word, figure or fraction, without its scale."""
    word = line.at(start)
    if word.kind == "b":
        return _bound(line, start, word)
    if word.readings:
        return Number(start, start + 1, readings=word.readings, digits=True)
    if word.kind not in ("c", "e", "q", "k", "d") or word.value is None:
        return _typed_fraction(line, start, Number(start, start))
    number = Number(
        start,
        start + 1,
        word.value,
        scale=word.scale if word.kind == "k" else ONE,
        atom=word.value,
        digits=word.kind == "d",
        fraction=word.fraction,
        about=word.about,
        exact=word.exact,
    )
    after = line.at(start + 1)
    if word.kind == "e" and after.kind == "c" and after.value is not None and 0 < after.value < 10:
        if line.before(start + 1) in ("", " ", "-"):
            value = word.value + after.value
            return replace(number, end=start + 2, value=value, atom=value)
    if word.kind in ("c", "d"):
        return _typed_fraction(line, start, _spoken_point(line, number))
    return number


def _bound(line: Line, start: int, word: Word) -> Number | None:
    """`सवा तीन`, `साढ़े पाँच`, `पौने दो`; or `सवा`, `पौने` alone before a scale or a unit."""
    after = line.at(start + 1)
    if line.near(start + 1) and after.kind in ("c", "d") and after.value is not None and word.add is not None:
        if after.value == after.value.to_integral_value() and after.value > 0:
            value = after.value + word.add
            return Number(start, start + 2, value, atom=value, fraction=True)
    if word.value is None:
        return None
    return Number(start, start + 1, word.value, atom=word.value, fraction=True)


def _spoken_point(line: Line, number: Number) -> Number:
    """`दो दशमलव पाँच` = 2.5; the digits after the point are said one by one or as one number below 100."""
    place = number.end
    if "point" not in line.at(place).marks:
        return number
    said = ""
    place += 1
    while line.at(place).kind in ("c", "d") and line.near(place) and len(said) < 4:
        value = line.at(place).value
        if value is None or value != value.to_integral_value() or (said and value > 9):
            break
        said += str(value)
        place += 1
    if not said:
        return number
    value = Decimal(f"{number.value}.{said}")
    return replace(number, end=place, value=value, atom=value)


_SIGNS = {"½": Decimal("0.5"), "¼": Decimal("0.25"), "¾": Decimal("0.75")}


def _typed_fraction(line: Line, start: int, number: Number) -> Number | None:
    """`½`, `1½`, `1/2`, `2 1/2`, `एक बटा दो`."""
    place = number.end
    if place >= len(line.tokens):
        return number if number.end > start else None
    sign = _SIGNS.get(line.tokens[place].word)
    if sign is not None and (place == start or line.near(place)):
        value = number.value + sign
        return replace(number, end=place + 1, value=value, atom=value, digits=True)
    if place == start:
        return None
    part = _ratio(line, start)
    if part is not None:
        return part
    if number.digits and line.near(place):
        part = _ratio(line, place)
        if part is not None and not part.readings and part.value < 1:
            value = number.value + part.value
            return replace(part, start=start, value=value, atom=value)
    return number


def _ratio(line: Line, start: int) -> Number | None:
    upper, lower, end = line.at(start), line.at(start + 1), start + 2
    if "over" in lower.marks and line.near(start + 1):
        lower, end = line.at(start + 2), start + 3
    elif line.before(start + 1) != "/" or upper.kind != "d" or lower.kind != "d":
        return None
    if upper.value is None or lower.value is None or lower.value == 0 or line.before(end) == "/":
        return None
    if upper.value < lower.value <= 10 and lower.value in (2, 4, 5, 8, 10):
        return Number(start, end, upper.value / lower.value, atom=upper.value / lower.value, digits=True)
    low, high = sorted((upper.value, lower.value))
    return Number(start, end, readings=((low, None), (high, None)), digits=True)


def spaced_groups(line: Line, start: int) -> Number | None:
    """`25 000`, `Rs 1 250`: groups parted by a space may be one figure or two."""
    text = line.tokens[start].word
    if (
        not text.isdecimal()
        or len(text) > 3
        or start + 1 >= len(line.tokens)
        or line.before(start + 1) != " "
    ):
        return None
    digits, place = text, start + 1
    while place < len(line.tokens) and line.before(place) == " " and place - start < 4:
        group = line.tokens[place].word
        if not group.isdecimal() or len(group) not in (2, 3):
            break
        digits, place = digits + group, place + 1
    last = line.tokens[place - 1].word
    sign = line.at(start - 1).money == "rupee"
    if place == start + 1 or len(last) != 3 or not (last == "000" or (sign and line.at(place).unit is None)):
        return None
    return Number(start, place, readings=((Decimal(digits), None),), digits=True)

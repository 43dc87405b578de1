"""The grammar of numbers: digits, words and both mixed, with the fraction words and spoken ranges.

`read_number` never guesses: what could be two things carries `readings` and no value.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from bot.language.line import Line
from bot.language.number_words import Word

Reading = tuple[Decimal, Decimal | None]
_HUNDRED = Decimal(100)
_THOUSAND = Decimal(1000)
_LAKH = Decimal(100000)
_ONE = Decimal(1)
LARGEST = Decimal(10) ** 12


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
    scale: Decimal = _ONE
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


def read_number(line: Line, start: int) -> Number | None:
    """The longest number that begins at this token, or None."""
    number = _spaced_groups(line, start) or _compose(line, start)
    if number is None:
        return None
    if not number.readings and number.high is None:
        number = _to_range(line, number)
    if number.value > LARGEST or (number.high or 0) > LARGEST:
        return None
    return number


def _spaced_groups(line: Line, start: int) -> Number | None:
    """`25 000`, `Rs 1 250`: groups parted by a space may be one figure or two."""
    text = line.tokens[start].word
    if not text.isdecimal() or len(text) > 3 or start + 1 >= len(line.tokens) or line.before(start + 1) != " ":
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


def _atom(line: Line, start: int) -> Number | None:
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
        scale=word.scale if word.kind == "k" else _ONE,
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


def _chunk(line: Line, start: int) -> Number | None:
    """A number with its scale words: `डेढ़ सौ`, `बारह सौ`, `2.5 lakh`, `सौ`, `पाँच एक सौ`."""
    word = line.at(start)
    if word.kind == "s" and word.value is not None and line.tokens[start].word != "k":
        number = Number(start, start + 1, word.value, scale=word.value, atom=_ONE, bare_scale=True)
    else:
        found = _atom(line, start)
        if found is None or found.readings:
            return found
        number = _with_about(line, found)
    while line.at(number.end).kind == "s" and line.before(number.end) in ("", " "):
        scale = line.at(number.end).value
        if scale is None or (number.scale > 1 and (scale < _LAKH or scale <= number.scale)):
            break
        number = replace(number, end=number.end + 1, value=number.value * scale, scale=scale)
        if scale == _HUNDRED and not number.digits and number.atom >= 10 and number.atom % 10 == 0:
            readings: tuple[Reading, ...] = ((number.value, None), (number.atom, scale))
            return replace(number, readings=readings)
    return number


def _with_about(line: Line, number: Number) -> Number:
    """`पाँच एक सौ`: about five hundred."""
    word = line.at(number.end)
    if word.kind == "c" and word.value == 1 and line.at(number.end + 1).kind == "s" and not number.digits:
        if number.value > 1 and line.near(number.end) and line.near(number.end + 1):
            return replace(number, end=number.end + 1, about=True)
    return number


def _compose(line: Line, start: int) -> Number | None:
    """Chunks of falling scale, added up: `दो हज़ार तीन सौ पचास`."""
    number = _chunk(line, start)
    while number is not None and number.scale > 1 and not number.readings and number.high is None:
        place = number.end
        if "and" in line.at(place).marks:
            place += 1
        if place >= len(line.tokens) or line.before(place) not in ("", " ") or not line.is_number(place):
            break
        larger = _times_larger(line, number)
        if larger is not None:
            number = larger
            continue
        added = _add_chunk(line, number, place)
        if added is None:
            break
        number = added
    if number is not None and number.mixed and not number.readings and number.high is None:
        return _times_larger(line, number) or number
    return number


def _times_larger(line: Line, number: Number) -> Number | None:
    """`एक सौ पचास करोड़`, `एक सौ पच्चीस हज़ार`: the whole sum counts the scale that follows."""
    word = line.at(number.end)
    if word.kind != "s" or word.value is None or word.value <= number.scale or number.bare_scale:
        return None
    if word.value >= _LAKH or (number.mixed and number.value < _THOUSAND):
        return replace(number, end=number.end + 1, value=number.value * word.value, scale=word.value)
    return None


def _add_chunk(line: Line, number: Number, place: int) -> Number | None:
    chunk = _chunk(line, place)
    if chunk is None or chunk.readings:
        return None
    if chunk.value >= number.scale:
        return _sum_times_scale(number, chunk)
    if chunk.fraction and chunk.scale == 1:
        return None
    tail = _chunk_range(line, chunk, number.scale)
    end = tail.end if tail else chunk.end
    low = number.value + (tail or chunk).value
    if number.bare_scale or number.fraction or chunk.bare_scale:
        readings: tuple[Reading, ...] = ((low, None), (min(chunk.value, number.value), number.value))
        if number.fraction:
            readings = ((low, None), (number.value, None))
        return replace(number, end=end, readings=readings, about=number.about or chunk.about)
    if tail is not None:
        return replace(tail, start=number.start, value=low, high=number.value + (tail.high or tail.value))
    about = number.about or chunk.about
    return replace(
        number,
        end=end,
        value=low,
        scale=chunk.scale,
        mixed=True,
        about=about,
        exact=number.exact or chunk.exact,
    )


def _sum_times_scale(number: Number, chunk: Number) -> Number | None:
    """`एक सौ पचास करोड़`: 150 crores; `दो सौ पाँच हज़ार` may also be two figures: unclear."""
    if number.bare_scale or number.fraction or chunk.fraction or chunk.bare_scale or number.scale != _HUNDRED:
        return None
    if chunk.scale < _THOUSAND or chunk.atom >= _HUNDRED or chunk.value != chunk.atom * chunk.scale:
        return None
    total = (number.value + chunk.atom) * chunk.scale
    if chunk.scale >= _LAKH:
        return replace(number, end=chunk.end, value=total, scale=chunk.scale)
    return replace(number, end=chunk.end, readings=((total, None), (number.value, chunk.value)))


def _chunk_range(line: Line, first: Number, limit: Decimal) -> Number | None:
    """The `तीन चार सौ` of `दो हज़ार तीन चार सौ`."""
    if first.scale > 1 or not line.is_number(first.end) or not line.near(first.end):
        return None
    second = _chunk(line, first.end)
    if second is None or second.readings or second.value >= limit or second.scale == 1:
        return None
    return _joined(first, second)


def _to_range(line: Line, first: Number) -> Number:
    """`दो तीन सौ`, `सौ डेढ़ सौ`, `300 से 400`, `दस-बीस`, `एक-आध`."""
    place = first.end
    word = line.at(place)
    said_to = False
    if place + 1 < len(line.tokens) and ({"to", "or"} & word.marks or word.money == "rupee"):
        skip = place + 1 if word.money and {"to", "or"} & line.at(place + 1).marks else place
        if {"to", "or"} & line.at(skip).marks and line.is_number(skip + 1) and line.near(skip + 1):
            place, said_to = skip + 1, True
    if not said_to and (line.before(place) not in ("", " ", "-", "~") or not line.is_number(place)):
        return first
    if not said_to and line.before(place) == "" and first.digits:
        return first
    second = _compose(line, place)
    if second is None or second.readings or second.high is not None:
        return first
    return _judge_pair(line, first, second, said_to=said_to)


def _judge_pair(line: Line, first: Number, second: Number, *, said_to: bool) -> Number:
    dashed = line.before(second.start) == "-"
    if first.atom == 1 and second.fraction and second.value == Decimal("0.5") and not said_to:
        return replace(first, end=second.end, high=Decimal(2))
    if _is_about(line, first, second):
        return replace(first, end=second.end, about=True)
    if first.value == second.value and first.scale == second.scale:
        return replace(first, end=second.end)
    joined = _joined(first, second)
    if joined is not None and (said_to or dashed):
        return joined
    if first.digits and second.digits and second.scale == 1:
        together = joined is not None and second.value - first.value == 1
        return joined if joined is not None and together else first
    if joined is not None and (first.bare_scale or _are_neighbours(joined)):
        return joined
    if first.atom == second.atom and first.scale == 1 and second.scale > 1 and not said_to:
        return replace(second, start=first.start)
    return _two_numbers(first, second)


def _joined(first: Number, second: Number) -> Number | None:
    """One range from two numbers, the second lending its scale to a first without; None if it would fall."""
    low = first.value
    if first.scale == 1 and second.scale > 1 and not second.mixed and first.atom < second.atom:
        low = first.value * (second.value / second.atom)
    elif first.scale == 1 and second.scale > 1 and first.value < 100 and not second.bare_scale:
        return None
    if low >= second.value:
        return None
    return replace(
        second,
        start=first.start,
        value=low,
        high=second.value,
        fraction=False,
        about=first.about or second.about,
        bare_scale=False,
    )


def _are_neighbours(pair: Number) -> bool:
    return pair.high is not None and pair.high <= pair.value * 2


def _is_about(line: Line, first: Number, second: Number) -> bool:
    """`दस एक ठन`, `पचास एक`: about ten, about fifty."""
    if first.digits or second.value != 1 or second.scale > 1 or second.digits or first.value < 2:
        return False
    return line.near(second.start) and first.scale == 1 and not first.fraction


def _two_numbers(first: Number, second: Number) -> Number:
    """Two number words side by side that are no range: `दो पचास` is unclear, `पाँच, दो सौ` is two numbers."""
    if first.digits or second.scale > 1 or first.scale > 1:
        return first
    if first.value < 10 <= second.value and not first.fraction and not second.fraction:
        readings = ((first.value, None), (second.value, None), (first.value * 100 + second.value, None))
        return replace(first, end=second.end, readings=readings)
    return first

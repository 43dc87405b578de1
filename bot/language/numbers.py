"""The grammar of numbers: digits, words and both mixed, with the fraction words and spoken ranges.

`read_number` never guesses: what could be two things carries `readings` and no value.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from bot.language.atoms import ONE, Number, Reading, atom, spaced_groups
from bot.language.line import Line

_HUNDRED = Decimal(100)
# `पचास सौ`, `अस्सी सौ` may be a range; `तीस सौ` is too far apart for one.
_HALF = Decimal(50)
_THOUSAND = Decimal(1000)
_LAKH = Decimal(100000)
LARGEST = Decimal(10) ** 12


def read_number(line: Line, start: int) -> Number | None:
    """The longest number that begins at this token, or None."""
    number = spaced_groups(line, start) or _compose(line, start)
    if number is None:
        return None
    if not number.readings and number.high is None:
        number = _to_range(line, number)
    if number.value > LARGEST or (number.high or 0) > LARGEST:
        return None
    return number


def _chunk(line: Line, start: int) -> Number | None:
    """A number with its scale words: `डेढ़ सौ`, `बारह सौ`, `2.5 lakh`, `सौ`, `पाँच एक सौ`."""
    word = line.at(start)
    if word.kind == "s" and word.value is not None and line.tokens[start].word != "k":
        number = Number(start, start + 1, word.value, scale=word.value, atom=ONE, bare_scale=True)
    else:
        found = atom(line, start)
        if found is None or found.readings:
            return found
        number = _with_about(line, found)
    while line.at(number.end).kind == "s" and line.before(number.end) in ("", " "):
        scale = line.at(number.end).value
        if scale is None or (number.scale > 1 and (scale < _LAKH or scale <= number.scale)):
            break
        spot = number.end
        if line.tokens[spot].word == "k" and line.before(spot) != "":
            return _spaced_k(line, number)
        number = replace(number, end=spot + 1, value=number.value * scale, scale=scale)
        if scale == _HUNDRED and not number.digits and number.atom >= _HALF and number.atom % 10 == 0:
            readings: tuple[Reading, ...] = ((number.value, None), (number.atom, scale))
            return replace(number, readings=readings)
    return number


def _spaced_k(line: Line, number: Number) -> Number:
    """`2 k` may be two thousand; in `500 k aaspas` the k is के."""
    place = number.end + 1
    if place < len(line.tokens) and not line.at(place).money and line.near(place):
        return number
    return replace(number, end=place, readings=((number.value * _THOUSAND, None), (number.value, None)))


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
        follows = skip + 1
        while "lekar" in line.at(follows).marks and follows < skip + 3:
            follows += 1
        if {"to", "or"} & line.at(skip).marks and line.is_number(follows) and line.near(follows):
            place, said_to = follows, True
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
        spots = ((second.end, second.end), (first.start, first.start - 1))
        more = any(line.before(gap) == " " and line.at(spot).kind == "d" for gap, spot in spots)
        together = joined is not None and second.value - first.value == 1 and not more
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

"""Rupees and paise, and what a price is for: `₹1,250/-`, `500 की जोड़ी`, `एक पीस का 500`, `चार आना`."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from bot.language.atoms import Number, Reading
from bot.language.found import Found
from bot.language.line import Line
from bot.language.measures import unit_at
from bot.language.numbers import read_number

_COINS = frozenset({Decimal(4), Decimal(8), Decimal(12)})
_HUNDRED = Decimal(100)
# Below this, `5 का सेट` counts the pieces of a set; from here on it is a price for one.
_SMALLEST_PRICE = 20


def after_sign(line: Line, start: int) -> Found | None:
    """`₹ 500`, `Rs. 500`, `रुपये 500`: the sign and the number after it."""
    if line.at(start).money != "rupee" or line.before(start + 1) not in ("", " ", ".", "॰", ":"):
        return None
    number = (
        read_number(line, start + 1) if line.is_number(start + 1) or line.before(start + 1) == "" else None
    )
    if number is None:
        return None
    return _money(line, start, number, number.end)


def before_sign(line: Line, number: Number) -> Found | None:
    """`500 रुपये`, `500/-`, `दस रुपये पचास पैसे`, `आठ आना`; None when no currency follows."""
    sign = line.at(number.end).money
    if not sign or not (line.near(number.end) or line.before(number.end) == "-"):
        return None
    if sign == "paisa" and not number.readings and number.high is None:
        if number.value >= _HUNDRED:
            # In Chhattisgarhi पइसा is also money as such.
            return Found(
                "money", number.start, number.end + 1, replace(number, readings=_paisa_or_rupees(number))
            )
        return Found("money", number.start, number.end + 1, replace(number, value=number.value / 100))
    if sign == "aana":
        if number.value not in _COINS or number.readings or number.high is not None:
            return None
        return Found("money", number.start, number.end + 1, replace(number, value=number.value / 16))
    return _money(line, number.start, number, number.end)


def _paisa_or_rupees(number: Number) -> tuple[Reading, ...]:
    return ((number.value, None), (number.value / 100, None))


def _money(line: Line, start: int, number: Number, end: int) -> Found:
    while line.at(end).money in ("rupee", "mark") and line.before(end) in ("", " ", "."):
        end += 1
    place = end
    if line.is_number(place) and line.near(place) and number.high is None and not number.readings:
        paise = read_number(line, place)
        if paise and line.at(paise.end).money == "paisa" and paise.high is None and not paise.readings:
            if paise.value < _HUNDRED:
                number, end = replace(number, value=number.value + paise.value / 100), paise.end + 1
    return Found("money", start, end, number)


def add_basis(line: Line, found: Found, *, certain: bool) -> Found:
    """What one price is for: `per`, with the span of the words that say so left to the caller's reading.

    `certain` is True when a currency word, label or role already says that this is money; without it
    only `500 की जोड़ी` and its like make money of a bare number.
    """
    number = found.number
    if number is None:
        return found
    basis, end = _basis_after(line, found, certain=certain)
    if not basis:
        basis, count = _basis_before(line, found.start)
        if count > 1:
            return _for_several(found)
    if not basis:
        return found
    if basis == "other":
        return replace(found, type="money", end=max(found.end, end), number=_asked_again(number))
    return replace(found, type="money", end=max(found.end, end), per=basis)


def _asked_again(number: Number) -> Number:
    return replace(number, readings=((number.value, number.high),), high=None)


def _for_several(found: Found) -> Found:
    """A price for more than one thing (`दस के चार`): the sum is known, the price of one is not."""
    assert found.number is not None  # the caller has looked
    number = found.number if found.number.readings else _asked_again(found.number)
    return replace(found, type="money", number=number)


def _basis_after(line: Line, found: Found, *, certain: bool) -> tuple[str, int]:
    place, joined = found.end, False
    while {"of", "each", "is"} & line.at(place).marks and line.near(place) and place < found.end + 2:
        joined = joined or bool({"of", "each"} & line.at(place).marks)
        if line.at(place).basis:
            return line.at(place).basis, place + 1
        place += 1
    if line.before(place) == "/" and line.at(place).basis and not line.is_number(place):
        return line.at(place).basis, place + 1
    one = line.at(place)
    if one.value == 1 and one.kind in ("c", "d") and line.near(place):
        after = line.at(place + 1)
        if after.basis and line.near(place + 1) and after.value != 1:
            return after.basis, place + 2
        closed = place + 1 >= len(line.tokens) or not line.near(place + 1) or "of" in after.marks
        plain_one = joined and (after.kind == "" and not after.money)
        return ("piece", place + 1) if plain_one or (certain and closed) else ("", 0)
    basis = one.basis
    if not basis or not line.near(place) or line.is_number(place) or not (joined or certain):
        return "", 0
    follows = line.at(place + 1)
    if line.is_number(place + 1) and line.near(place + 1) and not joined:
        return "", 0
    if not certain and found.number is not None and found.number.value < _SMALLEST_PRICE and basis != "piece":
        return "", 0
    return (basis, place + 1) if not follows.axis else ("", 0)


def _basis_before(line: Line, start: int) -> tuple[str, int]:
    """`एक पीस का दाम 500`, `कोरी के दू सौ`, `हर पीस 500`: the basis, and how many pieces are spoken of."""
    place = start - 1
    joined = False
    while place >= 0 and start - place <= 4 and line.near(place + 1) and not line.is_number(place):
        word = line.at(place)
        if word.basis and not word.value:
            break
        joined = joined or bool({"of", "each"} & word.marks)
        if not ({"of", "each", "labels", "is"} & word.marks or word.money == "rupee"):
            return "", 0
        place -= 1
    if place < 0 or not line.near(place + 1):
        return "", 0
    word, count = line.at(place), line.at(place - 1)
    if word.value == 1 and word.kind in ("c", "d"):
        return ("piece", 1) if joined else ("", 0)
    if not word.basis or line.is_number(place):
        return "", 0
    counted = line.near(place) and count.kind != "" and count.value is not None
    if counted and count.value != 1:
        return (word.basis, 2) if joined and place >= 1 else ("", 0)
    packed = word.basis in ("packet", "set") and "of" in count.marks
    each = counted or packed or "each" in count.marks or line.asks == "money"
    return (word.basis, 1) if joined or each else ("", 0)


def shared_by_several(line: Line, found: Found) -> Found | None:
    """`दो का 500`, `तीनों 900`: one price for several things."""
    number, start = found.number, found.start
    if number is None or number.readings or number.high is not None or not line.near(start):
        return None
    of = "of" in line.at(start - 1).marks
    place = start - 2 if of else start - 1
    if not line.near(place + 1):
        return None
    word = line.at(place)
    if "several" in word.marks:
        return replace(found, type="money", number=_asked_again(number), extra={"for": "several"})
    if not of or word.kind not in ("c", "d") or word.value is None or not 1 < word.value <= 20:
        return None
    if number.value < word.value * 2 or (found.type == "number" and line.at(number.end).unit is not None):
        return None
    if place > 0 and (line.is_number(place - 1) or line.at(place - 1).money):
        return None
    return replace(found, type="money", number=_asked_again(number), extra={"for": format(word.value, "f")})


def for_several(line: Line, number: Number) -> Found | None:
    """`दस के चार`, `सौ में दो`, `100 के 3`: a price for several things, nothing more said after it."""
    place = number.end
    if line.at(place).money == "rupee":
        place += 1
    if (
        not {"of", "within"} & line.at(place).marks
        or not line.is_number(place + 1)
        or not line.near(place + 1)
    ):
        return None
    count = read_number(line, place + 1)
    if count is None or count.readings or count.high is not None or not 1 < count.value <= 20:
        return None
    if number.readings or number.high is not None or number.value < 5 or count.value >= number.value:
        return None
    unit = unit_at(line, count.end, count)
    after = count.end + (unit is not None)
    if line.at(after).money or (unit is not None and unit.kind != "quantity"):
        return None
    if after < len(line.tokens) and line.near(after) and unit is None and not _closes(line, after):
        return None
    sum_of = replace(number, readings=((number.value, None),), end=after)
    return Found("money", number.start, after, sum_of, extra={"for": format(count.value, "f")})


def _closes(line: Line, place: int) -> bool:
    return bool({"is"} & line.at(place).marks) or bool(line.at(place).marks & {"of"})

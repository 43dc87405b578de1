"""Numbers, money, measures, times, phones, PIN codes and dates in one message, shaped by the contract.

A figure that could be two things is `ambiguous` with its `readings`, never a guess.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from bot.language import measures, money, roles
from bot.language.atoms import Number
from bot.language.bangles import bangle_size
from bot.language.contact import contact
from bot.language.dates import read_date
from bot.language.found import Found, as_entity
from bot.language.labels import LAC, is_label
from bot.language.line import Line, follows_unknown, read_line
from bot.language.numbers import read_number
from bot.language.script import Normal

# More figures than this in one message are a table or noise: the rest is left unread.
_MOST_ENTITIES = 60
_MEASURED = frozenset({"count", "length", "weight", "duration"})


def read(normal: Normal, asks_kind: str | None) -> list[dict[str, Any]]:
    """Every entity of the message, in order, none overlapping; `start` and `end` slice the original text.

    `asks_kind` is money, count, length, weight, duration, phone, pincode, date, size_bangle or None.
    It settles homographs and what six or ten digits are; a bare number stays a `number`.
    """
    line = read_line(normal, asks_kind)
    if line is None:
        return []
    founds = measures.join_times(line, _find_all(line))
    if any(word.axis for word in line.words):
        measures.place_axes(line, founds)
    for found in founds:
        if (
            found.type in ("money", "number", "quantity", "length", "weight", "duration")
            and found.number is not None
        ):
            _judge_role(line, found)
    founds = roles.drop_corrected(line, founds)
    return [_entity(line, found) for found in founds]


def _find_all(line: Line) -> list[Found]:
    founds: list[Found] = []
    place, count = 0, len(line.tokens)
    while place < count and len(founds) < _MOST_ENTITIES:
        new = _find(line, place)
        if not new:
            place += 1
            continue
        new[0] = _with_about(line, new[0])
        if founds and "for" in new[0].extra and founds[-1].type == "number" and founds[-1].end < new[0].start:
            founds.pop()
        if founds and new[0].per and _is_one(founds[-1]) and new[0].start - founds[-1].end <= 3:
            founds.pop()
        founds.extend(new)
        place = max(place + 1, new[-1].end)
    return founds


def _is_one(found: Found) -> bool:
    """`एक पीस` before its price is the basis of the price, not a count."""
    number = found.number
    return (
        found.type in ("quantity", "number", "weight", "length") and number is not None and number.value == 1
    )


def _find(line: Line, place: int) -> list[Found]:
    """What begins at this token: nothing, one thing, or the sides of `8x4`."""
    word, text = line.words[place], line.tokens[place].word
    if not word.kind and not word.unit and not word.money and not word.month and not word.marks:
        if not text[0].isdecimal() and text not in "+½¼¾":
            return []
    found = read_date(line, place) if (word.kind or word.month or text[0].isdecimal()) else None
    found = found or contact(line, place) or money.after_sign(line, place)
    if found is not None:
        return [money.add_basis(line, found, certain=True) if found.type == "money" else found]
    if not word.kind and text not in "½¼¾":
        bare = measures.bare_measure(line, place)
        return [bare] if bare else []
    if is_label(line, place):
        return []
    number = read_number(line, place)
    return _amount(line, number) if number is not None else []


def _amount(line: Line, number: Number) -> list[Found]:
    """Give a number its meaning from the words around it."""
    bangle = bangle_size(line, number)
    if bangle is not None:
        return [bangle]
    number = _without_lac(line, number)
    if (
        number.bare_scale
        and not number.readings
        and number.high is None
        and follows_unknown(line, number.start)
    ):
        number = replace(number, readings=((number.value, None),))
    found = money.before_sign(line, number)
    shared = money.shared_by_several(line, found or Found("number", number.start, number.end, number))
    if shared is not None:
        return [shared]
    if found is not None:
        return [money.for_several(line, number) or money.add_basis(line, found, certain=True)]
    sides = (
        measures.dimensions(line, number)
        if "by" in line.at(number.end + _has_unit(line, number)).marks
        else []
    )
    if sides:
        return list(sides)
    several = money.for_several(line, number)
    if several is not None and line.at(number.start - 1).unit is None:
        return [several]
    per_unit = _price_or_measure(line, number)
    if per_unit is not None:
        return [per_unit]
    measured = measures.measure(line, number)
    if measured is not None:
        return [_unclear_count(line, measured)]
    return _bare(line, number)


def _has_unit(line: Line, number: Number) -> int:
    return 1 if line.at(number.end).unit is not None else 0


def _bare(line: Line, number: Number) -> list[Found]:
    """A number without a unit: money if a price word or a basis says so, else a number."""
    found = Found("number", number.start, number.end, number)
    if roles.labelled(line, found):
        found.type = "money"
        found.number = _unscaled(line, number)
        return [money.add_basis(line, found, certain=True)]
    based = money.add_basis(line, found, certain=False)
    if based.type == "number" and _ends_as_price(line, number):
        based.type = "money"
    if based.type == "money" or line.asks == "money" and based.per:
        return [based]
    if number.bare_fraction and number.atom < 1 and line.asks not in _MEASURED:
        return []
    found.number = _unscaled(line, number)
    return [found]


def _ends_as_price(line: Line, number: Number) -> bool:
    """`दो हाथी पाँच सौ के`: a figure that ends the clause with का, के, की is a price."""
    last = number.end + 1 >= len(line.tokens) or not line.near(number.end + 1)
    return (
        last
        and "of" in line.at(number.end).marks
        and line.tokens[number.end].word not in ("को", "ko", "बर", "for")
        and (number.value >= 5)
    )


def _unscaled(line: Line, number: Number) -> Number:
    """`डेढ़` or `साढ़े तीन` alone as a price: hundreds or thousands? Three readings, no value."""
    if number.readings or not number.bare_fraction or line.asks in _MEASURED:
        return number
    scales = (Decimal(1), Decimal(100), Decimal(1000))
    return replace(number, readings=tuple((number.value * scale, None) for scale in scales))


def _without_lac(line: Line, number: Number) -> Number:
    """`दो लाख की चूड़ी` may be two bangles of lac: unclear."""
    if line.tokens[number.end - 1].word not in LAC or number.readings or number.high is not None:
        return number
    if "lac_after" in line.at(number.end).marks and not line.at(number.end + 1).money:
        return replace(number, readings=((number.value, None), (number.value / number.scale, None)))
    return number


def _price_or_measure(line: Line, number: Number) -> Found | None:
    """`200 किलो` to the price question, `300 सैकड़ा`, `दाम 80 पाव`: a price for one of those, perhaps."""
    unit, basis = line.at(number.end).unit, line.at(number.end).basis
    if unit is None or not basis or number.readings or number.high is not None or not line.near(number.end):
        return None
    per_hundred = basis == "hundred" and number.value >= 100
    found = Found("number", number.start, number.end, number)
    labelled = roles.labelled(line, found)
    if not (per_hundred or line.asks == "money" or labelled) or number.value < 20:
        return None
    if line.is_number(number.end + 1) or line.at(number.end + 1).money:
        return None
    if not labelled and (basis == "gram" or any(word.money for word in line.words)):
        # Nobody sells by the gram; and where rupees are named, the figure without them counts or weighs.
        return None
    if basis == "piece" and not labelled or basis == "other":
        readings = ((number.value, None),)
        return Found("money", number.start, number.end + 1, replace(number, readings=readings))
    return Found("money", number.start, number.end + 1, number, per=basis)


def _unclear_count(line: Line, found: Found) -> Found:
    """`पाँच सौ दो नग`: 502 pieces, or 500 and two pieces? Unclear unless a count was asked."""
    number = found.number
    if number is None or found.unit is None or found.type != "quantity" or line.asks == "count":
        return found
    if not number.mixed or number.readings or number.high is not None or found.unit.size != 1:
        return found
    rest = number.value % 100
    if rest == 0 or number.scale > 1:
        return found
    readings = ((number.value, None), (rest, None))
    return replace(found, number=replace(number, readings=readings))


def _with_about(line: Line, found: Found) -> Found:
    """`करीब 500`, `500 के आसपास`, `दस अकन`: about; `पूरे पाँच सौ`, `पाँच सौ ही`: exactly."""
    number = found.number
    if number is None:
        return found
    ahead = found.start - (2 if "to" in line.at(found.start - 1).marks else 1)
    before = line.at(ahead).marks if line.near(found.start) else frozenset()
    spot = found.end + ("of" in line.at(found.end).marks)
    after = line.at(spot).marks if line.near(spot) else frozenset()
    about = number.about or "about" in before or "about_after" in after
    exact = number.exact or "exact" in before or "exact_after" in line.at(found.end).marks
    if about == number.about and exact == number.exact:
        return found
    return replace(found, number=replace(number, about=about, exact=exact and not about))


def _judge_role(line: Line, found: Found) -> None:
    role = roles.role_of(line, found)
    spread = found.number is not None and found.number.high is not None
    if role is None or (spread and role in ("floor", "ceiling")):
        return
    if found.type == "number" and (
        role in roles.MONEY_ROLES or (line.asks == "money" and role != "previous")
    ):
        found.type = "money"
    if found.type in ("money", "number") or role in ("floor", "ceiling"):
        found.role = role


def _entity(line: Line, found: Found) -> dict[str, Any]:
    entity = as_entity(line, found)
    if found.role in ("floor", "ceiling") and "value" in entity:
        value = entity.pop("value")
        low, high = (value, None) if found.role == "floor" else (None, value)
        entity |= {"type": "range", "low": low, "high": high}
    return entity

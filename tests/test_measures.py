"""Measures, counts, times, phones, PIN codes and dates."""

from __future__ import annotations

from typing import Any

import pytest

from bot.language.entities import read
from bot.language.script import normalise


def entities(text: str, asks: str | None = None) -> list[dict[str, Any]]:
    return read(normalise(text), asks)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("पाँच नग", "5", "piece"),
        ("5ठन", "5", "piece"),
        ("दूठन", "2", "piece"),
        ("डेढ़ दर्जन", "18", "piece"),
        ("आधा दर्जन", "6", "piece"),
        ("दू कोरी", "40", "piece"),
        ("दू कोरी पाँच", "45", "piece"),
        ("दू कोरी अउ पाँच ठन", "45", "piece"),
        ("पाँच आगर दू कोरी", "45", "piece"),
        ("दस आगर कोरी", "30", "piece"),
        ("पंद्रह पिस", "15", "piece"),
        ("5 जोड़ी", "10", "piece"),
        ("2 सैकड़ा", "200", "piece"),
        ("दो सेट", "2", "set"),
        ("10 packet", "10", "packet"),
        ("दस लीटर", "10", "litre"),
        ("500 ml", "500", "ml"),
    ],
)
def test_counting_words_multiply(text: str, value: str, unit: str) -> None:
    """A dozen is twelve pieces, a kori twenty; sets and packets stay what they are."""
    (found,) = entities(text)
    assert (found["type"], found["value"], found["unit"]) == ("quantity", value, unit)


def test_a_kori_remembers_how_it_was_said() -> None:
    """A figure in scores is read back, so the word stays with it."""
    assert entities("दू कोरी")[0]["said_unit"] == "kori"


@pytest.mark.parametrize(
    ("text", "value", "unit", "cm", "axis"),
    [
        ("आठ इंच", "8", "inch", "20.32", None),
        ('8"', "8", "inch", "20.32", None),
        ("8 इंच ऊँचा", "8", "inch", "20.32", "height"),
        ("चौड़ाई 4 इंच", "4", "inch", "10.16", "width"),
        ("8 inch chauda", "8", "inch", "20.32", "width"),
        ("5 फुट 6 इंच", "5.5", "foot", "167.64", None),
        ("साढ़े पाँच मीटर", "5.5", "metre", "550", None),
        ("5 गज", "5", "yard", "457.2", None),
        ("15 से.मी.", "15", "cm", "15", None),
        ("एक हाथ", "1", "hath", None, None),
        ("डेढ़ बित्ता", "1.5", "bitta", None, None),
    ],
)
def test_a_length(text: str, value: str, unit: str, cm: str | None, axis: str | None) -> None:
    """Lengths keep their unit; a forearm or a span has no centimetres."""
    (found,) = entities(text)
    assert (found["type"], found["value"], found["unit"]) == ("length", value, unit)
    assert (found.get("cm"), found["axis"]) == (cm, axis)


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("8x4x2 inch", [("8", "inch", None), ("4", "inch", None), ("2", "inch", None)]),
        ("8 बाई 4", [("8", None, None), ("4", None, None)]),
        ("आठ इंच ऊँचा 4 चौड़ा", [("8", "inch", "height"), ("4", "inch", "width")]),
        ("लंबाई 8 चौड़ाई 4 इंच", [("8", "inch", "length"), ("4", "inch", "width")]),
    ],
)
def test_sides_share_the_unit_that_was_said(
    text: str, sides: list[tuple[str, str | None, str | None]]
) -> None:
    """`8x4 inch` is two lengths in inches."""
    assert [(each["value"], each["unit"], each["axis"]) for each in entities(text)] == sides


@pytest.mark.parametrize(
    ("text", "value", "unit", "grams"),
    [
        ("सवा दो किलो", "2.25", "kilogram", "2250"),
        ("पौने चार किलो", "3.75", "kilogram", "3750"),
        ("२½ किलो", "2.5", "kilogram", "2500"),
        ("दो किलो 500 ग्राम", "2.5", "kilogram", "2500"),
        ("250 gm", "250", "gram", "250"),
        ("तीन पाव", "3", "pav", "750"),
        ("डेढ़ पाव", "1.5", "pav", "375"),
        ("अधपाव", "1", "adhpav", "125"),
        ("पाव किलो", "1", "pav", "250"),
        ("2 क्विंटल", "2", "quintal", "200000"),
        ("5 तोला", "5", "tola", None),
        ("दो मन धान", "2", "man", None),
    ],
)
def test_a_weight(text: str, value: str, unit: str, grams: str | None) -> None:
    """Sure weights have grams; old ones are kept as said."""
    (found,) = entities(text)
    assert (found["type"], found["value"], found["unit"], found.get("grams")) == (
        "weight",
        value,
        unit,
        grams,
    )


@pytest.mark.parametrize(
    ("text", "days"),
    [("दस दिन", "10"), ("पंदरा दिन", "15"), ("एक हफ्ता", "7"), ("महीना भर", "30"), ("डेढ़ महीना", "45")],
)
def test_a_time_in_days(text: str, days: str) -> None:
    """A week is 7 days, a month 30."""
    (found,) = entities(text)
    assert (found["type"], found["days"]) == ("duration", days)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2-3 दिन", "2", "3"),
        ("आठ दस दिन", "8", "10"),
        ("हफ्ता दस दिन", "7", "10"),
        ("15 दिन से एक महीना", "15", "30"),
    ],
)
def test_a_time_between(text: str, low: str, high: str) -> None:
    """`हफ्ता दस दिन` is a week to ten days."""
    (found,) = entities(text)
    assert (found["type"], found["low"], found["high"], found["unit"]) == ("range", low, high, "day")


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("9999912345", "9999912345"),
        ("99999 12345", "9999912345"),
        ("+91 99999-12345", "919999912345"),
        ("मो. 099999-12345", "09999912345"),
        ("नौ नौ नौ नौ नौ एक दो तीन चार पाँच", "9999912345"),
        ("डबल नौ ट्रिपल नौ एक दो तीन चार पाँच", "9999912345"),
    ],
)
def test_a_phone_number(text: str, digits: str) -> None:
    """Any grouping, figures or words, doubled digits."""
    (found,) = entities(text)
    assert (found["type"], found["digits"]) == ("phone", digits)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("494226", None),
        ("494 226", "pincode"),
        ("पिन चार नौ चार दो दो छह", None),
        ("गाँव भेलवापदर 494226", None),
    ],
)
def test_a_pin_code(text: str, asks: str | None) -> None:
    """Six digits that are no price."""
    (found,) = entities(text, asks)
    assert (found["type"], found["digits"]) == ("pincode", "494226")


def test_six_digits_to_the_price_question_are_a_number() -> None:
    """What was asked decides what bare digits are."""
    assert entities("494226", "money")[0]["type"] == "number"


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("23/11/2026", "2026-11-23"),
        ("2026-11-23", "2026-11-23"),
        ("23.11.26", "2026-11-23"),
        ("15 अगस्त 2026", "2026-08-15"),
        ("15 may", "--05-15"),
        ("नवंबर 2026", "2026-11"),
    ],
)
def test_a_date(text: str, iso: str) -> None:
    """Day before month, as in India; what is not said is left out."""
    (found,) = entities(text)
    assert (found["type"], found["iso"]) == ("date", iso)


def test_a_day_that_does_not_exist_is_no_date() -> None:
    """31 February is refused."""
    assert all(each["type"] != "date" for each in entities("31/02/2026"))


@pytest.mark.parametrize("text", ["दो चार", "2.4", "2-4", "2 4"])
def test_a_bangle_size_is_neither_range_nor_decimal(text: str) -> None:
    """Two and four sixteenths of an inch is written 2.4."""
    (found,) = entities(text, "size_bangle")
    assert (found["type"], found["value"], found["bangle"]) == ("number", "2.4", True)


def test_one_message_holds_everything() -> None:
    """Size, price and count come out of one sentence in order."""
    found = entities("पीतल का हाथी, आठ इंच, पंद्रह सौ रुपया, पाँच नग")
    assert [(each["type"], each["value"]) for each in found] == [
        ("length", "8"),
        ("money", "1500"),
        ("quantity", "5"),
    ]

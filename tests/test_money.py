"""Money: the sum, what it is for, and whose figure it is."""

from __future__ import annotations

from typing import Any

import pytest

from bot.language.entities import read
from bot.language.script import normalise


def entities(text: str, asks: str | None = None) -> list[dict[str, Any]]:
    return read(normalise(text), asks)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("₹1,250/-", "1250"),
        ("Rs. 500", "500"),
        ("rs500", "500"),
        ("500rs", "500"),
        ("500/-", "500"),
        ("रु. 500", "500"),
        ("500 रू", "500"),
        ("ढाई सौ रुपिया", "250"),
        ("do sau pachas rupaye", "250"),
        ("दस रुपये पचास पैसे", "10.5"),
        ("पचास पैसे", "0.5"),
        ("चार आना", "0.25"),
        ("बारह आने", "0.75"),
        ("दाम पंद्रह सौ", "1500"),
        ("कीमत: 1200", "1200"),
        ("rate-450", "450"),
        ("₹0", "0"),
        ("100000000000 रुपये", "100000000000"),
    ],
)
def test_a_sum_of_money(text: str, value: str) -> None:
    """A currency sign or word on either side, or a price word before the figure, makes it money."""
    (found,) = entities(text)
    assert (found["type"], found["value"], found["currency"]) == ("money", value, "INR")


@pytest.mark.parametrize(
    ("text", "value", "per"),
    [
        ("500 की जोड़ी", "500", "pair"),
        ("जोड़ी का 500", "500", "pair"),
        ("200 रुपये किलो", "200", "kg"),
        ("प्रति किलो 200", "200", "kg"),
        ("200 rs/kg", "200", "kg"),
        ("₹350/piece", "350", "piece"),
        ("एक पीस का 500", "500", "piece"),
        ("एक पीस का दाम पाँच सौ रुपये", "500", "piece"),
        ("ढाई सौ रुपिया एक ठन के", "250", "piece"),
        ("50 का एक", "50", "piece"),
        ("300 रुपये मीटर के हिसाब से", "300", "metre"),
        ("300 सैकड़ा", "300", "hundred"),
        ("कोरी के दू सौ", "200", "kori"),
        ("900 rs ka set", "900", "set"),
        ("500 रुपये", "500", None),
    ],
)
def test_what_the_price_is_for_is_kept(text: str, value: str, per: str | None) -> None:
    """Five hundred a pair stays five hundred a pair."""
    (found,) = entities(text)
    assert (found["value"], found["per"]) == (value, per)


@pytest.mark.parametrize("text", ["दस के चार", "सौ में दो", "300 ka 5 piece", "दो का 500", "तीनों 900"])
def test_a_price_for_several_is_not_divided(text: str) -> None:
    """Ten for four is no price of one: unclear, with the count kept."""
    (found,) = entities(text)
    assert found["ambiguous"] and "value" not in found and found["for"]


@pytest.mark.parametrize(
    ("text", "value", "role"),
    [
        ("लागत 400", "400", "cost"),
        ("400 में बनता है", "400", "cost"),
        ("बाज़ार में 600 है", "600", "market"),
        ("थोक में 400", "400", "wholesale"),
        ("हाथ में 500 चाहिए", "500", "net"),
        ("मुझे 500 मिलना चाहिए", "500", "net"),
        ("पहले 300 रुपये था", "300", "previous"),
        ("100 रुपये कम कर दो", "100", "change"),
        ("दाम 100 बढ़ा दो", "100", "change"),
    ],
)
def test_a_figure_that_is_not_her_price_says_so(text: str, value: str, role: str) -> None:
    """A cost, a market price or what must remain in her hand carries its role."""
    (found,) = entities(text)
    assert (found["type"], found["value"], found["role"]) == ("money", value, role)


def test_each_figure_has_its_own_role() -> None:
    """Wholesale and retail in one breath stay apart."""
    found = entities("थोक 400 चिल्लर 500")
    assert [(each["value"], each["role"]) for each in found] == [("400", "wholesale"), ("500", "retail")]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("500 से कम नहीं", "500", None),
        ("कम से कम 500", "500", None),
        ("500 से ज्यादा", "500", None),
        ("500 से एक रुपया कम नहीं", "500", None),
        ("पाँच सौ रुपिया ले कमती नइ", "500", None),
        ("500+", "500", None),
        ("500 के अंदर", None, "500"),
        ("500 तक", None, "500"),
        ("500 से ज्यादा नहीं", None, "500"),
    ],
)
def test_a_bound_is_an_open_range(text: str, low: str | None, high: str | None) -> None:
    """A floor or a ceiling is never one silent price."""
    (found,) = entities(text)
    assert (found["type"], found["low"], found["high"]) == ("range", low, high)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("300 नहीं 350", "350"),
        ("नहीं, 350", "350"),
        ("दाम 500 नहीं 600 है", "600"),
        ("500 रुपये नहीं 450 रुपये", "450"),
        ("पहले 300 था अब 250", "250"),
    ],
)
def test_a_corrected_figure_is_gone(text: str, value: str) -> None:
    """What she takes back is not reported beside what she means."""
    (found,) = entities(text)
    assert found["value"] == value


def test_a_refused_figure_is_no_figure() -> None:
    """`300 नहीं` gives no price."""
    assert entities("300 नहीं", "money") == []
    assert entities("300 में नहीं दूँगी", "money") == []


def test_a_hundred_after_an_unknown_word_is_unclear() -> None:
    """`dho sau` may be 200 in a spelling nobody has listed."""
    (found,) = entities("dho sau", "money")
    assert "value" not in found and found["ambiguous"] is True


def test_a_unit_beside_a_price_question_is_its_basis() -> None:
    """`200 किलो` to "what does it cost" is a price; `80 पाव` must be asked again."""
    (found,) = entities("200 किलो", "money")
    assert (found["type"], found["value"], found["per"]) == ("money", "200", "kg")
    (found,) = entities("80 पाव", "money")
    assert found["ambiguous"] is True


def test_a_bare_number_stays_a_number() -> None:
    """Which slot it fills is for understanding to decide."""
    assert [each["type"] for each in entities("500", "money")] == ["number"]

"""Speaking: numbers, money, counts and dates as people say them, in two languages and two scripts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language.entities import read
from bot.language.latin import to_latin
from bot.language.script import normalise
from bot.language.speak import count, date, group_digits, money, money_words, number_words

GSM = set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡¿§ÄÖÑÜäöñüà") | set(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)


@pytest.mark.parametrize(
    ("value", "language", "words"),
    [
        (1250, "hi", "बारह सौ पचास"),
        (1500, "hi", "पंद्रह सौ"),
        (2050, "hi", "दो हज़ार पचास"),
        (2000, "hi", "दो हज़ार"),
        (250, "hi", "ढाई सौ"),
        (250, "hne", "अढ़ई सौ"),
        (150, "hi-Latn", "dedh sau"),
        (0, "hi", "शून्य"),
        (125000, "hi", "एक लाख पच्चीस हज़ार"),
        (10**12, "hi", "एक लाख करोड़"),
        ("2.5", "hi", "ढाई"),
        ("3.5", "hi", "साढ़े तीन"),
        ("1.75", "hi", "पौने दो"),
        ("1.05", "hi", "एक दशमलव शून्य पाँच"),
        (-5, "hi", "ऋण पाँच"),
    ],
)
def test_numbers_in_words(value: int | str, language: str, words: str) -> None:
    """Hundreds up to ninety-nine hundred, fractions by their own words."""
    assert number_words(value, language) == words


@pytest.mark.parametrize(
    ("value", "language", "text"),
    [
        ("1250", "hi", "₹1,250 (बारह सौ पचास रुपये)"),
        ("250", "hne", "₹250 (अढ़ई सौ रुपिया)"),
        ("1250", "hi-Latn", "Rs 1,250 (barah sau pachas rupaye)"),
        ("99.50", "hi", "₹99.50 (निन्यानवे रुपये पचास पैसे)"),
        ("1", "hi", "₹1 (एक रुपया)"),
        ("125000", "hi", "₹1,25,000 (एक लाख पच्चीस हज़ार रुपये)"),
    ],
)
def test_money_in_digits_and_words(value: str, language: str, text: str) -> None:
    """She sees the sum twice: figures and words."""
    assert money(value, language) == text


@pytest.mark.parametrize("value", ["NaN", "abc", "inf", "10000000000000"])
def test_what_has_no_words_is_refused(value: str) -> None:
    """Speaking nonsense would be worse than an error."""
    with pytest.raises(ValueError, match=value):
        number_words(value, "hi")


@given(st.integers(0, 10**12))
def test_grouping_is_indian_and_loses_nothing(value: int) -> None:
    """Three digits last, then twos."""
    text = group_digits(value)
    first, *rest = text.split(",")
    assert int(text.replace(",", "")) == value
    assert len(first) <= 3 and all(len(group) == 2 for group in rest[:-1])
    assert not rest or len(rest[-1]) == 3


@given(st.integers(1, 10**8), st.integers(0, 99), st.sampled_from(["hi", "hne", "hi-Latn"]))
def test_spoken_money_is_read_back(rupees: int, paise: int, language: str) -> None:
    """The words of a price mean that price."""
    value = Decimal(rupees) + Decimal(paise) / 100
    (found,) = read(normalise(money_words(value, language)), None)
    assert Decimal(found["value"]) == value


@given(
    st.integers(1, 97), st.sampled_from(["0.25", "0.5", "0.75"]), st.sampled_from(["hi", "hne", "hi-Latn"])
)
def test_spoken_fractions_are_read_back(whole: int, part: str, language: str) -> None:
    """`साढ़े तीन किलो` is three and a half."""
    value = whole + Decimal(part)
    (found,) = read(normalise(f"{number_words(value, language)} किलो"), None)
    assert Decimal(found["value"]) == value


def test_things_are_counted_in_the_language() -> None:
    """Chhattisgarhi counts things with -ठन; a noun of an SMS is in Latin letters."""
    assert count(5, "piece", "hi") == "5 नग"
    assert count(5, "piece", "hne") == "5 ठन"
    assert count(5, "टोकरी", "hne") == "5 ठन टोकरी"
    assert count(5, "टोकरी", "hi-Latn") == "5 tokri"


def test_dates_are_spoken_as_far_as_known() -> None:
    """A date without a year or without a day leaves it out."""
    assert date("2026-11-23", "hi") == "23 नवंबर 2026"
    assert date("--08-15", "hi") == "15 अगस्त"
    assert date("2026-08", "hi-Latn") == "august 2026"


@pytest.mark.parametrize(
    ("devanagari", "latin"),
    [
        ("डेढ़ सौ रुपये।", "dedh sau rupaye."),
        ("लकड़ी का हाथी", "lakdi ka hathi"),
        ("समझ नहीं आया", "samajh nahin aya"),
        ("छत्तीसगढ़", "chhattisgadh"),
        ("मूल्य", "mulya"),
        ("लंबाई", "lambai"),
        ("₹१,२५०", "Rs 1,250"),
        ("सड़क", "sadak"),
    ],
)
def test_sms_spelling_is_as_people_type(devanagari: str, latin: str) -> None:
    """Unspoken vowels are dropped and letters are plain."""
    assert to_latin(devanagari) == latin


@given(st.text(max_size=80))
def test_sms_spelling_fits_the_cheap_alphabet(text: str) -> None:
    """One letter outside GSM-7 would halve what a message can hold."""
    assert set(to_latin(text)) <= GSM

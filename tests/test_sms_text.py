"""What a text costs as SMS, and how a bubble is written for a phone that has only keys."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.sms_text import ROOM, as_sent, encoding, is_gsm, segments, units
from bot.engine.documents import read_yaml
from bot.engine.keypad import MOST_VALUE, SKIP, UNSKIPPABLE, may_skip, shortened
from bot.messages import Button
from bot.settings import ROOT

PLAIN = st.text(alphabet="abc 0123,.?\n^€[]{}", max_size=700)
ANY = st.text(alphabet="अआकखा ँ।₹ab1😀", max_size=300)
SKIPS = Button("pata nahi", SKIP)


@pytest.mark.parametrize(
    ("text", "name", "size", "parts"),
    [
        ("", "GSM-7", 0, 1),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("[" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        # 153 units are odd: a sign of two does not fit into the last place of a part.
        ("€" * 152, "GSM-7", 304, 2),
        ("€" * 153, "GSM-7", 306, 3),
        ("Rs 250", "GSM-7", 6, 1),
        ("₹250", "UCS-2", 4, 1),
        ("250।", "UCS-2", 4, 1),
        ("क" * 70, "UCS-2", 70, 1),
        ("क" * 71, "UCS-2", 71, 2),
        ("क" * 134, "UCS-2", 134, 2),
        ("क" * 135, "UCS-2", 135, 3),
        ("a" * 70 + "।", "UCS-2", 71, 2),
        ("😀" * 35, "UCS-2", 70, 1),
        ("😀" * 67, "UCS-2", 134, 3),
    ],
)
def test_parts_are_counted_as_operators_do(text: str, name: str, size: int, parts: int) -> None:
    """160 plain letters or 70 of any script alone, 153 or 67 in each part of several."""
    assert (encoding(text), units(text), segments(text)) == (name, size, parts)


@given(PLAIN | ANY)
def test_parts_hold_what_they_must(text: str) -> None:
    """As many parts as needed and, but for one place a part, no more."""
    one, many = ROOM[encoding(text)]
    count, size = segments(text), units(text)
    assert (count == 1) == (size <= one)
    if count > 1:
        assert size <= count * many and size > (count - 1) * (many - 1)


@given(ANY, st.integers(min_value=4, max_value=40))
def test_a_value_is_cut_kindly(text: str, most: int) -> None:
    """What fits stays; what does not is a beginning of it, cut at a blank where there is one, and marked."""
    said = shortened(text, most)
    assert len(said) <= most
    if len(text) <= most:
        assert said == text
    else:
        assert said.endswith("..") and text.startswith(said[:-2])


def test_a_name_is_cut_between_words() -> None:
    """The last word that fits whole is the last that is said."""
    assert shortened("purane zamane wala bada bans ka jhula", MOST_VALUE) == "purane zamane wala bada bans.."


def test_choices_are_numbered_and_nought_stands_last() -> None:
    """Each choice has its key, `0` is "do not know"; short ones stand in a row."""
    yes_no = (Button("haan", "a"), Button("nahi", "b"), SKIPS)
    assert as_sent("utter_ask_x", "Sahi hai?", yes_no, "hi-Latn") == "Sahi hai?\n1 haan 2 nahi 0 pata nahi"
    assert as_sent("utter_ask_x", "Kitne?", (SKIPS,), "hi-Latn") == "Kitne?\n0 pata nahi"
    many = tuple(Button(f"choice number {n}", str(n)) for n in range(1, 11))
    assert "\n9 choice number 9\n10 choice number 10\n0 pata nahi" in as_sent("x", "?", (*many, SKIPS), "hi")


@given(ANY)
def test_plain_letters_stay_plain(text: str) -> None:
    """In a language of Latin letters no value makes the whole message dear."""
    assert is_gsm(as_sent("utter_x", text, (Button(text, "a"),), "hi-Latn"))


def test_what_is_too_long_is_spelled_in_plain_letters() -> None:
    """Devanagari of three parts is sent as two of plain letters; what fits, or nobody can shorten, stays."""
    assert as_sent("utter_x", "क" * 134, (), "hi") == "क" * 134
    long = "कम दाम का नमक " * 12
    assert segments(long) == 3
    sent = as_sent("utter_x", long, (), "hi")
    assert is_gsm(sent) and segments(sent) == 2 and sent.startswith("kam dam ka namak")


def test_a_long_menu_has_shorter_words() -> None:
    """The titles of choices that the talk makes are cut before the message gets a third part."""
    many = tuple(Button(f"{n} " + "लंबा नाम वाला सामान", str(n)) for n in range(1, 7))
    sent = as_sent("utter_ask_listing_choice", "किस सामान की बात करें?", many, "hi")
    assert segments(sent) == 2 and not is_gsm(sent) and "\n6 6 लंबा नाम" in sent


def test_the_flows_know_the_same_questions_that_cannot_be_skipped() -> None:
    """`0` is not printed where flows/patterns.yml would refuse it."""
    flows = read_yaml(ROOT / "flows" / "patterns.yml")["flows"]
    condition = flows["pattern_skip_question"]["steps"][0]["next"][0]["if"]
    assert set(re.findall(r'"(\w+)"', condition)) == UNSKIPPABLE


@pytest.mark.parametrize(
    ("slot", "asks", "printed"),
    [
        ("stock", "stock", True),
        ("category", "category", True),
        ("veg", "veg", True),
        ("change_what", "change_what", True),
        ("price", "price", False),
        ("new_price", "price", False),
        ("new_stock", "stock", False),
        ("language", "language", False),
        ("consent", "consent", False),
        ("confirm_one", "stock", False),
        ("confirm_listing", "confirm_listing", False),
        ("confirm_erase", "confirm_erase", False),
        ("sell_more", "sell_more", False),
    ],
)
def test_nought_is_offered_where_not_knowing_is_an_answer(slot: str, asks: str, printed: bool) -> None:
    """Not for a yes or no about what she said herself, not where only she can answer, not where 0 counts."""
    assert may_skip(slot, asks) is printed

"""Aadhaar, PAN and account numbers are marked before anything is kept; what she sells is never touched."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from bot.language.private_numbers import (
    AADHAAR,
    BANK,
    MARKS,
    PAN,
    is_aadhaar,
    without_marks,
    without_private_numbers,
)
from models import Base
from models.database import reading
from tests.conftest import Clock
from tests.town import TALK, Town

SCRIPTS = {"latin": "0", "devanagari": "०", "odia": "୦", "bengali": "০", "telugu": "౦"}
GROUPINGS = ([12], [4, 4, 4], [2] * 6, [3] * 4, [6, 6], [1] * 12, [4, 8], [5, 7])
SEPARATORS = (" ", "-", ".", " - ")
AROUND = ("{}", "आधार {}", "मेरा नंबर {} है", "aadhar no {}", "{} दे दिया", "हाथी 1500 रुपया, आधार {}")


def with_check_digit(eleven: str) -> str:
    return next(eleven + last for last in "0123456789" if is_aadhaar(eleven + last))


def written(figures: str, script: str, lengths: list[int], separator: str) -> str:
    groups, at = [], 0
    for length in lengths:
        groups.append(figures[at : at + length])
        at += length
    zero = ord(SCRIPTS[script])
    return separator.join("".join(chr(zero + int(each)) for each in group) for group in groups)


AADHAARS = (
    st.tuples(st.sampled_from("2345678"), st.text("0123456789", min_size=10, max_size=10))
    .map("".join)
    .map(with_check_digit)
)


@given(
    AADHAARS,
    st.sampled_from(sorted(SCRIPTS)),
    st.sampled_from(GROUPINGS),
    st.sampled_from(SEPARATORS),
    st.sampled_from(AROUND),
)
def test_an_aadhaar_number_is_marked_in_every_grouping_and_script(
    figures: str, script: str, lengths: list[int], separator: str, around: str
) -> None:
    """Whatever stands around it, only what is no figure of it stays."""
    ends = [sum(lengths[: at + 1]) for at in range(len(lengths))]
    # Round numbers side by side are read as prices: of real Aadhaar numbers in fours that is one in 125.
    assume(len(lengths) == 1 or any(figures[end - 1] not in "05" for end in ends))
    number = written(figures, script, lengths, separator)
    kept = without_private_numbers(around.format(number))
    assert AADHAAR in kept or "रुपया" in around
    if "रुपया" not in around:
        assert number not in kept
        assert kept == around.format(AADHAAR)
    else:
        assert "1500 रुपया" in kept
        assert kept.endswith(AADHAAR)


@given(st.from_regex(r"[2-8][0-9]{11}", fullmatch=True))
def test_twelve_figures_in_one_are_marked_with_a_wrong_check_digit_too(figures: str) -> None:
    """A slip of one figure makes it no less hers."""
    assert without_private_numbers(f"लिखो {figures}") == f"लिखो {AADHAAR}"


@given(
    st.from_regex(r"[A-Z]{5}[0-9]{4}[A-Z]", fullmatch=True),
    st.sampled_from(["{}", "पैन {} है", "pan {}", "pan card no. {}"]),
    st.booleans(),
)
def test_a_pan_is_marked_in_large_and_small_letters(pan: str, around: str, small: bool) -> None:
    """Five letters, four figures, a letter."""
    number = pan.lower() if small else pan
    assert without_private_numbers(around.format(number)) == around.format(PAN)


@given(
    st.from_regex(r"[1-9][0-9]{8,17}", fullmatch=True),
    st.sampled_from(["खाता नंबर {}", "bank account {}", "a/c {}", "बैंक {} SBIN0001234", "khata {}"]),
)
def test_an_account_is_marked_beside_a_word_or_a_branch_code(number: str, around: str) -> None:
    """Whatever its length from nine to eighteen figures."""
    kept = without_private_numbers(around.format(number))
    assert number not in kept
    assert "SBIN0001234" not in kept
    assert BANK in kept or AADHAAR in kept


@given(
    st.one_of(
        st.integers(1, 9_999_999).map(str),
        st.integers(1, 9_999_999).map(lambda amount: f"{amount:,}"),
        st.integers(0, 99999).map(lambda tail: f"+91 99999 {tail:05d}"),
        st.integers(0, 99999).map(lambda tail: f"+9199999{tail:05d}"),
        st.integers(0, 99999).map(lambda tail: f"9199999{tail:05d}"),
        st.integers(0, 99999).map(lambda tail: f"099999-{tail:05d}"),
        st.integers(490000, 499999).map(str),
        st.tuples(st.integers(1, 99), st.integers(1, 99)).map(lambda two: f"{two[0]} x {two[1]} इंच"),
        st.from_regex(r"1[0-9]{13}", fullmatch=True).map("fssai {}".format),
        st.from_regex(r"22[A-Z]{5}[0-9]{4}[A-Z]1Z[0-9A-Z]", fullmatch=True),
        st.lists(st.integers(10, 999).map(lambda tens: f"{tens}0"), min_size=3, max_size=4).map(" ".join),
    ),
    st.sampled_from(["{}", "पीतल का हाथी {}", "दाम {} रुपया", "{} का एक", "मेरा फोन {}", "pin {} hai"]),
)
def test_what_she_sells_and_where_she_is_stays_untouched(said: str, around: str) -> None:
    """Prices, lists of prices, phones in each writing, pincodes, sizes, licences and the GSTIN."""
    text = around.format(said)
    assert without_private_numbers(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "खाते में पैसा 1500 आया, फोन 9999912345",
        "बैंक वाली गली में, 494001, मोबाइल 9999912345",
        "2,50,000 का सामान",
        "सामान नंबर 1004 का दाम 250",
        "मटका 250, 300, 350, 400",
        "hathi 1500 dam, 5 nag, phone 9999900001",
        "chadar 1200 1500 1800",
        "liquid 1210 1500 1800",
        "मिट्टी पर आधारित 1200 1500 1825",
        "बात करे के खातिर 9999912345",
        "मेरा बेटा देखता है 9999912345",
        "SAREE 1200 M",
        "SAREE 2500 X 2",
        "KURTA 1500 L",
    ],
)
def test_a_sentence_with_figures_of_trade_stays_untouched(text: str) -> None:
    """Even where a bank is named, or a word holds the letters of one that names a private number."""
    assert without_private_numbers(text) == text


def test_what_is_left_to_understand_holds_no_mark() -> None:
    """The marks are for who reads it later, not for the talk."""
    assert without_marks(f"सीता बाई {AADHAAR}, करनपुर {BANK}") == "सीता बाई , करनपुर"
    assert all(without_marks(mark) == "" for mark in MARKS)


@pytest.mark.parametrize("text", ["5 " * 2000, "1" * 4000, "2345 6789 " * 400, "A1B2" * 1000, "- 5" * 1300])
def test_long_rows_of_figures_are_read_in_one_way(text: str) -> None:
    """A message as long as the channel carries is looked through at once: this test would not end."""
    assert len(without_private_numbers(text)) <= len(text)


def test_no_row_of_any_table_holds_the_number(tmp_path: Path, db: Engine, clock: Clock) -> None:
    """Not the message, not the state, not the words kept with a value."""
    town = Town(tmp_path, db, clock)
    for text in TALK[:4]:
        town.say(1, text)
        town.wait(minutes=1)
    town.say(1, "पीतल का हाथी 1500 रुपया, आधार 2345-6789-0123, खाता 30123456789 SBIN0001234, ABCDE1234F")
    town.wait(minutes=1)
    with reading(db) as conn:
        kept = "\n".join(
            repr(tuple(row)) for table in Base.metadata.sorted_tables for row in conn.execute(select(table))
        )
    assert "1500" in kept
    assert AADHAAR in kept
    for number in ("2345-6789", "30123456789", "SBIN0001234", "ABCDE1234F"):
        assert number not in kept

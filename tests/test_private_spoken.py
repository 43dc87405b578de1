"""Private numbers said in words, beside a price or over lines go too; what only looks like one stays."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.language.private_numbers import AADHAAR, BANK, is_aadhaar, without_private_numbers
from bot.language.speak import number_words

FIGURES = st.text("0123456789", min_size=11, max_size=11)


def aadhaar(first: str) -> str:
    """A number with the right check digit."""
    return next(first + last for last in "0123456789" if is_aadhaar(first + last))


@given(FIGURES, st.sampled_from(["hi", "hne", "hi-Latn"]))
def test_said_figure_by_figure_it_is_marked(first: str, language: str) -> None:
    assume(first[0] in "23456789" and not (first.startswith("91") and first[2] in "6789"))
    said = " ".join(number_words(int(figure), language) for figure in aadhaar(first))
    assert without_private_numbers(f"आधार हे {said} बस") == f"आधार हे {AADHAAR} बस"


@given(FIGURES, st.sampled_from([" ", "-", "\n"]), st.sampled_from(["", " 1500 रुपये", ", दाम 250"]))
def test_in_fours_beside_a_price_or_on_lines_it_is_marked(first: str, gap: str, after: str) -> None:
    assume(first[0] in "23456789" and not (first.startswith("91") and first[2] in "6789"))
    number = aadhaar(first)
    groups = [number[:4], number[4:8], number[8:]]
    assume(any(int(group) % 5 for group in groups))
    assert without_private_numbers(gap.join(groups) + after) == AADHAAR + after


def test_an_account_said_in_words_is_marked() -> None:
    said = "खाता नंबर तीन चार पाँच छह सात आठ नौ एक दो तीन चार पाँच छह"
    assert without_private_numbers(said) == f"खाता नंबर {BANK}"


@pytest.mark.parametrize(
    "text",
    [
        "नौ नौ नौ नौ नौ एक दो तीन चार पाँच पर फोन करो",
        "नौ एक नौ नौ नौ नौ नौ एक दो तीन चार पाँच मेरा फोन",
        "पीतल का हाथी आठ इंच पंद्रह सौ रुपया पाँच नग",
        "एक दो तीन चार पाँच छह सात आठ रंग में है",
        "दाम 1500, खाते में 9999912345 पर फोन",
        "1250 1500 1750 2000",
    ],
)
def test_what_only_looks_like_one_stays(text: str) -> None:
    assert without_private_numbers(text) == text

"""The cards of good and bad: one for each problem she can mend, small, without words, as they are drawn."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from bot.media.photos import PROBLEMS, judge
from tests.cards import CARDS, MOST, cards
from tests.degraded import encoded

NAMES = ("card", *(problem for problem in PROBLEMS if problem != "unreadable"), "background")


@pytest.mark.parametrize("name", NAMES)
def test_there_is_a_card_for_each_problem(name: str) -> None:
    """`photo_<problem>.jpg`: at most 40 kB, about 850 × 450 px, nothing in it but pixels."""
    data = (CARDS / f"photo_{name}.jpg").read_bytes()
    image = Image.open(BytesIO(data))
    assert len(data) <= MOST and image.size == (851, 450) and not image.getexif()


def test_no_card_is_left_over() -> None:
    """Every card is of a problem that exists."""
    assert {path.name for path in CARDS.iterdir()} == {f"photo_{name}.jpg" for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_good_stands_left_and_bad_right(name: str) -> None:
    """A green frame and sign around the good picture, a red one around the bad."""
    colours = np.asarray(Image.open(CARDS / f"photo_{name}.jpg").convert("RGB")).astype(int)
    green = (colours[..., 1] - colours[..., 0] > 70) & (colours[..., 1] - colours[..., 2] > 50)
    red = (colours[..., 0] - colours[..., 1] > 120) & (colours[..., 0] - colours[..., 2] > 120)
    frame = np.s_[200:250]
    assert green[frame, 12:16].mean() > 0.9 and red[frame, 430:433].mean() > 0.9


@pytest.mark.parametrize("problem", ["dark", "blurred", "overexposed", "flat"])
def test_the_bad_picture_is_what_it_shows(problem: str) -> None:
    """The bad half of a card has the fault that its name says, and the good half has not."""
    card = Image.open(CARDS / f"photo_{problem}.jpg").convert("RGB")
    good, bad = (card.crop((left, 130, left + 330, 415)).resize((1155, 998)) for left in (30, 447))
    found = [judge(encoded(part)).problems for part in (good, bad)]
    assert problem in found[1] and (problem == "blurred" or problem not in found[0])


@pytest.mark.slow
def test_the_cards_are_drawn_by_the_script() -> None:
    """`python -m tests.cards` makes them again: what stands there is what it draws."""
    for name, drawn in cards().items():
        kept = np.asarray(Image.open(CARDS / f"{name}.jpg").convert("RGB")).astype(int)
        assert np.abs(kept - np.asarray(drawn)).mean() < 4, name

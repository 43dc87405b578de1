"""Real photographs, good ones and such as were made bad by a known amount, are judged as a buyer would."""

from __future__ import annotations

from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.media.photos import judge
from tests.degraded import IMAGES, degraded, encoded, picture, sent
from tests.photo_table import FAULTS, rows

CASES = YAML(typ="safe").load((IMAGES / "expected.yml").read_text(encoding="utf-8"))


def named(case: dict[str, Any]) -> str:
    """What stands in the name of the test."""
    return " ".join([case["picture"], *case.get("after", [])])


@pytest.mark.parametrize("case", CASES, ids=named)
def test_each_picture_is_judged_as_written(case: dict[str, Any]) -> None:
    """expected.yml: the verdict and every problem, and no other, as WhatsApp sends it."""
    found = judge(sent(degraded(picture(case["picture"]), case.get("after", []))))
    assert (found.verdict, list(found.problems)) == (case["verdict"], case.get("problems", []))


def test_the_cases_cover_what_is_judged() -> None:
    """At least 20 pictures, a third of them good, and every problem that one picture alone can have."""
    problems = {problem for case in CASES for problem in case.get("problems", [])}
    assert len(CASES) >= 20 and sum(case["verdict"] == "ok" for case in CASES) >= len(CASES) / 3
    assert problems == set(FAULTS)


def test_a_small_photo_gets_advice() -> None:
    """Below 1000 px on its short side a shop wants more: `small`, which is no problem."""
    small, large = (judge(sent(picture(name))) for name in ("paint_near", "bowl"))
    assert "small" in small.advice and small.verdict == "ok" and "small" not in large.advice
    assert "small" not in judge(encoded(picture("coffee_small"))).advice, "too_small says it already"


def test_a_busy_ground_gets_advice() -> None:
    """Things around the piece: `background`; a plain ground of any colour gets none."""
    assert "background" in judge(sent(picture("brushes"))).advice
    for gray in (255, 170, 0):
        assert judge(sent(degraded(picture("brushes"), [f"ground {gray}"]))).advice == ()


@pytest.mark.parametrize("name", ["brick", "grass", "gravel"])
def test_a_near_view_fills_the_frame(name: str) -> None:
    """A weave from near goes on over the edges, and is no busy ground."""
    found = judge(sent(picture(name)))
    assert found.as_json()["fills_frame"] is True and "background" not in found.advice
    assert not judge(sent(degraded(picture(name), ["ground 255"]))).fills_frame


@pytest.mark.slow
def test_the_table_keeps_its_promise() -> None:
    """No false refusal at all, few false words, and most faults found: not worse than docs/photos.md says."""
    table = {(row.problem, row.steps): row for row in rows()}
    for problem in FAULTS:
        alarms = table[problem, ()]
        assert alarms.refused == 0 and alarms.named <= (0.049 if problem == "blurred" else 0.0)
    found = {steps[0]: row.named for (_problem, steps), row in table.items() if steps}
    assert found["blur 2"] >= 0.98 and found["blur 3"] == found["blur 5"] == 1
    assert found["shake 20 0"] >= 0.96 and found["shake 20 90"] >= 0.96 and found["shake 30 45"] >= 0.80
    assert found["exposed -2"] >= 0.83 and found["exposed -3"] >= 0.98
    assert found["exposed 2"] >= 0.42 and found["exposed 3"] >= 0.71
    assert found["contrast 0.3"] == found["short_side 480"] == 1
    assert found["screen 0"] == found["screen 1"] == found["page 120"] == 1
    assert table["blurred", ("blur 3",)].refused == 1 and table["blurred", ("blur 2",)].refused >= 0.75

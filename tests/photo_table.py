"""Print the table of false alarms and misses that stands in docs/photos.md: `python -m tests.photo_table`.

Every good picture of tests/images goes through every fault, in two compressions. `named`: the problem was
named; `refused`: she was asked for another one because of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.media.photos import Judgement, judge
from tests.degraded import degraded, encoded, picture, sent

SHARP = ("bowl", "brushes", "dandelion", "drum", "dogs", "room", "stream", "mountain", "meadow", "fig_near")
SMALL = ("motorcycle", "paint_near", "evening")
"""Good pictures with less than 1000 px: blur is told at 1024 px, and these hold less detail to begin with."""
FAULTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "blurred": (("blur 2",), ("blur 3",), ("blur 5",), ("shake 20 0",), ("shake 20 90",), ("shake 30 45",)),
    "dark": (("exposed -2",), ("exposed -3",)),
    "overexposed": (("exposed 2",), ("exposed 3",)),
    "flat": (("contrast 0.3",),),
    "screenshot": (("screen 0",), ("screen 1",), ("page 120",)),
    "too_small": (("short_side 480",),),
}
FINE = ((), ("ground 255",), ("ground 0",), ("noise 6",))
"""What is no fault: as it is, cut out on white, on black cloth, with some grain."""


@dataclass(frozen=True, slots=True)
class Row:
    """One problem after one fault, or after none: shares of the pictures, 0 to 1."""

    problem: str
    steps: tuple[str, ...]
    named: float
    refused: float


def rows() -> Iterator[Row]:
    """The table; a row without steps counts false alarms."""
    fine = [found for steps in FINE for found in judgements(steps, (*SHARP, *SMALL))]
    for problem, faults in FAULTS.items():
        yield row(problem, (), fine)
        for steps in faults:
            names = SHARP if problem == "blurred" else (*SHARP, *SMALL)
            yield row(problem, steps, judgements(steps, names))


def judgements(steps: tuple[str, ...], names: tuple[str, ...]) -> list[Judgement]:
    """Each picture after these steps, once as WhatsApp sends it and once compressed a little less."""
    found = []
    for name in names:
        image = degraded(picture(name), steps)
        found += [judge(sent(image)), judge(encoded(image, quality=80))]
    return found


def row(problem: str, steps: tuple[str, ...], found: list[Judgement]) -> Row:
    """How often the problem was named, and how often she was asked for another photo for it."""
    named = [one for one in found if problem in one.problems]
    refused = [one for one in named if one.verdict == "refuse"]
    return Row(problem, steps, len(named) / len(found), len(refused) / len(found))


if __name__ == "__main__":
    print("| problem | after | named | refused |\n|---|---|---|---|")
    for each in rows():
        after = ", ".join(each.steps) or "nothing: false alarms"
        print(f"| {each.problem} | {after} | {each.named:.0%} | {each.refused:.0%} |")

"""What somebody else says of her: taken as answers, which count only when she has heard them and said yes."""

from __future__ import annotations

from collections.abc import Sequence

from bot.engine.fill import accept
from bot.engine.run import Run
from bot.messages import Json


def take_given(run: Run, commands: Sequence[Json]) -> list[Json]:
    """Fill what she has not said herself; answers the other commands.

    What its check refuses is left out without a word: she never said it. Nothing of it is an answer of this
    message, so it is read to her with all the rest.
    """
    for command in commands:
        if command["command"] == "given":
            for slot, value in command["slots"].items():
                if run.slots.get(slot) is None:
                    _take(run, slot, value)
    return [command for command in commands if command["command"] != "given"]


def _take(run: Run, slot: str, value: object) -> None:
    bubbles = len(run.bubbles)
    accept(run, slot, value, str(value), confirm=slot != "language")
    del run.bubbles[bubbles:]
    run.rejected = False
    run.written.clear()

"""Buttons as text for those who cannot press: `1 हाँ  2 नहीं` below the question.

The engine takes the number, the word or a tap alike, so this is only how it looks.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.engine.keypad import SKIP
from bot.messages import Button

SHORT_ROW = 40
"""Choices that fit in one line of a small phone stand beside each other, longer ones below."""


def with_numbers(
    text: str, buttons: Sequence[Button], limit: int, gap: str = "  ", row_of: int = SHORT_ROW
) -> str:
    """The text with its numbered choices, at most `limit` code points; the choices are never cut away."""
    if not buttons:
        return fit(text, limit)
    choices = [f"{key} {button.title}" for key, button in keyed(buttons)]
    row = gap.join(choices)
    block = row if len(row) <= row_of else "\n".join(choices)
    block = block[: limit // 2]
    return fit(text, limit - len(block) - 1) + "\n" + block


def keyed(buttons: Sequence[Button]) -> list[tuple[int, Button]]:
    """Each choice with its key: 1, 2, 3 …, and 0 for "do not know", which stands last."""
    numbered = [button for button in buttons if button.payload != SKIP]
    skip = [button for button in buttons if button.payload == SKIP]
    return [*enumerate(numbered, 1), *((0, button) for button in skip)]


def fit(text: str, limit: int) -> str:
    """At most `limit` code points. The last line holds the question, so a long text loses its middle."""
    if len(text) <= limit:
        return text
    head, _, question = text.rpartition("\n")
    if not head or len(question) > limit // 2:
        return text[: limit - 1].rstrip() + "…"
    room = limit - len(question) - 3
    return head[:room].rstrip() + " …\n" + question

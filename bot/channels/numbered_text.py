"""Buttons as text for those who cannot press: `1 हाँ  2 नहीं` below the question.

The engine takes the number, the word or a tap alike, so this is only how it looks.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.messages import Button

SHORT_ROW = 40
"""Choices that fit in one line of a small phone stand beside each other, longer ones below."""


def with_numbers(text: str, buttons: Sequence[Button], limit: int) -> str:
    """The text with its numbered choices, at most `limit` code points; the choices are never cut away."""
    if not buttons:
        return fit(text, limit)
    choices = [f"{number} {button.title}" for number, button in enumerate(buttons, 1)]
    row = "  ".join(choices)
    block = row if len(row) <= SHORT_ROW else "\n".join(choices)
    block = block[: limit // 2]
    return fit(text, limit - len(block) - 1) + "\n" + block


def fit(text: str, limit: int) -> str:
    """At most `limit` code points. The last line holds the question, so a long text loses its middle."""
    if len(text) <= limit:
        return text
    head, _, question = text.rpartition("\n")
    if not head or len(question) > limit // 2:
        return text[: limit - 1].rstrip() + "…"
    room = limit - len(question) - 3
    return head[:room].rstrip() + " …\n" + question

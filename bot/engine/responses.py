"""Responses: which wording of a response to use, and its text with the values filled in.

The files are Rasa's (`responses: utter_x: [{text, buttons, image, condition, channel}]`). Where Rasa picks a
variation at random we take the i-th at the i-th asking, so that a question asked again is worded differently.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.engine.documents import Problem, read_yaml

VARIATION_KEYS = {"id", "text", "buttons", "image", "condition", "channel", "metadata"}
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Variation:
    """One wording. `parts` alternates literal text and placeholder names, literal first."""

    parts: tuple[str, ...]
    buttons: tuple[tuple[tuple[str, ...], str], ...] = ()
    image: str | None = None
    channel: str | None = None
    condition: dict[str, Any] = field(default_factory=dict)

    def placeholders(self) -> set[str]:
        names = set(self.parts[1::2])
        for title, _ in self.buttons:
            names |= set(title[1::2])
        return names


Responses = dict[str, tuple[Variation, ...]]


def split(text: str) -> tuple[str, ...]:
    """`a {b} c` → ("a ", "b", " c")."""
    return tuple(_PLACEHOLDER.split(text))


def load_responses(file: Path) -> tuple[Responses, list[Problem]]:
    """The responses of one file."""
    return parse_responses(read_yaml(file), file)


def parse_responses(body: Any, file: Path) -> tuple[Responses, list[Problem]]:
    """The responses of a file that was read; a variation without text or with an unknown key is a problem."""
    found: Responses = {}
    problems: list[Problem] = []
    for name, variations in ((body or {}).get("responses") or {}).items():
        if not isinstance(variations, list) or not variations:
            problems.append(Problem(file, ("responses", name), f"{name}: needs a list of wordings"))
            continue
        good = []
        for number, item in enumerate(variations):
            wrong = _variation_problem(item)
            if wrong:
                problems.append(Problem(file, ("responses", name, number), f"{name}: {wrong}"))
            else:
                good.append(_variation(item))
        found[name] = tuple(good)
    return found, problems


def _variation_problem(item: Any) -> str | None:
    if not isinstance(item, dict) or not isinstance(item.get("text"), str) or not item["text"].strip():
        return "a wording needs a `text`"
    unknown = item.keys() - VARIATION_KEYS
    if unknown:
        return f"unknown key {sorted(unknown)[0]!r}"
    for button in item.get("buttons") or []:
        if not isinstance(button, dict) or set(button) != {"title", "payload"}:
            return "a button needs `title` and `payload`"
    return None


def _variation(item: dict[str, Any]) -> Variation:
    conditions = {entry["name"]: entry.get("value") for entry in item.get("condition") or []}
    return Variation(
        parts=split(item["text"].strip()),
        buttons=tuple((split(str(b["title"])), str(b["payload"])) for b in item.get("buttons") or []),
        image=item.get("image"),
        channel=item.get("channel"),
        condition=conditions,
    )


def choose(variations: tuple[Variation, ...], slots: dict[str, Any], channel: str, attempt: int) -> Variation:
    """Rasa's order (condition and channel, channel, condition, neither), then the wording for this asking."""

    def fits(item: Variation) -> bool:
        right_channel = item.channel is None or item.channel == channel
        return right_channel and all(slots.get(name) == value for name, value in item.condition.items())

    def rank(item: Variation) -> int:
        return 2 * (item.channel is not None) + bool(item.condition)

    fitting = [item for item in variations if fits(item)] or list(variations)
    best = max(rank(item) for item in fitting)
    same = [item for item in fitting if rank(item) == best]
    return same[min(attempt, len(same) - 1)]

"""The English of questions and their answers: no seller's language, so the talk has none of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from bot.engine.documents import Problem, read_yaml
from bot.engine.wording import COUNTS, MONEY, Wording
from bot.language.speak import group_digits
from bot.settings import ROOT
from bot.talk import Talk

FILE = Path("locales") / "console_english.yml"
LIKE = Path("locales") / "hi" / "words.yml"
PARTS = ("slots", "values", "wishes")
"""Parts of the file that have a word for each of the talk's."""


@cache
def texts() -> dict[str, Any]:
    """The file, read once."""
    found: dict[str, Any] = read_yaml(ROOT / FILE)
    return found


class English(Wording):
    """Names and values only: nothing is said to a seller in it, and money and counts are in figures."""

    def _value(self, name: str, value: Any, slots: dict[str, Any], room: int | None) -> str:
        if value is not None and name in MONEY:
            return f"₹{group_digits(str(value), money=True)}"
        if value is not None and name in COUNTS:
            return str(value)
        return super()._value(name, value, slots, room)


def english(talk: Talk) -> Wording:
    """The English of this house's catalogue and lexicon."""
    facts = talk.lexicon.facts
    return English(
        language="en",
        responses={},
        words=texts(),
        categories={key: category.name for key, category in talk.library.catalogue.categories.items()},
        name_of=lambda kind, identity, _: str(facts.get(kind, {}).get(identity, {}).get("en", identity)),
    )


def problems(root: Path) -> list[Problem]:
    """Names and values of the talk that have no English."""
    ours, theirs = read_yaml(root / FILE), read_yaml(root / LIKE)
    return [
        Problem(root / FILE, where, f"{'.'.join(where)}: no English")
        for part in PARTS
        for where in _missing(theirs[part], ours.get(part), (part,))
    ]


def _missing(theirs: Any, ours: Any, where: tuple[str, ...]) -> list[tuple[str, ...]]:
    if not isinstance(theirs, dict):
        return [] if isinstance(ours, str) and ours else [where]
    here = ours if isinstance(ours, dict) else {}
    return [each for name in theirs for each in _missing(theirs[name], here.get(name), (*where, str(name)))]

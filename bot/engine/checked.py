"""Reading data strictly: each reader gives a value, or notes what is wrong and where, and goes on.

So one run names every mistake of a file, not only the first. `where` is the path of keys to a value.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from bot.engine.documents import Problem, Where


@dataclass(frozen=True, slots=True)
class Checked:
    """The readers for one file; `problems` grows by one for each mistake they meet."""

    file: Path
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, where: Where, what: str) -> None:
        name = ".".join(str(key) for key in where)
        self.problems.append(Problem(self.file, where, f"{name} {what}" if name else what))

    def keys(
        self, value: Any, where: Where, required: Collection[str], optional: Collection[str] = ()
    ) -> dict[str, Any] | None:
        """The mapping, or None if something required is missing; unknown keys are mistakes too."""
        if not isinstance(value, dict):
            self.wrong(where, "must be a mapping")
            return None
        for key in value:
            if key not in required and key not in optional:
                self.wrong((*where, key), "is an unknown key")
        missing = [key for key in required if key not in value]
        if missing:
            self.wrong(where, f"lacks {', '.join(missing)}")
            return None
        return value

    def text(self, value: Any, where: Where) -> str:
        if isinstance(value, str) and value.strip():
            return value
        self.wrong(where, "must be a text")
        return ""

    def texts(self, value: Any, where: Where, allowed: Collection[str] | None = None) -> tuple[str, ...]:
        """A list of texts without repeats, of the allowed ones only."""
        if not isinstance(value, list):
            self.wrong(where, "must be a list of texts")
            return ()
        found = tuple(self.text(item, (*where, place)) for place, item in enumerate(value))
        for place, text in enumerate(found):
            if text and allowed is not None and text not in allowed:
                self.wrong((*where, place), f"is {text!r}, which is unknown")
            if text in found[:place]:
                self.wrong((*where, place), f"repeats {text!r}")
        return found

    def one_of(self, value: Any, where: Where, allowed: Collection[str]) -> str:
        text = self.text(value, where)
        if text and text not in allowed:
            self.wrong(where, f"is {text!r}, not one of {', '.join(sorted(allowed))}")
        return text

    def digits(self, value: Any, where: Where) -> str | None:
        """Digits kept as a text, or null: a code may begin with zero."""
        if value is None or (isinstance(value, str) and value.isascii() and value.isdigit()):
            return value
        self.wrong(where, "must be null or digits in quotes")
        return None

    def amount(self, value: Any, where: Where) -> Decimal:
        """A positive decimal in quotes."""
        try:
            amount = Decimal(value if isinstance(value, str) else "NaN")
        except InvalidOperation:
            amount = Decimal("NaN")
        if amount.is_finite() and amount > 0:
            return amount
        self.wrong(where, "must be a positive amount in quotes")
        return Decimal(1)

    def flag(self, value: Any, where: Where) -> bool | None:
        """True, false or null."""
        if value is None or isinstance(value, bool):
            return value
        self.wrong(where, "must be true, false or null")
        return None

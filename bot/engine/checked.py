"""Reading data files strictly: each reader gives a value, or notes what is wrong and where, and goes on.

So one run names every mistake of a file, not only the first.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from bot.engine.lined import Branch, Leaf, Lined, ListOf


@dataclass(slots=True)
class Checked:
    """`problems` grows by one line, `file:line: what`, for each mistake met by a reader."""

    problems: list[str] = field(default_factory=list)

    def wrong(self, node: Lined, what: str) -> None:
        self.problems.append(f"{node.where}: {what}")

    def keys(
        self, node: Lined, name: str, required: Collection[str], optional: Collection[str] = ()
    ) -> dict[str, Lined] | None:
        """The mapping's entries, or None if something required is missing; unknown keys are mistakes."""
        if not isinstance(node, Branch):
            self.wrong(node, f"{name} must be a mapping")
            return None
        for key, value in node.items.items():
            if key not in required and key not in optional:
                self.wrong(value, f"{name} has the unknown key {key!r}")
        missing = [key for key in required if key not in node.items]
        if missing:
            self.wrong(node, f"{name} lacks {', '.join(missing)}")
            return None
        return dict(node.items)

    def text(self, node: Lined, name: str) -> str | None:
        if isinstance(node, Leaf) and isinstance(node.value, str) and node.value.strip():
            return node.value
        self.wrong(node, f"{name} must be a text")
        return None

    def texts(self, node: Lined, name: str) -> tuple[str, ...]:
        if not isinstance(node, ListOf):
            self.wrong(node, f"{name} must be a list of texts")
            return ()
        found = tuple(text for item in node.items if (text := self.text(item, name)) is not None)
        if len(set(found)) < len(found):
            self.wrong(node, f"{name} names something twice")
        return found

    def texts_of(self, node: Lined, name: str, allowed: Collection[str]) -> tuple[str, ...]:
        """A list that holds nothing but some of the allowed words."""
        found = self.texts(node, name)
        unknown = [word for word in found if word not in allowed]
        if unknown:
            self.wrong(node, f"{name} has the unknown {', '.join(unknown)}")
        return found

    def one_of(self, node: Lined, name: str, allowed: Collection[str]) -> str:
        text = self.text(node, name)
        if text is not None and text not in allowed:
            self.wrong(node, f"{name} is {text!r}, not one of {', '.join(sorted(allowed))}")
        return text or ""

    def digits(self, node: Lined, name: str) -> str | None:
        """Digits kept as a text, or null: a code may begin with zero."""
        if isinstance(node, Leaf) and node.value is None:
            return None
        text = self.text(node, name)
        if text is not None and not (text.isascii() and text.isdigit()):
            self.wrong(node, f"{name} must be digits or null, not {text!r}")
        return text

    def amount(self, node: Lined, name: str) -> Decimal:
        """A positive decimal, written as a text."""
        text = self.text(node, name)
        try:
            amount = Decimal(text or "")
        except InvalidOperation:
            amount = Decimal("NaN")
        if amount.is_finite() and amount > 0:
            return amount
        self.wrong(node, f"{name} must be a positive amount")
        return Decimal(1)

    def flag(self, node: Lined, name: str) -> bool | None:
        """True, false or null."""
        if isinstance(node, Leaf) and not isinstance(node.value, str):
            return node.value
        self.wrong(node, f"{name} must be true, false or null")
        return None

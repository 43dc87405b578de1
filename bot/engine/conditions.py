"""Conditions of flows: pypred predicates over `slots` and `context`.

A condition that cannot be evaluated (text against a number, a number against nothing) is false, as in Rasa.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Protocol

from pypred import Predicate


class Condition(Protocol):
    """A compiled condition; `holds` never raises."""

    source: str

    def holds(self, slots: dict[str, Any], context: dict[str, Any]) -> bool: ...


class Predicated:
    """A pypred predicate; compiling costs about 0.4 ms, evaluating 2 to 4 µs."""

    __slots__ = ("_predicate", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self._predicate = Predicate(source)

    def holds(self, slots: dict[str, Any], context: dict[str, Any]) -> bool:
        try:
            return bool(self._predicate.evaluate({"slots": slots, "context": context}))
        except Exception:  # pypred raises whatever the comparison raised; Rasa takes that as false
            return False


class Constant:
    """`if: True` and `if: False`."""

    __slots__ = ("source", "value")

    def __init__(self, value: bool) -> None:
        self.source = str(value)
        self.value = value

    def holds(self, slots: dict[str, Any], context: dict[str, Any]) -> bool:
        return self.value


class BadCondition(Exception):
    """The text is no predicate; the message says what pypred found wrong."""


@lru_cache(maxsize=1024)
def compile_condition(source: str | bool) -> Condition:
    """Compile once; the same text in many steps shares one predicate."""
    if isinstance(source, bool):
        return Constant(source)
    try:
        compiled = Predicated(source)
    except Exception as error:  # pypred raises InvalidPredicate and, on odd input, parser errors of its own
        raise BadCondition(f"condition {source!r}: {error}") from None
    if not compiled._predicate.is_valid():
        raise BadCondition(f"condition {source!r}: {compiled._predicate.errors()}")
    return compiled

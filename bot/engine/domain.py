"""The domain in Rasa's format: slots with their initial values, and actions that flows may name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.engine.documents import Problem, read_yaml

DOMAIN_KEYS = {
    "version",
    "slots",
    "responses",
    "actions",
    "session_config",
    "intents",
    "entities",
    "forms",
    "config",
}
SLOT_KEYS = {
    "type",
    "values",
    "initial_value",
    "min_value",
    "max_value",
    "influence_conversation",
    "shared_for_coexistence",
    "mappings",
    "validation",
}
SLOT_TYPES = {"text", "bool", "categorical", "float", "any", "list"}


@dataclass(frozen=True, slots=True)
class Domain:
    """Slots with their types and initial values, and the custom actions that flows may run.

    `controlled` are the slots that only actions and the house write, never her words.
    """

    types: dict[str, str]
    controlled: frozenset[str]
    initial: dict[str, Any]
    actions: frozenset[str]
    raw: dict[str, Any]


def load_domain(folder: Path) -> tuple[Domain, list[Problem]]:
    """Merge the files of a domain folder, as Rasa does, and say what is wrong in each."""
    slots: dict[str, Any] = {}
    actions: list[str] = []
    problems: list[Problem] = []
    for file in sorted(folder.glob("*.yml")):
        body = read_yaml(file) or {}
        problems += [Problem(file, (key,), f"unknown key {key!r}") for key in body.keys() - DOMAIN_KEYS]
        for name, slot in (body.get("slots") or {}).items():
            problems += _slot_problems(file, name, slot, name in slots)
            slots[name] = slot
        actions += [
            next(iter(item)) if isinstance(item, dict) else item for item in body.get("actions") or []
        ]
    domain = Domain(
        types={
            name: slot["type"] for name, slot in slots.items() if isinstance(slot, dict) and "type" in slot
        },
        controlled=frozenset(name for name, slot in slots.items() if _controlled(slot)),
        initial={name: slot.get("initial_value") for name, slot in slots.items() if isinstance(slot, dict)},
        actions=frozenset(actions),
        raw={"slots": slots, "actions": actions, "responses": {}, "intents": [], "entities": [], "forms": {}},
    )
    return domain, problems


def _controlled(slot: Any) -> bool:
    """Written by actions, buttons of ours or the house only."""
    mappings = slot.get("mappings") or [] if isinstance(slot, dict) else []
    return any(mapping.get("type") == "controlled" for mapping in mappings)


def _slot_problems(file: Path, name: str, slot: Any, known: bool) -> list[Problem]:
    where = ("slots", name)
    if not isinstance(slot, dict) or slot.get("type") not in SLOT_TYPES:
        return [Problem(file, where, f"slot {name}: `type` must be one of {', '.join(sorted(SLOT_TYPES))}")]
    problems = [
        Problem(file, (*where, key), f"slot {name}: unknown key {key!r}") for key in slot.keys() - SLOT_KEYS
    ]
    if known:
        problems.append(Problem(file, where, f"slot {name} is defined twice"))
    return problems

"""Flows as the engine walks them: steps by id, every `next` resolved, slots to reset known.

The file format is Rasa's; `parse_flow` makes one flow of a file a `Flow` and reports every problem it sees.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.engine.conditions import BadCondition, Condition, compile_condition
from bot.engine.documents import Problem, Where

END = "END"
KINDS = ("action", "collect", "link", "call", "set_slots", "noop")
FLOW_KEYS = {
    "name",
    "description",
    "if",
    "nlu_trigger",
    "always_include_in_prompt",
    "persisted_slots",
    "run_pattern_completed",
    "translation",
    "file_path",
    "steps",
}
STEP_KEYS = {
    "action": {"id", "next", "action", "metadata"},
    "collect": {
        "id",
        "next",
        "collect",
        "metadata",
        "description",
        "utter",
        "rejections",
        "ask_before_filling",
        "reset_after_flow_ends",
        "force_slot_filling",
        "silence_timeout",
    },
    "set_slots": {"id", "next", "set_slots"},
    "link": {"id", "link"},
    "call": {"id", "next", "call", "metadata", "description"},
    "noop": {"id", "next", "noop", "metadata"},
}


@dataclass(frozen=True, slots=True)
class Branch:
    """One way on: taken when `condition` holds; None is `else` or an unconditional `next`."""

    condition: Condition | None
    target: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """A value for which `condition` holds is refused with the response `utter`."""

    condition: Condition
    utter: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `value` is the slot, action or flow it names, or the slots that `set_slots` writes."""

    id: str
    kind: str
    value: Any
    next: tuple[Branch, ...]
    where: Where
    position: int
    utter: str | None = None
    ask_before_filling: bool = False
    force_slot_filling: bool = False
    rejections: tuple[Rejection, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flow:
    """One flow. `resets` are the slots that go back to their initial value when it ends."""

    id: str
    name: str
    file: Path
    guard: Condition | None
    steps: dict[str, Step]
    first: str
    persisted: frozenset[str]
    own_resets: frozenset[str]
    run_pattern_completed: bool
    fingerprint: str

    @property
    def is_pattern(self) -> bool:
        return self.id.startswith("pattern_")

    def calls(self) -> Iterator[Step]:
        return (step for step in self.steps.values() if step.kind == "call")

    def collect_step(self, slot: str) -> Step | None:
        """The first step that collects this slot."""
        for step in self.steps.values():
            if step.kind == "collect" and step.value == slot:
                return step
        return None


class _Parser:
    """Flattens the nested step lists of one flow and collects what is wrong with it."""

    def __init__(self, flow_id: str, file: Path) -> None:
        self.flow_id = flow_id
        self.file = file
        self.steps: dict[str, Step] = {}
        self.problems: list[Problem] = []

    def wrong(self, where: Where, step: str | None, text: str) -> None:
        place = f"flow {self.flow_id}" + (f", step {step}" if step else "")
        self.problems.append(Problem(self.file, where, f"{place}: {text}"))

    def condition(self, source: Any, where: Where, step: str | None) -> Condition | None:
        if not isinstance(source, str | bool):
            self.wrong(where, step, f"a condition must be text, not {source!r}")
            return None
        try:
            return compile_condition(source)
        except BadCondition as error:
            self.wrong(where, step, str(error))
            return None

    def step_list(self, items: Any, where: Where, nested: bool) -> str:
        """Read a list of steps; returns the id of its first one."""
        if not isinstance(items, list) or not items:
            self.wrong(where, None, "a list of steps must not be empty")
            return END
        ids = [self._id(item, (*where, number), number) for number, item in enumerate(items)]
        for number, item in enumerate(items):
            following = ids[number + 1] if number + 1 < len(items) else None
            self._step(item, ids[number], following, (*where, number), nested)
        return ids[0]

    def _id(self, item: Any, where: Where, number: int) -> str:
        if isinstance(item, dict) and isinstance(item.get("id"), str):
            return str(item["id"])
        kind = next((kind for kind in KINDS if isinstance(item, dict) and kind in item), "step")
        value = item.get(kind) if isinstance(item, dict) else None
        label = f"{kind}_{value}" if isinstance(value, str) else kind
        return ".".join([*(str(part) for part in where[3:-1] if isinstance(part, int)), str(number), label])

    def _step(self, item: Any, step_id: str, following: str | None, where: Where, nested: bool) -> None:
        if not isinstance(item, dict):
            return self.wrong(where, step_id, "a step must be a mapping")
        kinds = [kind for kind in KINDS if kind in item]
        if len(kinds) != 1:
            return self.wrong(where, step_id, f"a step needs exactly one of {', '.join(KINDS)}")
        kind = kinds[0]
        for key in item.keys() - STEP_KEYS[kind]:
            self.wrong((*where, key), step_id, f"unknown key {key!r} in a {kind} step")
        if step_id in self.steps:
            self.wrong(where, step_id, "this step id is used twice")
        if step_id in {END, "START"}:
            self.wrong(where, step_id, "this id is reserved")
        position = len(self.steps)
        self.steps[step_id] = Step(
            step_id, kind, None, (), where, position
        )  # holds the place in reading order
        branches = self._next(item, step_id, following, where, nested, kind)
        self.steps[step_id] = Step(
            id=step_id,
            kind=kind,
            value=self._value(item[kind], kind, where, step_id),
            next=branches,
            where=where,
            position=position,
            utter=item.get("utter"),
            ask_before_filling=bool(item.get("ask_before_filling", False)),
            force_slot_filling=bool(item.get("force_slot_filling", False)),
            rejections=self._rejections(item.get("rejections", []), where, step_id),
            metadata=item.get("metadata") or {},
        )

    def _value(self, value: Any, kind: str, where: Where, step_id: str) -> Any:
        if kind == "set_slots":
            if isinstance(value, list) and all(isinstance(entry, dict) for entry in value):
                return {slot: content for entry in value for slot, content in entry.items()}
            self.wrong((*where, kind), step_id, "set_slots takes a list of `slot: value`")
            return {}
        if kind != "noop" and not isinstance(value, str):
            self.wrong((*where, kind), step_id, f"{kind} takes a name")
            return ""
        return value

    def _rejections(self, items: Any, where: Where, step_id: str) -> tuple[Rejection, ...]:
        found = []
        for number, item in enumerate(items):
            here = (*where, "rejections", number)
            if not isinstance(item, dict) or set(item) != {"if", "utter"}:
                self.wrong(here, step_id, "a rejection needs `if` and `utter`")
                continue
            condition = self.condition(item["if"], here, step_id)
            if condition:
                found.append(Rejection(condition, item["utter"]))
        return tuple(found)

    def _next(
        self, item: dict[str, Any], step_id: str, following: str | None, where: Where, nested: bool, kind: str
    ) -> tuple[Branch, ...]:
        if kind == "link":
            return (Branch(None, END),)
        if "next" not in item:
            if kind == "noop":
                self.wrong(where, step_id, "a noop needs a `next`")
            elif nested and following is None:
                self.wrong(where, step_id, "the last step of a nested list needs a `next`")
            return (Branch(None, following or END),)
        target = item["next"]
        if isinstance(target, str):
            return (Branch(None, target),)
        if not isinstance(target, list):
            self.wrong((*where, "next"), step_id, "`next` must be a step id, END or a list of if/then/else")
            return (Branch(None, END),)
        return self._branches(target, step_id, (*where, "next"))

    def _branches(self, items: list[Any], step_id: str, where: Where) -> tuple[Branch, ...]:
        branches: list[Branch] = []
        for number, item in enumerate(items):
            here = (*where, number)
            if isinstance(item, dict) and set(item) == {"if", "then"}:
                condition = self.condition(item["if"], here, step_id)
                if condition:
                    branches.append(Branch(condition, self._target(item["then"], (*here, "then"))))
            elif isinstance(item, dict) and set(item) == {"else"} and number == len(items) - 1:
                branches.append(Branch(None, self._target(item["else"], (*here, "else"))))
            else:
                self.wrong(here, step_id, "expected `if` with `then`, or a last `else`")
        if not branches or branches[-1].condition is not None:
            self.wrong(where, step_id, "an `if` list needs an `else`")
        return tuple(branches)

    def _target(self, target: Any, where: Where) -> str:
        return target if isinstance(target, str) else self.step_list(target, where, nested=True)


def parse_flow(flow_id: str, body: Any, file: Path) -> tuple[Flow | None, list[Problem]]:
    """One flow of a file; the flow is None when it is too broken to walk."""
    parser = _Parser(flow_id, file)
    here: Where = ("flows", flow_id)
    if not isinstance(body, dict):
        parser.wrong(here, None, "a flow must be a mapping")
        return None, parser.problems
    for key in body.keys() - FLOW_KEYS:
        parser.wrong((*here, key), None, f"unknown key {key!r}")
    for key in ("description", "steps"):
        if not body.get(key):
            parser.wrong(here, None, f"`{key}` is required")
    if not body.get("steps"):
        return None, parser.problems
    first = parser.step_list(body["steps"], (*here, "steps"), nested=False)
    guard = parser.condition(body["if"], (*here, "if"), None) if "if" in body else None
    persisted = frozenset(body.get("persisted_slots") or [])
    written: set[str] = set()
    for step in parser.steps.values():
        if step.kind == "collect":
            written.add(step.value)
        elif step.kind == "set_slots":
            written |= step.value.keys()
    flow = Flow(
        id=flow_id,
        name=str(body.get("name") or flow_id),
        file=file,
        guard=guard,
        steps=parser.steps,
        first=first,
        persisted=persisted,
        own_resets=frozenset(written - persisted),
        run_pattern_completed=bool(body.get("run_pattern_completed", True)),
        fingerprint=hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()[:12],
    )
    return flow, parser.problems

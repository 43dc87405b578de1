"""The working copy of one turn: the state being changed, the events so far, what will be said.

Only this room writes slots, so that provenance, unconfirmed values and events always agree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.engine.flows import Flow, Step
from bot.engine.library import Library
from bot.messages import Json

Frame = dict[str, Any]


class Act(Protocol):
    """Runs a rasa-sdk action on a copy of the tracker; returns its events and its responses."""

    names: frozenset[str]

    def __call__(self, name: str, tracker: Json) -> tuple[list[Json], list[Json]]: ...


@dataclass(slots=True)
class Bubble:
    """Something to say, not yet in words.

    `image` is a card by its name, `photo:<sha256>` of hers, or `sheet:<sha256>+<sha256>…`.
    """

    utter: str
    args: dict[str, Any]
    question: bool = False
    buttons: list[Json] | None = None
    attempt: int = 0
    image: str | None = None


@dataclass(slots=True)
class Run:
    """One turn in progress. `slots` holds every slot of the domain, unset ones as None.

    `order` is the place among her messages of the one that is read: a note is read long after it came.
    """

    library: Library
    state: Json
    slots: dict[str, Any]
    now: datetime
    act: Act
    source: Json
    events: list[Json] = field(default_factory=list)
    bubbles: list[Bubble] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    rejected: bool = False
    silent_question: bool = False
    steps: int = 0
    order: int = 0

    @property
    def stack(self) -> list[Frame]:
        stack: list[Frame] = self.state["stack"]
        return stack

    @property
    def top(self) -> Frame | None:
        return self.stack[-1] if self.stack else None

    @property
    def context(self) -> dict[str, Any]:
        frame = self.top
        context = dict(frame.get("context") or {}) if frame else {}
        context.setdefault("slot", None)
        context.setdefault("reason", None)
        return context

    def flow(self, frame: Frame) -> Flow:
        return self.library.flows[frame["flow"]]

    def step(self, frame: Frame) -> Step | None:
        return self.flow(frame).steps.get(frame["step"])

    def push(self, flow_id: str, kind: str, context: Json | None = None) -> None:
        """Put a flow on top of the stack; `kind` is regular, interrupt, call or pattern."""
        flow = self.library.flows[flow_id]
        frame: Frame = {"flow": flow_id, "step": flow.first, "kind": kind, "print": flow.fingerprint}
        if context:
            frame["context"] = context
        self.stack.append(frame)
        self.events.append({"event": "flow_started", "flow": flow_id})

    def say(self, utter: str, args: dict[str, Any] | None = None, **more: Any) -> None:
        self.bubbles.append(Bubble(utter, args or {}, **more))

    def set(self, slot: str, value: Any) -> None:
        """Write a slot and keep everything that hangs on it true."""
        if self.slots.get(slot) == value:
            return
        self.slots[slot] = value
        self.events.append({"event": "slot", "name": slot, "value": value})
        if value is None:
            self.state["provenance"].pop(slot, None)
            self.confirm([slot])
        elif slot in self.state["skipped"]:
            self.state["skipped"].remove(slot)

    def confirm(self, slots: list[str]) -> None:
        """These values need no further read-back of their own."""
        self.state["unconfirmed"] = [slot for slot in self.state["unconfirmed"] if slot not in slots]

    def reset(self, slots: frozenset[str]) -> None:
        """Slots of a flow that ended go back to their initial value; what was skipped is asked next time."""
        for slot in slots:
            self.set(slot, self.library.domain.initial.get(slot))
        self.state["skipped"] = [slot for slot in self.state["skipped"] if slot not in slots]

    def skip(self, slot: str) -> None:
        """Leave the question out for good; a rep will see it."""
        self.state["skipped"].append(slot)
        self.events.append({"event": "custom", "do": "rep_task", "kind": "skipped", "slot": slot})

    def heard(self, slot: str, said: str) -> None:
        """Remember who said this value, where and in which words."""
        self.state["provenance"][slot] = {
            "by": self.source.get("by", "seller"),
            "channel": self.source.get("channel"),
            "message_id": self.source.get("message_id"),
            "said": said[:200],
            "confirmed": False,
            "order": self.order,
        }
        if slot not in self.written:
            self.written.append(slot)

    def said_since(self, slot: str) -> bool:
        """Has she said this value after the message that is read now?"""
        known = self.state["provenance"].get(slot) or {}
        return self.slots.get(slot) is not None and int(known.get("order", 0)) > self.order

    def perform(self, action: str) -> bool:
        """Run a custom action; its slots are written, its responses queued. False if it said nothing."""
        events, responses = self.act(action, self.tracker())
        for event in events:
            if event.get("event") == "slot":
                self.set(event["name"], event.get("value"))
        for response in responses:
            self._queue(response)
        return bool(responses)

    def _queue(self, response: Json) -> None:
        custom = response.get("custom")
        if custom:
            self.events.append({"event": "custom", **custom, "provenance": dict(self.state["provenance"])})
        if response.get("response"):
            known = {"text", "buttons", "elements", "custom", "template", "response", "image", "attachment"}
            args = {key: value for key, value in response.items() if key not in known}
            self.say(response["response"], args, buttons=response.get("buttons") or None)

    def tracker(self) -> Json:
        """The tracker that rasa-sdk actions read: slots, the stack, and the message that came."""
        context = self.context
        return {
            "sender_id": str(self.source.get("seller_id", "seller")),
            "slots": self.slots,
            "latest_message": {"text": self.source.get("text", ""), "intent": {}, "entities": []},
            "events": [],
            "paused": False,
            "latest_input_channel": self.source.get("channel"),
            "active_loop": {},
            "stack": [{"flow_id": frame["flow"], "step_id": frame["step"]} for frame in self.stack[:-1]]
            + [{"context": context}],
        }


Builtin = Callable[[Run], None]

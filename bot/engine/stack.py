"""The dialogue stack: what is awaited, where a slot is asked, going back to a question.

The top frame runs. A called flow stands above its caller with kind `call`; repair flows have kind `pattern`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.engine.flows import Step
from bot.engine.run import Frame, Run

LATER_THAN_ALL = 1_000_000
LISTING = "list_product"
ABOUT_HER = "about_me"
"""The flow that asks anew what is known of her, while nothing else is told."""
ENTRY = "pattern_session_start"


@dataclass(frozen=True, slots=True)
class Awaited:
    """The open question: its slot, the step that asks it, and the slot name shown as `asks`."""

    slot: str
    asks: str
    step: Step | None
    context: dict[str, Any]

    @property
    def reads_back(self) -> list[str]:
        """The slots that this question reads back, in order."""
        value = self.step.metadata.get("reads_back") if self.step else None
        return list(from_context(value, self.context) or [])

    @property
    def needs_clear_yes(self) -> bool:
        return bool(self.step and self.step.metadata.get("clear_yes"))


def from_context(value: Any, context: dict[str, Any]) -> Any:
    """`context.x` in metadata names a value of the frame; anything else is itself."""
    if isinstance(value, str) and value.startswith("context."):
        return context.get(value.removeprefix("context."))
    return value


def public_name(step: Step, context: dict[str, Any]) -> str:
    """The name of the question as `asks` shows it."""
    return str(from_context(step.metadata.get("asks"), context) or step.value)


def awaited(run: Run) -> Awaited | None:
    """The open question of the last turn, if its flow still stands on top."""
    slot = run.state["collect"]
    frame = run.top
    if slot is None or frame is None:
        return None
    step = run.flow(frame).collect_step(slot)
    return Awaited(slot, run.state["asks"], step, frame.get("context") or {})


def drop_patterns(run: Run) -> None:
    """Take away the repair flows that stand on top; what they asked is answered otherwise."""
    while run.stack and run.stack[-1]["kind"] == "pattern":
        frame = run.stack.pop()
        run.reset(run.library.resets[frame["flow"]])


def user_frame(run: Run) -> Frame | None:
    """The topmost flow that is no repair."""
    return next((frame for frame in reversed(run.stack) if frame["kind"] != "pattern"), None)


def chain(run: Run) -> list[Frame]:
    """The topmost user flow and the flows that called it, top first."""
    found: list[Frame] = []
    for frame in reversed(run.stack):
        if frame["kind"] == "pattern":
            if found:
                break
            continue
        found.append(frame)
        if frame["kind"] != "call":
            break
    return found


def asked_by(run: Run, slot: str) -> tuple[Frame, Step] | None:
    """The frame of the running talk, and its step, that asks for this slot."""
    for frame in chain(run):
        step = run.library.locate(frame["flow"], slot)
        if step:
            return frame, step
    return None


def rewind(run: Run, slot: str) -> None:
    """Go back to the question of this slot if it lies behind; what is filled on the way is not asked."""
    found = asked_by(run, slot)
    if not found:
        return
    frame, step = found
    current = run.step(frame)
    here = current.position if current else LATER_THAN_ALL
    if step.position < here:
        frame["step"] = step.id
        frame.pop("cleared", None)
    if step.position <= here and step.kind == "collect":
        index = run.stack.index(frame)
        run.stack[index + 1 :] = [above for above in run.stack[index + 1 :] if above["kind"] == "pattern"]


def end_user_flow(run: Run) -> str | None:
    """End the topmost user flow with all that it called and all that repaired it. Returns its id.

    The repair flow that runs now, on top, stays.
    """
    frames = chain(run)
    if not frames:
        return None
    bottom = run.stack.index(frames[-1])
    running = [run.stack[-1]] if run.stack[-1]["kind"] == "pattern" else []
    ended = [frame for frame in run.stack[bottom:] if frame not in running]
    run.stack[bottom:] = running
    for frame in ended:
        run.reset(run.library.resets[frame["flow"]])
    root = frames[-1]["flow"]
    run.events.append({"event": "flow_cancelled", "flow": root})
    return str(root)


def consents(run: Run) -> bool:
    """May goods be talked about? Not before she has agreed to the notice in force."""
    guard = run.library.flows[ENTRY].guard
    return guard is None or not guard.holds(run.slots, run.context)

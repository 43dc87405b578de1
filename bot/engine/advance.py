"""Walking the flows: run the top frame until a question waits for her or nothing is left."""

from __future__ import annotations

from collections.abc import Callable

from bot.engine import notes
from bot.engine.flows import END, Step
from bot.engine.photos import best
from bot.engine.repair import BUILTINS
from bot.engine.run import Frame, Run
from bot.engine.stack import LISTING, from_context, public_name

MOST_STEPS = 250
MOST_CHOICES = 10
REMEMBERED_QUESTIONS = 30


def advance(run: Run, floor: int = 0) -> None:
    """Run until a question is open or no more than `floor` frames are left."""
    while len(run.stack) > floor:
        run.steps += 1
        if run.steps > MOST_STEPS:
            return _break_loop(run)
        frame = run.stack[-1]
        step = run.step(frame)
        if step is None:
            _end(run, frame)
        elif STEPS[step.kind](run, frame, step):
            return
    if not run.stack:
        run.state.update(collect=None, asks=None, attempt=0, failures=0)


def _break_loop(run: Run) -> None:
    """A flow that never waits is ended, her answers to date are kept, and engineers hear of it."""
    run.events.append({"event": "error", "reason": "loop", "flow": run.stack[-1]["flow"]})
    run.stack.clear()
    run.state.update(collect=None, asks=None)
    run.say("utter_internal_error")


def go_on(run: Run, frame: Frame, step: Step) -> None:
    """Take the first branch whose condition holds."""
    context = run.context
    for branch in step.next:
        if branch.condition is None or branch.condition.holds(run.slots, context):
            frame["step"] = branch.target
            return
    frame["step"] = END


def _end(run: Run, frame: Frame) -> None:
    run.stack.remove(frame)
    flow = run.flow(frame)
    run.events.append({"event": "flow_completed", "flow": flow.id})
    if flow.id == LISTING:
        notes.drop(run)
    if frame["kind"] != "call":
        run.reset(run.library.resets[flow.id])
    if frame["kind"] == "interrupt" and run.top and not run.silent_question:
        run.push("pattern_continue_interrupted", "pattern")
    elif not run.stack and not flow.is_pattern and flow.run_pattern_completed:
        run.push("pattern_completed", "pattern")


def _collect(run: Run, frame: Frame, step: Step) -> bool:
    slot = step.value
    if step.ask_before_filling and frame.get("cleared") != step.id:
        if slot not in run.written:
            run.set(slot, None)
        frame["cleared"] = step.id
    if run.slots.get(slot) is not None or slot in run.state["skipped"] or slot in notes.unasked(run):
        frame.pop("cleared", None)
        go_on(run, frame, step)
        return False
    if run.source.get("channel") in step.metadata.get("not_by", ()):
        run.state["collect"] = slot
        run.push("pattern_skip_question", "pattern", {"slot": slot})
        return False
    if step.metadata.get("waits_for_notes") and notes.holding(run):
        _wait(run)
    else:
        _ask(run, frame, step)
    return True


def _wait(run: Run) -> None:
    """Her notes are still being written down: nothing is open, and she is told so."""
    run.state.update(collect=None, asks=None, attempt=0, failures=0)
    if not run.silent_question:
        run.say("utter_notes_waiting", question=True)


def _ask(run: Run, frame: Frame, step: Step) -> None:
    state, context = run.state, run.context
    asks = public_name(step, context)
    same = state["collect"] == step.value and state["asks"] == asks and state.get("at") == frame["flow"]
    if same:
        state["attempt"] += 1
    else:
        state.update(attempt=0, failures=0, serial=state["serial"] + 1)
        if frame["kind"] != "pattern":
            state["asked"] = [*state["asked"], step.value][-REMEMBERED_QUESTIONS:]
    state.update(collect=step.value, asks=asks, at=frame["flow"])
    if not run.silent_question:
        _say_question(run, step)


def _say_question(run: Run, step: Step) -> None:
    before = len(run.bubbles)
    if f"action_ask_{step.value}" in run.act.names:
        run.perform(f"action_ask_{step.value}")
    else:
        choices = from_context(step.metadata.get("choices"), run.context)
        buttons = [
            {"choice": choice, "payload": f"/SetSlots({step.value}={choice})"}
            for choice in (choices or [])[:MOST_CHOICES]
        ]
        args = {"heard": run.context.get("heard"), "listing": step.metadata.get("reads_back")}
        image = best(run.slots.get("photos")) if step.metadata.get("shows") == "photos" else None
        run.say(step.utter or f"utter_ask_{step.value}", args, buttons=buttons or None, image=image)
    for bubble in run.bubbles[before:]:
        bubble.question = True
        bubble.attempt = run.state["attempt"]


def _action(run: Run, frame: Frame, step: Step) -> bool:
    name = step.value
    before = len(run.bubbles)
    if name.startswith("utter_"):
        run.say(name, dict(run.context))
    elif name in BUILTINS:
        BUILTINS[name](run)
    elif name in run.act.names:
        run.perform(name)
    if step.metadata.get("instead_of_question") and len(run.bubbles) > before:
        run.silent_question = True
        run.bubbles[-1].question = True
    go_on(run, frame, step)
    return False


def _set_slots(run: Run, frame: Frame, step: Step) -> bool:
    for slot, value in step.value.items():
        run.set(slot, value)
    go_on(run, frame, step)
    return False


def _noop(run: Run, frame: Frame, step: Step) -> bool:
    go_on(run, frame, step)
    return False


def _call(run: Run, frame: Frame, step: Step) -> bool:
    go_on(run, frame, step)
    run.push(step.value, "call")
    return False


def _link(run: Run, frame: Frame, step: Step) -> bool:
    run.stack.remove(frame)
    run.events.append({"event": "flow_completed", "flow": frame["flow"]})
    run.reset(run.library.resets[frame["flow"]])
    if all(below["flow"] != step.value for below in run.stack):
        run.push(step.value, "pattern" if step.value.startswith("pattern_") else "regular")
    return False


STEPS: dict[str, Callable[[Run, Frame, Step], bool]] = {
    "collect": _collect,
    "action": _action,
    "set_slots": _set_slots,
    "noop": _noop,
    "call": _call,
    "link": _link,
}

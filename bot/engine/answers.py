"""Values that she said, taken as answers: filled, confirmed, corrected, and read back before they count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.engine.fill import accept, always_read_back, confirmed, said_of, target, to_read_back
from bot.engine.run import Run
from bot.engine.stack import LISTING, Awaited, chain, consents, drop_patterns, user_frame
from bot.messages import Json


def fill_values(run: Run, values: Sequence[Json], others: Sequence[Json], question: Awaited | None) -> bool:
    corrected: dict[str, Json] = {}
    used = False
    yes_no = next((c for c in others if c["command"] in ("affirm", "deny")), None)
    wanted = [c for c in values if _may_fill(run, c["slot"]) and not run.said_since(c["slot"])]
    if question and question.step and question.step.force_slot_filling:
        wanted = [c for c in wanted if target(run, c["slot"], question) == question.slot]
    for command in wanted:
        slot = target(run, command["slot"], question)
        value = command["value"]
        if question and slot == question.slot and isinstance(value, bool) and question.reads_back:
            yes_no = {"command": "affirm" if value else "deny", "weak": command.get("weak", False)}
        elif question and slot == question.slot and command.get("weak") and question.needs_clear_yes:
            _ask_clearly(run)
            used = True
        elif question and slot in question.reads_back and run.slots.get(slot) == value:
            used = True
            if len(question.reads_back) == 1:
                yes_no = yes_no or {"command": "affirm"}
        elif run.slots.get(slot) is None or (question and slot == question.slot) or _is_next(run, slot):
            used |= accept(run, slot, value, said_of(command, run), bool(command.get("confirm")))
        elif run.slots[slot] != value:
            corrected[slot] = command
        else:
            used |= question is not None
    if yes_no and question:
        used |= _yes_no(run, yes_no, question, corrected, used)
    if corrected:
        _correct(run, corrected)
    elif run.written:
        _read_back(run, question)
    return used or bool(corrected)


def _may_fill(run: Run, slot: str) -> bool:
    """Slots of the domain that a running flow asks for, or that belong to the draft; others only if known.

    Before consent only what the open flow itself asks.
    """
    domain = run.library.domain
    if slot not in domain.types or slot in domain.controlled:
        return False
    frame = user_frame(run)
    if not consents(run):
        return bool(frame and run.flow(frame).collect_step(slot))
    if slot in (run.state["collect"], run.state["asks"]) or run.slots.get(slot) is not None:
        return True
    flows = [frame["flow"] for frame in run.stack]
    return LISTING in flows or any(run.library.locate(flow, slot) for flow in flows)


def _is_next(run: Run, slot: str) -> bool:
    """The flow on top is about to ask for this slot, whatever it holds: to change her language, say."""
    frame = run.top
    step = run.step(frame) if frame else None
    return bool(step and step.kind == "collect" and step.value == slot and step.ask_before_filling)


def _ask_clearly(run: Run) -> None:
    run.say("utter_say_yes_clearly")


def _yes_no(run: Run, answer: Json, question: Awaited, corrected: dict[str, Json], used: bool) -> bool:
    """A yes or no to the open question; a new value in the same message speaks louder than either."""
    yes = answer["command"] == "affirm"
    if corrected or (used and not yes):
        return False
    if answer.get("weak") and question.needs_clear_yes:
        _ask_clearly(run)
        return True
    if question.reads_back:
        if yes:
            confirmed(run, question.reads_back)
            run.set(question.slot, True)
        elif len(question.reads_back) == 1:
            correct(run, {question.reads_back[0]: None})
        else:
            ask_what_to_change(run, question.reads_back)
        return True
    if run.library.domain.types.get(question.slot) == "bool" and question.slot != "photos_done":
        return accept(run, question.slot, yes, run.source.get("text", ""))
    return False


def _read_back(run: Run, question: Awaited | None) -> None:
    """Push the read-back of what this message filled, or widen the one that is open."""
    slots = to_read_back(run)
    if not slots or run.slots.get("confirm_listing"):
        return
    if question and question.step and set(slots) <= set(question.reads_back):
        return
    if run.top and run.top["flow"] == "pattern_heard":
        known = run.top["context"]["heard"]
        slots = [*known, *(slot for slot in slots if slot not in known)]
        drop_patterns(run)
    push_read_back(run, slots)


def push_read_back(run: Run, slots: list[str]) -> None:
    """`asks` of a single read-back is the question itself; of several it is confirm_heard."""
    name = slots[0]
    for frame in chain(run):
        step = run.flow(frame).collect_step(name)
        if step:
            name = str(step.metadata.get("asks") or name)
    run.push("pattern_heard", "pattern", {"heard": slots, "several": len(slots) > 1, "slot": name})
    run.stack[-1]["fresh"] = True


def _correct(run: Run, corrected: dict[str, Json]) -> None:
    first = next(iter(corrected.values()))
    correct(
        run,
        {slot: command["value"] for slot, command in corrected.items()},
        said=said_of(first, run),
        confirm=any(command.get("confirm") for command in corrected.values()),
    )


def correct(run: Run, values: dict[str, Any], said: str = "", confirm: bool = False) -> None:
    """Push the correction of these slots (None: ask again); a read-back of the new values waits below it."""
    drop_patterns(run)
    new = [slot for slot in [*run.written, *values] if values.get(slot, run.slots.get(slot)) is not None]
    open_still = [slot for slot in run.state["unconfirmed"] if slot not in values]
    must = {*always_read_back(run), *open_still, *(values if confirm else ())}
    pressing = [slot for slot in [*new, *open_still] if slot in must]
    if pressing:
        push_read_back(run, list(dict.fromkeys(pressing)))
    run.push(
        "pattern_correction",
        "pattern",
        {
            "corrected": values,
            "is_reset_only": all(value is None for value in values.values()),
            "read_back": bool(pressing),
            "said": said,
            "confirm": confirm,
        },
    )


def ask_what_to_change(run: Run, slots: Sequence[str]) -> None:
    choices = [slot for slot in slots if run.slots.get(slot) is not None]
    run.push("pattern_change", "pattern", {"choices": choices})

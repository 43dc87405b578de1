"""Values that she said: checked by their action, kept with their origin, read back before they count."""

from __future__ import annotations

from typing import Any

from bot.engine.run import Run
from bot.engine.stack import Awaited, asked_by
from bot.messages import Json


def accept(run: Run, slot: str, value: Any, said: str, confirm: bool = False) -> bool:
    """Write a value unless a rejection of its step or its `validate_` action refuses it. True: it stands."""
    run.set(slot, value)
    if not _rejected(run, slot) and f"validate_{slot}" in run.act.names:
        run.perform(f"validate_{slot}")
    if run.slots.get(slot) is None:
        run.rejected = True
        return False
    run.heard(slot, said)
    if (confirm or slot in always_read_back(run)) and slot not in run.state["unconfirmed"]:
        run.state["unconfirmed"].append(slot)
    return True


def _rejected(run: Run, slot: str) -> bool:
    found = asked_by(run, slot)
    step = found[1] if found else None
    for rejection in step.rejections if step and step.kind == "collect" else ():
        if rejection.condition.holds(run.slots, run.context):
            run.set(slot, None)
            run.say(rejection.utter)
            return True
    return False


def _heard_settings(run: Run) -> dict[str, Any]:
    flow = run.library.flows["pattern_heard"]
    return flow.steps[flow.first].metadata


def always_read_back(run: Run) -> list[str]:
    """Slots whose value counts only after she has heard it back."""
    return list(_heard_settings(run).get("always", []))


def read_back_together(run: Run) -> list[str]:
    """Slots that are read back when one message filled two or more of them, in the order they are read."""
    return list(_heard_settings(run).get("slots", []))


def to_read_back(run: Run) -> list[str]:
    """What of this message must be read to her now; empty when nothing must."""
    written = [slot for slot in run.written if run.slots.get(slot) is not None]
    new = [slot for slot in read_back_together(run) if slot in written]
    # What was badly heard is read back too, whatever it is.
    doubtful = [slot for slot in written if slot in run.state["unconfirmed"] and slot not in new]
    pressing = [slot for slot in [*new, *doubtful] if slot in run.state["unconfirmed"]]
    if len(new) > 1:
        return new
    return pressing


def target(run: Run, slot: str, open_question: Awaited | None) -> str:
    """The slot a value is meant for: a question may stand for another (`asks: price` for `new_price`)."""
    if open_question is None or open_question.step is None or open_question.asks != slot:
        return slot
    if open_question.slot == slot:
        return slot
    read = open_question.reads_back
    if read:
        return read[0]
    return open_question.slot if "asks" in open_question.step.metadata else slot


def confirmed(run: Run, slots: list[str]) -> None:
    """She said yes to these values."""
    run.confirm(slots)
    for slot in slots:
        if slot in run.state["provenance"]:
            run.state["provenance"][slot]["confirmed"] = True


def said_of(command: Json, run: Run) -> str:
    """Her words for this value: the piece of the message it was read from, or the whole message."""
    return str(command.get("said") or run.source.get("text") or command.get("value") or "")

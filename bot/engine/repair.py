"""The actions that only the engine can do, because they change the dialogue stack itself.

Each is named in flows/patterns.yml and runs while its repair flow stands on top.
"""

from __future__ import annotations

from typing import Any

from bot.engine import notes, photos
from bot.engine.fill import accept
from bot.engine.run import Bubble, Builtin, Run
from bot.engine.stack import ABOUT_HER, LISTING, asked_by, drop_patterns, end_user_flow, rewind, user_frame


def correct_flow_slot(run: Run) -> None:
    """Write the corrected values, or clear what is to be asked again, and go back to those questions."""
    frame = run.stack[-1]
    context = frame.setdefault("context", {})
    changed: dict[str, Any] = dict(context.get("corrected") or {})
    if frame["flow"] == "pattern_change" and run.slots.get("change_what"):
        changed = {run.slots["change_what"]: None}
    _drop_patterns_below(run)
    _ask_at_rest(run, changed)
    if "photos" in changed and changed.pop("photos") is None:
        photos.show(run)  # photos are not thrown away to be asked anew: she says which one is wrong
    for slot, value in changed.items():
        old = run.slots.get(slot)
        if value is None:
            run.set(slot, None)
        elif not accept(run, slot, value, context.get("said", ""), context.get("confirm", False)):
            run.set(slot, old)
        rewind(run, slot)
    run.state.update(collect=None)


def _ask_at_rest(run: Run, changed: dict[str, Any]) -> None:
    """While nothing is told, what is known of her is asked anew by a flow of its own."""
    if user_frame(run) is None and any(value is None for value in changed.values()):
        top = run.stack.pop()
        run.push(ABOUT_HER, "regular")
        run.stack.append(top)


def _drop_patterns_below(run: Run) -> None:
    """Older repairs are answered by this one; a read-back of the new values stays."""
    top = run.stack.pop()
    kept = []
    while run.stack and run.stack[-1]["kind"] == "pattern":
        frame = run.stack.pop()
        if frame.get("fresh"):
            kept.append(frame)
        else:
            run.reset(run.library.resets[frame["flow"]])
    run.stack.extend(reversed(kept))
    run.stack.append(top)


def cancel_flow(run: Run) -> None:
    """End what she was doing; its answers are thrown away, as she confirmed."""
    if end_user_flow(run) == LISTING:
        notes.drop(run)


def restart_flow(run: Run) -> None:
    """Throw the half-told product away and begin with the next one."""
    flow = end_user_flow(run)
    if flow == LISTING:
        notes.drop(run)
    top = run.stack.pop()
    run.push(flow if flow in ("list_product", "my_listings") else "list_product", "regular")
    run.stack.append(top)


def skip_question(run: Run) -> None:
    """Leave the question out for good; a rep will see it."""
    top = run.stack.pop()
    slot = run.state["collect"]
    if run.stack and run.stack[-1]["kind"] == "pattern":
        drop_patterns(run)
    elif slot:
        run.skip(slot)
    run.stack.append(top)


def back(run: Run) -> None:
    """One question back: its answer is cleared. `context.at_first` when there is none before."""
    frame = run.stack[-1]
    asked = run.state["asked"]
    current = run.state["collect"]
    while asked and asked[-1] == current:
        asked.pop()
    while asked and not asked_by(run, asked[-1]):
        asked.pop()
    if not asked:
        frame["context"] = {**(frame.get("context") or {}), "at_first": True}
        return
    slot = asked.pop()
    _drop_patterns_below(run)
    notes.ask_after_all(run, slot)
    if run.library.domain.types.get(slot) == "list":
        slot = _reopener(run, slot)
    run.set(slot, None)
    if slot in run.state["skipped"]:
        run.state["skipped"].remove(slot)
    rewind(run, slot)


def _reopener(run: Run, slot: str) -> str:
    """Photos are not thrown away by going back: the question whether there are more is asked again."""
    found = asked_by(run, slot)
    if found:
        for step in run.flow(found[0]).steps.values():
            if step.kind == "collect" and step.metadata.get("asks") == slot:
                return str(step.value)
    return slot


def repeat_bot_messages(run: Run) -> None:
    """Say the last message once more, in the language of now, and aloud."""
    run.state["typed"] = 0
    for item in run.state["last"]:
        run.bubbles.append(
            Bubble(
                item["utter"],
                item["args"],
                True,
                item.get("buttons"),
                item.get("attempt", 0),
                item.get("image"),
            )
        )


def clarify(run: Run) -> None:
    """Do what she chose of the two readings."""
    choice = run.slots.get("clarified")
    top = run.stack.pop()
    drop_patterns(run)
    if choice == "skip_question":
        run.push("pattern_skip_question", "pattern", {"slot": run.state["clarifies"]})
    elif choice == "cancel_flow":
        run.push("pattern_cancel_flow", "pattern")
    run.state["collect"] = run.state["clarifies"]
    run.stack.append(top)


def clean_stack(run: Run) -> None:
    """Flows that changed start from their first step: what she has answered is not asked again."""
    kept = []
    for frame in run.stack:
        flow = run.library.flows.get(frame["flow"])
        if flow is None:
            continue
        if frame["print"] != flow.fingerprint:
            frame.update(step=flow.first, print=flow.fingerprint)
            frame.pop("cleared", None)
        kept.append(frame)
    run.stack[:] = kept


BUILTINS: dict[str, Builtin] = {
    "action_correct_flow_slot": correct_flow_slot,
    "action_cancel_flow": cancel_flow,
    "action_restart_flow": restart_flow,
    "action_skip_question": skip_question,
    "action_back": back,
    "action_repeat_bot_messages": repeat_bot_messages,
    "action_clarify": clarify,
    "action_clean_stack": clean_stack,
}

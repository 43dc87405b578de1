"""What she wants of the talk itself: another flow, a step back, a person; and what was not understood."""

from __future__ import annotations

from collections.abc import Sequence

from bot.engine import notes
from bot.engine.answers import ask_what_to_change, correct
from bot.engine.fill import read_back_together
from bot.engine.photos import photos_done
from bot.engine.run import Run
from bot.engine.stack import ABOUT_HER, LISTING, Awaited, awaited, chain, consents, drop_patterns, user_frame
from bot.messages import Json

UNCLEAR = {"ambiguous", "range", "not_price"}
REPAIRS = {
    "back": "pattern_back",
    "repeat": "pattern_repeat_bot_messages",
    "skip_question": "pattern_skip_question",
    "later": "pattern_later",
    "cancel_flow": "pattern_cancel_flow",
    "human_handoff": "pattern_human_handoff",
    "greet": "pattern_greeting",
    "rung": "pattern_rung",
    "go_on": "pattern_go_on",
    "who": "pattern_who",
    "full_notice": "pattern_full_notice",
    "stale_button": "pattern_stale_button",
    "other_message": "pattern_other_message",
    "media_held": "pattern_media_held",
    "still_looking": "pattern_still_looking",
    "media_tomorrow": "pattern_media_tomorrow",
    "taken_over": "pattern_taken_over",
    "handed_back": "pattern_handed_back",
    "nudge": "pattern_nudge",
    "nudge_alone": "pattern_nudge_alone",
    "nudge_last": "pattern_nudge_last",
    "internal_error": "pattern_internal_error",
}
ANYTIME = {
    "greet",
    "rung",
    "who",
    "human_handoff",
    "later",
    "other_message",
    "still_looking",
    "media_tomorrow",
    "stale_button",
    "internal_error",
    "taken_over",
    "handed_back",
}
PERSON_AT = 4
"""The failure at one question that calls a person; later ones do not call again."""
OF_A_LISTING = {"price", "stock"}
STOP = "stop"


def opens_a_draft(run: Run, values: Sequence[Json]) -> bool:
    """Goods she tells of unasked open a draft; a price alone may be that of an older listing."""
    if not consents(run) or user_frame(run):
        return False
    told = {command["slot"] for command in values} & set(read_back_together(run))
    return "product_name" in told or len(told) > 1


OF_A_DRAFT = ("product_name", "photos", "price", "stock", "size")
"""What a draft may hold already, in the order in which it is said."""


def start_flow(run: Run, flow_id: str) -> bool:
    flow = run.library.flows.get(flow_id)
    if flow is None or flow.is_pattern:
        return False
    frame = user_frame(run)
    if (frame and frame["flow"] == flow_id) or (flow_id == LISTING and not consents(run)):
        # It is running, or hello leads to it: the open question is the next step.
        return True
    if any(below["flow"] == flow_id for below in run.stack):
        return _bring_up(run, flow_id)
    if flow.guard and not flow.guard.holds(run.slots, run.context):
        return False
    if run.top and run.top["flow"] == "pattern_completed":
        drop_patterns(run)
    if flow_id == STOP:
        notes.give_up(run)
    run.push(flow_id, "interrupt" if run.stack else "regular")
    return True


def _bring_up(run: Run, flow_id: str) -> bool:
    """A flow that waits below another comes up; one that only called the other goes on with it."""
    chained = {frame["flow"] for frame in chain(run)}
    if flow_id in chained:
        return True
    drop_patterns(run)
    frame = next(frame for frame in run.stack if frame["flow"] == flow_id)
    run.stack.remove(frame)
    frame["kind"] = "interrupt"
    run.stack.append(frame)
    return True


def repair_talk(run: Run, command: Json, question: Awaited | None) -> bool:
    """One wish that changes no value. False when it makes no sense here."""
    name = command["command"]
    if name in UNCLEAR:
        return _unclear(run, command, question)
    if name == "done":
        return photos_done(run, question)
    if name == "change":
        return _change(run, question)
    if name == "correct_slot":
        return _correct_slot(run, command)
    if name == "correct_for_her":
        correct(run, {command["slot"]: command["value"]}, command["said"], confirm=True)
        return True
    if name == "clarify":
        return _clarify(run, command, question)
    if name == "restart":
        return _restart(run)
    waits = question is None and bool(run.stack) and notes.holding(run)
    if name not in REPAIRS or (question is None and name not in ANYTIME):
        if not (waits and name == "cancel_flow"):
            return False
    if name == "cancel_flow" and not consents(run):
        return False
    if name == "media_held" and command.get("note"):
        notes.keep(run, command["note"], None)
    context = {
        "slot": question.asks if question else None,
        "draft": draft_so_far(run),
        "waits_for_notes": waits,
    }
    run.push(REPAIRS[name], "pattern", context)
    return True


def draft_so_far(run: Run) -> list[str]:
    """What the draft holds already, for one line of summary."""
    return [slot for slot in OF_A_DRAFT if run.slots.get(slot)]


def _unclear(run: Run, command: Json, question: Awaited | None) -> bool:
    if question is None or command.get("slot") != question.asks:
        return False
    count_failure(run)
    if run.state["failures"] == PERSON_AT:
        return False
    context = {key: value for key, value in command.items() if key not in ("command", "kind")}
    context.update(kind=command["command"], role=command.get("kind"))
    if command["command"] == "range" and None in (command.get("low"), command.get("high")):
        context["kind"] = "open_range"
    if question.asks != "price":
        context.update(low_count=context.pop("low", None), high_count=context.pop("high", None))
    run.push("pattern_unclear", "pattern", context)
    return True


def _change(run: Run, question: Awaited | None) -> bool:
    slots = question.reads_back if question else []
    if not slots:
        step = run.library.flows[LISTING].collect_step("confirm_listing")
        slots = list(step.metadata.get("reads_back", [])) if step else []
    choices = [slot for slot in slots if run.slots.get(slot) is not None]
    if question is None or not choices:
        return False
    if len(choices) == 1:
        correct(run, {choices[0]: None})
    else:
        ask_what_to_change(run, slots)
    return True


def _correct_slot(run: Run, command: Json) -> bool:
    slot = command["slot"]
    if user_frame(run) is None:
        return _change_at_rest(run, slot)
    if run.slots.get(slot) is None:
        return run.state["asks"] is not None
    correct(run, {slot: command.get("value")})
    return True


def _change_at_rest(run: Run, slot: str) -> bool:
    """Nothing is being told: what is known of her is asked anew, and a price is that of a listing of hers."""
    if not consents(run):
        return False
    if slot in OF_A_LISTING:
        return start_flow(run, "my_listings")
    if run.library.locate(ABOUT_HER, slot) is None:
        return False
    correct(run, {slot: None})
    return True


def _clarify(run: Run, command: Json, question: Awaited | None) -> bool:
    if question is None or not consents(run):
        return False
    run.state["clarifies"] = question.slot
    run.push("pattern_clarification", "pattern", {"options": command["options"], "slot": question.asks})
    return True


def _restart(run: Run) -> bool:
    if not consents(run):
        return False
    if any(frame["flow"] == LISTING for frame in run.stack):
        run.push("pattern_restart", "pattern")
        return True
    return start_flow(run, LISTING)


def count_failure(run: Run) -> None:
    run.state["failures"] += 1


def failed(run: Run) -> None:
    """An answer that was refused counts like one that was not understood."""
    count_failure(run)
    if run.state["failures"] == PERSON_AT:
        cannot_handle(run, awaited(run), None, counted=True)


def cannot_handle(run: Run, question: Awaited | None, reason: str | None, counted: bool = False) -> None:
    """Other words, then keys, then a person: flows/patterns.yml says which at which failure."""
    aside = reason in ("abuse", "chitchat", "out_of_scope")
    if not counted and not aside:
        count_failure(run)
    context = {
        "slot": question.asks if question else None,
        "reason": reason,
        "failures": run.state["failures"],
    }
    run.push("pattern_cannot_handle", "pattern", context)

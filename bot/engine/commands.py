"""What her message asks for, applied to the dialogue stack: values first, then wishes and repairs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.engine.fill import (
    accept,
    always_read_back,
    confirmed,
    read_back_together,
    said_of,
    target,
    to_read_back,
)
from bot.engine.meaning import meant
from bot.engine.run import Run
from bot.engine.stack import Awaited, awaited, chain, drop_patterns, user_frame
from bot.messages import Json

ENTRY = "pattern_session_start"
UNCLEAR = {"ambiguous", "range", "not_price"}
REPAIRS = {
    "back": "pattern_back",
    "repeat": "pattern_repeat_bot_messages",
    "skip_question": "pattern_skip_question",
    "later": "pattern_later",
    "cancel_flow": "pattern_cancel_flow",
    "human_handoff": "pattern_human_handoff",
    "greet": "pattern_greeting",
    "who": "pattern_who",
    "full_notice": "pattern_full_notice",
    "stale_button": "pattern_stale_button",
    "other_message": "pattern_other_message",
    "voice_kept": "pattern_voice_kept",
    "voice_trouble": "pattern_voice_trouble",
    "media_held": "pattern_media_held",
    "internal_error": "pattern_internal_error",
}
ANYTIME = {
    "greet",
    "who",
    "human_handoff",
    "later",
    "other_message",
    "voice_kept",
    "stale_button",
    "internal_error",
}
LISTING = "list_product"
ABOUT_HER = "about_me"
PHOTOS = {"photos", "photos_done"}
OF_A_LISTING = {"price", "stock"}


def apply(run: Run, commands: Sequence[Json]) -> None:
    """Apply all commands of one message. What cannot be used at all ends in pattern_cannot_handle."""
    question = awaited(run)
    commands = meant(run, question, commands)
    values = [command for command in commands if command["command"] == "set_slot"]
    others = [command for command in commands if command["command"] != "set_slot"]
    used = False
    for command in others:
        if command["command"] == "started":
            run.say("utter_started")
        elif command["command"] == "start_flow":
            used |= _start_flow(run, command["flow"])
    for command in others:
        if command["command"] == "add_photos":
            used |= _add_photos(run, command)
    if any(_belongs_to_a_draft(run, command) for command in values) and user_frame(run) is None:
        _start_flow(run, LISTING)
    used |= _values(run, values, others, question)
    if question and question.asks == "photos" and run.slots.get("photos") and set(run.written) - PHOTOS:
        # She has gone on to what it is: the album is complete.
        run.set("photos_done", True)
    if used and not run.rejected:
        return
    if run.rejected:
        return _failed(run)
    for command in others:
        if _repair(run, command, question):
            return
    cannot_handle(
        run, question, next((c.get("reason") for c in others if c["command"] == "cannot_handle"), None)
    )


def _belongs_to_a_draft(run: Run, command: Json) -> bool:
    """Goods she tells about without having been asked open a draft."""
    return consents(run) and command["slot"] in read_back_together(run)


def consents(run: Run) -> bool:
    """May goods be talked about? Not before she has agreed to the notice in force."""
    guard = run.library.flows[ENTRY].guard
    return guard is None or not guard.holds(run.slots, run.context)


def _values(run: Run, values: Sequence[Json], others: Sequence[Json], question: Awaited | None) -> bool:
    corrected: dict[str, Json] = {}
    used = False
    yes_no = next((c for c in others if c["command"] in ("affirm", "deny")), None)
    wanted = [c for c in values if _may_fill(run, c["slot"])]
    for command in wanted:
        slot = target(run, command["slot"], question)
        value = command["value"]
        if question and slot == question.slot and isinstance(value, bool) and question.reads_back:
            yes_no = {"command": "affirm" if value else "deny", "weak": command.get("weak", False)}
        elif question and slot == question.slot and command.get("weak") and question.needs_clear_yes:
            _ask_clearly(run)
            used = True
        elif question and slot in question.reads_back and run.slots.get(slot) == value:
            yes_no = yes_no or {"command": "affirm"}
        elif run.slots.get(slot) is None or (question and slot == question.slot) or _is_next(run, slot):
            used |= accept(run, slot, value, said_of(command, run), bool(command.get("confirm")))
        elif run.slots[slot] != value:
            corrected[slot] = command
        else:
            used = True
    if yes_no and question:
        used |= _yes_no(run, yes_no, question, corrected, used)
    if corrected:
        _correct(run, corrected)
    elif run.written:
        _read_back(run, question)
    return used or bool(corrected)


def _may_fill(run: Run, slot: str) -> bool:
    """Slots of the domain; before consent only what the open flow itself asks."""
    if slot not in run.library.domain.types:
        return False
    if consents(run):
        return True
    frame = user_frame(run)
    return bool(frame and run.flow(frame).collect_step(slot))


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
            _ask_what_to_change(run, question.reads_back)
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
    pressing = [slot for slot in new if slot in always_read_back(run) or (confirm and slot in values)]
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


def _ask_what_to_change(run: Run, slots: Sequence[str]) -> None:
    choices = [slot for slot in slots if run.slots.get(slot) is not None and slot != "photos"]
    run.push("pattern_change", "pattern", {"choices": choices})


def _start_flow(run: Run, flow_id: str) -> bool:
    flow = run.library.flows.get(flow_id)
    if flow is None:
        return False
    if any(frame["flow"] == flow_id for frame in run.stack) or (flow_id == LISTING and not consents(run)):
        # It is running, or hello leads to it: the open question is the next step.
        return True
    if flow.guard and not flow.guard.holds(run.slots, run.context):
        return False
    if run.top and run.top["flow"] == "pattern_completed":
        drop_patterns(run)
    run.push(flow_id, "interrupt" if run.stack else "regular")
    return True


def _add_photos(run: Run, command: Json) -> bool:
    """Photos belong to the draft, before and after their question; none is open: they open one."""
    if not consents(run):
        return False
    if all(frame["flow"] != LISTING for frame in run.stack):
        _start_flow(run, LISTING)
    if command.get("photos"):
        known = run.slots.get("photos") or []
        accept(run, "photos", [*known, *command["photos"]], "")
    if command.get("troubles"):
        run.push("pattern_photo_trouble", "pattern", {"troubles": command["troubles"]})
    elif command.get("photos") and run.state["asks"] not in (None, "photos"):
        run.say("utter_photos_thanks")
    run.rejected = False
    return True


def _repair(run: Run, command: Json, question: Awaited | None) -> bool:
    """One wish that changes no value. False when it makes no sense here."""
    name = command["command"]
    if name in UNCLEAR:
        return _unclear(run, command, question)
    if name == "done":
        return _photos_done(run, question)
    if name == "change":
        return _change(run, question)
    if name == "correct_slot":
        return _correct_slot(run, command)
    if name == "clarify":
        return _clarify(run, command, question)
    if name == "restart":
        return _restart(run)
    if name not in REPAIRS or (question is None and name not in ANYTIME):
        return False
    if name == "cancel_flow" and not consents(run):
        return False
    run.push(REPAIRS[name], "pattern", {"slot": question.asks if question else None, **_named(run)})
    return True


def _named(run: Run) -> Json:
    """What the draft holds already, for one line of summary."""
    draft = [slot for slot in ("product_name", "photos", "price", "stock", "size") if run.slots.get(slot)]
    return {"draft": draft}


def _unclear(run: Run, command: Json, question: Awaited | None) -> bool:
    if question is None or command.get("slot") != question.asks:
        return False
    _count_failure(run)
    if run.state["failures"] > 3:
        return False
    context = {key: value for key, value in command.items() if key not in ("command", "kind")}
    context.update(kind=command["command"], role=command.get("kind"))
    if command["command"] == "range" and None in (command.get("low"), command.get("high")):
        context["kind"] = "open_range"
    if question.asks != "price":
        context.update(low_count=context.pop("low", None), high_count=context.pop("high", None))
    run.push("pattern_unclear", "pattern", context)
    return True


def _photos_done(run: Run, question: Awaited | None) -> bool:
    if question is None or question.asks != "photos" or not run.slots.get("photos"):
        return False
    run.set("photos_done", True)
    return True


def _change(run: Run, question: Awaited | None) -> bool:
    slots = question.reads_back if question else []
    if not slots:
        step = run.library.flows[LISTING].collect_step("confirm_listing")
        slots = list(step.metadata.get("reads_back", [])) if step else []
    choices = [slot for slot in slots if run.slots.get(slot) is not None and slot != "photos"]
    if question is None or not choices:
        return False
    if len(choices) == 1:
        correct(run, {choices[0]: None})
    else:
        _ask_what_to_change(run, slots)
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
        return _start_flow(run, "my_listings")
    if run.library.locate(ABOUT_HER, slot) is None:
        return False
    drop_patterns(run)
    run.set(slot, None)
    return _start_flow(run, ABOUT_HER)


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
    return _start_flow(run, LISTING)


def _count_failure(run: Run) -> None:
    run.state["failures"] += 1


def _failed(run: Run) -> None:
    """An answer that was refused counts like one that was not understood."""
    _count_failure(run)
    if run.state["failures"] > 3:
        cannot_handle(run, awaited(run), None, counted=True)


def cannot_handle(run: Run, question: Awaited | None, reason: str | None, counted: bool = False) -> None:
    """Other words, then keys, then a person: flows/patterns.yml says which at which failure."""
    aside = reason in ("abuse", "chitchat", "out_of_scope")
    if not counted and not aside:
        _count_failure(run)
    context = {
        "slot": question.asks if question else None,
        "reason": reason,
        "failures": run.state["failures"],
    }
    run.push("pattern_cannot_handle", "pattern", context)

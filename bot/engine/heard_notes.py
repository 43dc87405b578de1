"""The words of a voice note, when they come: as an answer to its own question, even if the talk went on."""

from __future__ import annotations

from collections.abc import Sequence

from bot.engine.answers import fill_values
from bot.engine.keypad import may_skip
from bot.engine.notes import Note, find, go_back, keep, pass_over, take
from bot.engine.photos import ALBUM, arrange
from bot.engine.run import Run
from bot.engine.stack import LISTING, Awaited
from bot.engine.wishes import opens_a_draft, repair_talk, start_flow
from bot.messages import Json

NOTES = {"voice_kept", "voice_listening", "note_heard", "voice_trouble", "voice_advice"}
PASSING = ("hello", "change_language", "my_listings", "privacy")
"""Flows whose answers are of their moment: heard later, they change nothing."""
WISHES = {"human_handoff", "later", "cancel_flow"}
"""What a note may wish of the talk after its question is long past; a yes or no belongs to that question."""
TROUBLES_FOR_A_REP = 2
"""So many notes of hers in a row that nobody could hear, and a rep is told."""


def apply_note(run: Run, command: Json, question: Awaited | None) -> bool:
    """One thing about a note. True when that is all; False: its commands are an answer like any other."""
    name: str = command["command"]
    if name in ("voice_kept", "voice_listening"):
        return _keep(run, command, question)
    if name == "voice_advice":
        run.say(f"utter_voice_{command['problem']}")
        return True
    note = take(run, command["note"])
    if name == "voice_trouble":
        return _trouble(run, note, command, question)
    run.state["voice_troubles"] = 0
    if note is None or not passed(note, question):
        run.order = note["order"] if note else run.order
        return False
    _hear(run, note, command["commands"])
    return True


def passed(note: Note, question: Awaited | None) -> bool:
    """Has the talk gone on since the note came? One that answered nothing is read like any message."""
    return note["asks"] not in (None, question.asks if question else None)


def _keep(run: Run, command: Json, question: Awaited | None) -> bool:
    came_before = find(run.state, command["note"]) is not None
    note = keep(run, command["note"], question)
    goes_on = command["command"] == "voice_kept" and pass_over(run, note)
    if goes_on and note["asks"] == "product_name" and run.slots.get("photos"):
        run.set("photos_done", True)
    if command["command"] == "voice_kept" and came_before and not goes_on:
        # She was told that we listen, and has gone on by herself since.
        run.say("utter_voice_waits")
        return True
    context = {"slot": question.asks if question else None, "goes_on": goes_on}
    run.push(f"pattern_{command['command']}", "pattern", context)
    return True


def _trouble(run: Run, note: Note | None, command: Json, question: Awaited | None) -> bool:
    """Nobody can hear it: the one thing to do about it, and its question again."""
    if note:
        go_back(run, note)
    troubles = run.state["voice_troubles"] = run.state.get("voice_troubles", 0) + 1
    if troubles == TROUBLES_FOR_A_REP:
        run.events.append({"event": "custom", "do": "rep_task", "kind": "voice_trouble", "slot": None})
    context = {"slot": question.asks if question else None, "problem": command.get("problem")}
    run.push("pattern_voice_trouble", "pattern", context)
    return True


def _hear(run: Run, note: Note, commands: Sequence[Json]) -> None:
    """Her values count as said when the note came; what it does not tell is asked now."""
    run.order = note["order"]
    values = [c for c in commands if c["command"] == "set_slot" and _of_goods_or_her(run, c["slot"])]
    others = [command for command in commands if command["command"] != "set_slot"]
    if opens_a_draft(run, values):
        start_flow(run, LISTING)
    used = fill_values(run, values, [], None) if values else False
    go_back(run, note)
    for command in others:
        used |= _wish(run, note, command)
    if not used and note["asks"] is not None and run.slots.get(note["asks"]) is None:
        run.say("utter_voice_unclear")


def _of_goods_or_her(run: Run, slot: str) -> bool:
    """A yes, a choice or a new price belongs to a question that is over; only what a listing tells stays."""
    flows = run.library.flows
    for flow in flows.values():
        step = flow.collect_step(slot)
        if step and (step.metadata.get("reads_back") or slot == "photos_done" or flow.is_pattern):
            return False
    return not any(flows[name].collect_step(slot) for name in PASSING)


def _wish(run: Run, note: Note, command: Json) -> bool:
    name = command["command"]
    if name == "start_flow":
        return start_flow(run, command["flow"])
    if name in ALBUM:
        return arrange(run, command)
    if name != "skip_question":
        return name in WISHES and repair_talk(run, command, None)
    slot = note["asks"]
    if not note["slots"] or note["open"] != slot:
        return False
    if not may_skip(slot, slot):
        run.say("utter_cannot_skip")
        return True
    run.state["skipped"].append(slot)
    run.events.append({"event": "custom", "do": "rep_task", "kind": "skipped", "slot": slot})
    return True

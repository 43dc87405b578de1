"""What her message asks for, applied to the dialogue stack: values first, then wishes and repairs."""

from __future__ import annotations

from collections.abc import Sequence

from bot.engine.answers import fill_values
from bot.engine.heard_notes import NOTES, apply_note
from bot.engine.keypad import KEYPAD
from bot.engine.listening import set_mode
from bot.engine.meaning import meant
from bot.engine.notes import answered_otherwise, holding
from bot.engine.photos import ALBUM, add_photos, arrange, take_held_back
from bot.engine.run import Run
from bot.engine.stack import LISTING, Awaited, awaited
from bot.engine.wishes import cannot_handle, failed, opens_a_draft, repair_talk, start_flow
from bot.messages import Json

PHOTOS = {"photos", "photos_done"}


def apply(run: Run, commands: Sequence[Json]) -> None:
    """Apply all commands of one message. What cannot be used at all ends in pattern_cannot_handle."""
    question = awaited(run)
    about_note = next((command for command in commands if command["command"] in NOTES), None)
    if about_note:
        if apply_note(run, about_note, question):
            return
        commands = about_note["commands"]
    commands = meant(run, question, commands)
    values = [command for command in commands if command["command"] == "set_slot"]
    others = [command for command in commands if command["command"] != "set_slot"]
    used = _begin(run, others, values)
    values = [command for command in values if command["slot"] != "reply_mode"]
    used |= fill_values(run, values, others, question)
    answered_otherwise(run)
    for command in others:
        if command["command"] in ALBUM:
            used |= arrange(run, command)
    used |= _leaves_photos(run, question, others)
    if run.rejected:
        failed(run)
    elif not used:
        _repair(run, others, question)


def _begin(run: Run, others: Sequence[Json], values: Sequence[Json]) -> bool:
    """How she wants to be answered, the flows that the message starts, and the photos that came with it."""
    used = False
    for command in values:
        if command["slot"] == "reply_mode":
            used |= set_mode(run, command["value"])
    for command in others:
        if command["command"] == "started":
            run.say("utter_started")
        elif command["command"] == "number_not_kept":
            run.say("utter_number_not_kept")
        elif command["command"] == "start_flow":
            used |= start_flow(run, command["flow"])
    for command in others:
        if command["command"] == "add_photos":
            if all(frame["flow"] != LISTING for frame in run.stack):
                start_flow(run, LISTING)
            used |= add_photos(run, command)
    if opens_a_draft(run, values):
        start_flow(run, LISTING)
    return used


def _leaves_photos(run: Run, question: Awaited | None, others: Sequence[Json]) -> bool:
    """She has gone on to what it is: the album is complete. By SMS none can come, and a yes leads on too."""
    if question is None or question.asks != "photos":
        return False
    goes_on = bool(set(run.written) - PHOTOS)
    if run.slots.get("photos"):
        if goes_on:
            run.set("photos_done", True)
        return False
    goes_on |= any(command["command"] == "affirm" for command in others)
    if run.source.get("channel") != KEYPAD or not goes_on or run.rejected:
        return False
    run.skip("photos")
    return True


def _repair(run: Run, others: Sequence[Json], question: Awaited | None) -> None:
    """No value in it: a wish about the talk itself, or nothing that was understood."""
    for command in others:
        skips_photos = command["command"] == "skip_question" and question and question.asks == "photos"
        if skips_photos and not run.slots.get("photos") and take_held_back(run):
            return run.set("photos_done", True)
        if repair_talk(run, command, question):
            return None
    if question is None and run.stack and holding(run):
        return None  # nothing is asked while her notes are written down; the walk says so
    reason = next((c.get("reason") for c in others if c["command"] == "cannot_handle"), None)
    return cannot_handle(run, question, reason)

"""Voice notes whose words are not here yet: the talk goes on without them, the listing waits for the last.

A note of `state["notes"]` is `{"note", "open", "asks", "tells", "slots", "holds", "order"}`: its provider id,
the question that was open, the one it is read as an answer to, the slots such an answer tells, those of them
that are not asked while it is unheard, whether the last read-back waits for it, and its place among her
messages. `dropped`: its product is gone, nothing of it is filled in any more.
"""

from __future__ import annotations

from typing import Any

from bot.engine.run import Run
from bot.engine.stack import LISTING, Awaited, chain, rewind
from bot.messages import Json

Note = dict[str, Any]
MOST_NOTES = 30
"""Older ones are forgotten: their words are then read as any other message of hers."""


def keep(run: Run, note_id: str, question: Awaited | None) -> Note:
    """Remember a note that came as an answer to `question`; it holds up nothing but the last read-back."""
    known = find(run.state, note_id)
    if known:
        return known
    tells = list(question.step.metadata.get("note_tells", ())) if question and question.step else []
    asks = question.asks if question and (not tells or question.asks in tells) else next(iter(tells), None)
    about_the_draft = question is not None or any(frame["flow"] == LISTING for frame in run.stack)
    note: Note = {
        "note": note_id,
        "open": question.asks if question else None,
        "asks": asks,
        "tells": tells,
        "slots": [],
        "holds": about_the_draft and not (question and question.reads_back),
        "order": run.order,
    }
    run.state["notes"] = [*run.state["notes"], note][-MOST_NOTES:]
    return note


def pass_over(run: Run, note: Note) -> bool:
    """A person will write it down, which takes a while: what it tells is not asked until then.

    False when its question cannot be passed over.
    """
    note["slots"] = [slot for slot in note["tells"] if run.slots.get(slot) is None]
    return bool(note["slots"])


def find(state: Json, note_id: str) -> Note | None:
    """The note of this provider id, if the talk still waits for it."""
    return next((note for note in state.get("notes", ()) if note["note"] == note_id), None)


def take(run: Run, note_id: str) -> Note | None:
    """Its words are here, or will never be: the talk waits for it no longer."""
    note = find(run.state, note_id)
    if note:
        run.state["notes"].remove(note)
    return note


def unasked(run: Run) -> set[str]:
    """The slots that are not asked, because an unheard note tells them."""
    return {slot for note in run.state["notes"] for slot in note["slots"] if not note.get("dropped")}


def answered_otherwise(run: Run) -> None:
    """She has said by other means what a note was to tell: its question is behind her, the rest is asked."""
    for note in run.state["notes"]:
        if note["slots"] and run.slots.get(note["asks"]) is not None:
            go_back(run, note)
            note["slots"] = []


def holding(run: Run) -> bool:
    """Must the last read-back wait for a note?"""
    return any(note["holds"] and not note.get("dropped") for note in run.state["notes"])


def ask_after_all(run: Run, slot: str) -> None:
    """She goes back to this question: it is asked whatever a note may say."""
    for note in run.state["notes"]:
        if slot in note["slots"]:
            note["slots"] = []


def drop(run: Run) -> None:
    """The draft is gone: what its notes say changes nothing any more."""
    for note in run.state["notes"]:
        note["dropped"] = True


def give_up(run: Run) -> None:
    """She wants to hear no more: what her notes were to tell is asked if she ever comes back."""
    for note in run.state["notes"]:
        go_back(run, note)
    drop(run)


def go_back(run: Run, note: Note) -> None:
    """Walk again from the note's question: what it did not tell is asked now."""
    slot = note["asks"]
    if slot is None or not note["slots"]:
        return
    if any(run.library.locate(frame["flow"], slot) for frame in chain(run)):
        rewind(run, slot)
        return
    for frame in run.stack:
        # Another flow stands above: the draft finds its question when it comes up again.
        step = run.library.locate(frame["flow"], slot)
        if step and frame["kind"] != "pattern":
            frame["step"] = step.id
            frame.pop("cleared", None)

"""From a message to commands: a press, the number of a choice, the words on a button, or her own words."""

from __future__ import annotations

import re
from typing import Any

from bot.engine.keypad import NOUGHT_COUNTS, SKIP
from bot.engine.notes import find
from bot.engine.render import STAMP
from bot.language.asks import asked
from bot.language.languages import written_as
from bot.language.lexicon import Lexicon
from bot.language.private_numbers import MARKS, without_marks
from bot.language.script import normalise
from bot.language.understand import understand
from bot.messages import Json

READ_AT_MOST = 4000
"""Code points of one message that are read for what they mean; all of it is kept."""
_SET_SLOTS = re.compile(r"^/SetSlots\((.{1,200})\)$")
_CALL = re.compile(r"^/(start_flow|correct)\(([a-z_]{1,40})\)$")
_PLAIN = re.compile(r"^/([a-z_]{1,40})$")
_NUMBER = re.compile(r"^\D{0,2}(\d{1,2})\D{0,2}$")
NAMES = {"seller_name", "village", "district"}
AMOUNTS = {"money": "price", "quantity": "stock", "length": "size", "weight": "weight"}
GOODS = {"money", "quantity", "product", "craft", "material"}
"""Kinds of entities by which a message is known to tell of goods."""
LOW_CONFIDENCE = 0.6
"""A machine that is less sure than this of what it heard is not believed before she has heard it back."""
FREE_NUMBERS = {"stock", "new_stock", "pieces_in_set", "making_days", "pincode", "fssai"}
"""Questions whose answer may be a small number: there a digit is the answer, not the number of a choice."""


def hear(lexicon: Lexicon, state: Json, text: str, payload: str | None) -> list[Json]:
    """The commands of one message in the light of the open question.

    Before she has chosen a language, `state["language_heard"]` is set to the one she seems to write.
    """
    if payload:
        pressed = press(state, payload)
        if pressed:
            return pressed
        text = text or payload
    if "[" in text and any(mark in text for mark in MARKS):
        rest = without_marks(text)  # with nothing else in it the question stands
        meant = hear(lexicon, state, rest, None) if rest else [{"command": "repeat"}]
        return [{"command": "number_not_kept"}, *meant]
    if state["collect"] in NOUGHT_COUNTS and _is_nought(text):
        return [{"command": "set_slot", "slot": state["asks"], "value": 0}]
    chosen = choice(state, text)
    if chosen:
        return press(state, chosen) or []
    language = state["slots"].get("language")
    understood = understand(text[:READ_AT_MOST], _asked_for(lexicon, state, text), language, lexicon)
    if language is None and any(letter.isalpha() for letter in text[:READ_AT_MOST]):
        heard = understood.language
        fitting = written_as(lexicon.languages, heard["code"], heard["script"])
        state["language_heard"] = fitting or state.get("language_heard")
    return understood.commands


def hear_note(lexicon: Lexicon, state: Json, note_id: str, text: str, confidence: float | None) -> Json:
    """The command of a note's words, read as an answer to the question that was open when it came."""
    note = find(state, note_id)
    if note is None or note["asks"] in (None, state["asks"]):
        commands = hear(lexicon, state, text, None)
        if state["asks"] is None and not any(c["command"] in ("set_slot", "start_flow") for c in commands):
            commands = _told_unasked(lexicon, state, text) or commands
    else:
        then = {**state, "asks": note["asks"], "collect": note["asks"], "options": []}
        commands = hear(lexicon, then, text, None)
    if confidence is not None and confidence < LOW_CONFIDENCE:
        commands = [_doubtful(command) for command in commands]
    return {"command": "note_heard", "note": note_id, "commands": commands}


def _told_unasked(lexicon: Lexicon, state: Json, text: str) -> list[Json]:
    """A note that nobody asked for, with goods or an amount in it: it tells what she made."""
    told = understand(text[:READ_AT_MOST], "product_name", state["slots"].get("language"), lexicon)
    return told.commands if _kinds(told.entities) & GOODS else []


def _kinds(entities: list[Json]) -> set[str]:
    return {str(entity["type"]) for entity in entities}


def _asked_for(lexicon: Lexicon, state: Json, text: str) -> str | None:
    """The question that her words answer: the open one, or that of her oldest unheard note.

    A name holds no amount: at the question for it an amount is read for what it is.
    """
    asks: str | None = state["asks"]
    if asks is None and state["stack"]:
        waiting = (note["asks"] for note in state.get("notes", ()) if note["slots"])
        return next(waiting, None)
    if asks not in NAMES:
        return asks
    found = _kinds(understand(text[:READ_AT_MOST], asks, None, lexicon).entities)
    return next((slot for kind, slot in AMOUNTS.items() if kind in found), asks)


def _doubtful(command: Json) -> Json:
    """Heard badly: a value is read back before it counts, and a yes is no clear yes."""
    if command["command"] == "set_slot":
        return {**command, "confirm": True, "weak": True}
    return {**command, "weak": True} if command["command"] == "affirm" else command


def press(state: Json, payload: str) -> list[Json] | None:
    """The commands behind a button; a press on a question that is over is answered kindly. None: not ours."""
    body, _, stamp = payload.partition(STAMP)
    if stamp and (stamp != str(state["serial"]) or state["collect"] is None):
        return [{"command": "stale_button"}]
    match = _SET_SLOTS.match(body)
    if match:
        pairs = (pair.partition("=") for pair in match[1].split(","))
        return [
            {"command": "set_slot", "slot": slot.strip(), "value": _value(value.strip())}
            for slot, _, value in pairs
        ]
    match = _CALL.match(body)
    if match and match[1] == "start_flow":
        return [{"command": "start_flow", "flow": match[2]}]
    if match:
        return [{"command": "correct_slot", "slot": match[2]}]
    match = _PLAIN.match(body)
    return [{"command": match[1]}] if match else None


def _value(text: str) -> Any:
    return {"true": True, "false": False}.get(text, text)


def choice(state: Json, text: str) -> str | None:
    """The payload of the choice she named by its number or by the words on it; `0` where it was printed."""
    options = state["options"]
    if not options or not text:
        return None
    if _is_nought(text) and any(option["payload"] == SKIP for option in options):
        return SKIP
    options = [option for option in options if option["payload"] != SKIP]
    plain = normalise(text).text.strip()
    number = _NUMBER.match(plain)
    if number and not _wants_number(state):
        position = int(number[1])
        return str(options[position - 1]["payload"]) if 1 <= position <= len(options) else None
    titles = [normalise(option["title"]).text.strip() for option in options]
    fitting = [place for place, title in enumerate(titles) if title == plain]
    if not fitting and asked(state["asks"]).kind is None:
        # A question of the talk itself, which has no reader: some of the words on the button are enough.
        said = set(plain.replace(",", " ").split())
        titles = [title.replace(",", " ") for title in titles]
        fitting = [place for place, title in enumerate(titles) if said and said <= set(title.split())]
    return str(options[fitting[0]]["payload"]) if len(fitting) == 1 else None


def _is_nought(text: str) -> bool:
    number = _NUMBER.match(text.strip())  # any script's digits
    return number is not None and int(number[1]) == 0


def _wants_number(state: Json) -> bool:
    return state["collect"] in FREE_NUMBERS

"""What a message wants of the talk itself: yes, no, back, skip, stop … as an intent and its commands.

A phrase steers the talk only if the whole message is made of phrases and fillers; a few long ones count
among other words too. So a single word inside a sentence (`बस`, `बंद`, `पीछे`, `कल`) never cancels or stops.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from bot.language.wording import Phrases, Piece, Wording

Command = dict[str, Any]

# From the most to the least telling; what stands first wins when a message says several things.
_ORDER = (
    "stop",
    "erase",
    "own_copy",
    "join",
    "language",
    "reply",
    "call",
    "help",
    "restart",
    "cancel",
    "leave",
    "leave_open",
    "back",
    "change",
    "repeat",
    "skip",
    "later",
    "earnings",
    "status",
    "start",
    "done",
    "who",
)
_INTENT = {
    "call": "help",
    "leave": "cancel",
    "leave_open": "none",
    "earnings": "status",
    "language:ask": "none",
    "own_copy": "none",
    "join": "none",
}
_COMMANDS: dict[str, list[Command]] = {
    "stop": [{"command": "start_flow", "flow": "stop"}],
    "erase": [{"command": "start_flow", "flow": "privacy"}],
    "own_copy": [{"command": "start_flow", "flow": "own_copy"}],
    "join": [{"command": "start_flow", "flow": "join_phones"}],
    "language:ask": [{"command": "start_flow", "flow": "change_language"}],
    "call": [{"command": "start_flow", "flow": "call_me"}],
    "help": [{"command": "human_handoff"}],
    "restart": [{"command": "restart"}],
    "cancel": [{"command": "cancel_flow"}],
    "leave": [{"command": "clarify", "options": ["skip_question", "cancel_flow"]}],
    "leave_open": [{"command": "clarify", "options": ["skip_question", "cancel_flow"]}],
    "back": [{"command": "back"}],
    "repeat": [{"command": "repeat"}],
    "skip": [{"command": "skip_question"}],
    "later": [{"command": "later"}],
    "change": [{"command": "change"}],
    "earnings": [{"command": "start_flow", "flow": "my_earnings"}],
    "status": [{"command": "start_flow", "flow": "my_listings"}],
    "start": [{"command": "start_flow", "flow": "list_product"}],
    "done": [{"command": "done"}],
    "who": [{"command": "who"}],
    "greet": [{"command": "greet"}],
    "thanks": [{"command": "cannot_handle", "reason": "chitchat"}],
    "chitchat": [{"command": "cannot_handle", "reason": "chitchat"}],
    "abuse": [{"command": "cannot_handle", "reason": "abuse"}],
}


class Steering(NamedTuple):
    """What the phrases say: the intent, its commands, and whether a yes is a weak one."""

    intent: str
    commands: list[Command]
    weak: bool = False


class Reading(NamedTuple):
    """A message cut up: the phrases that count, those that only fill, and the words left over."""

    pieces: list[Piece]
    fillers: frozenset[int]
    rest: tuple[int, ...]

    def labels(self) -> list[str]:
        """The labels in the order they were said."""
        return [piece.label for piece in self.pieces]


def cut(words: Sequence[str], wording: Wording) -> Reading:
    """Cut loose words into phrases, fillers and the rest."""
    pieces: list[Piece] = []
    quiet: list[Piece] = []
    fillers: set[int] = set()
    rest: list[int] = []
    place = 0
    while place < len(words):
        piece = wording.whole.at(words, place)
        if piece is None:
            if wording.is_filler(words[place]):
                fillers.add(place)
            else:
                rest.append(place)
            place += 1
            continue
        silent = piece.last - piece.first == 1 and wording.is_filler(words[place])
        (quiet if silent else pieces).append(piece)
        if silent:
            fillers.add(place)
        place = piece.last
    if not pieces and not rest:
        pieces = quiet
    return Reading(pieces, frozenset(fillers), tuple(rest))


def steer(labels: Sequence[str]) -> Steering | None:
    """What a message made of these phrases wants, or None if it has none."""
    if not labels:
        return None
    said = set(labels)
    if {"back", "change"} <= said:
        return Steering("change", [{"command": "back"}])
    telling = [label for label in said if _kind(label) in _ORDER and (label != "stop" or said == {"stop"})]
    if telling:
        return _steering(min(telling, key=_rank))
    if said & {"affirm", "weak", "deny", "only"}:
        return _yes_or_no(labels)
    for label in ("greet", "abuse", "thanks", "chitchat"):
        if label in said:
            return _steering(label)
    return None


def _kind(label: str) -> str:
    """`language:hne` → `language`; other labels are their own kind."""
    return label.partition(":")[0]


def _rank(label: str) -> tuple[int, bool, str]:
    """A language that is named tells more than the wish for another one."""
    return _ORDER.index(_kind(label)), label == "language:ask", label


def _steering(label: str) -> Steering:
    if _kind(label) == "language" and label != "language:ask":
        code = label.partition(":")[2]
        commands: list[Command] = [
            {"command": "start_flow", "flow": "change_language"},
            {"command": "set_slot", "slot": "language", "value": code},
        ]
        return Steering("none", commands)
    if _kind(label) == "reply":
        return Steering("none", [{"command": "set_slot", "slot": "reply_mode", "value": label[6:]}])
    intent = _INTENT.get(label, label)
    if intent in ("thanks", "chitchat", "abuse"):
        intent = "none"
    return Steering(intent, [dict(command) for command in _COMMANDS[label]])


def _yes_or_no(labels: Sequence[str]) -> Steering:
    """`नहीं नहीं ठीक है` turns a no into a yes: ask. A no after a yes (`हाँ नहीं`) is a no."""
    plain = ["affirm" if label == "only" else label for label in labels]
    answers = [label for label in plain if label in ("affirm", "weak", "deny")]
    if "deny" in answers and answers[-1] != "deny":
        return Steering("none", [{"command": "clarify", "options": ["affirm", "deny"]}])
    if "deny" in answers:
        return Steering("deny", [{"command": "deny"}])
    if "affirm" in answers:
        return Steering("affirm", [{"command": "affirm"}])
    return Steering("affirm", [{"command": "affirm", "weak": True}], weak=True)


def first_inside(words: Sequence[str], phrases: Phrases) -> str | None:
    """The label of the most telling phrase that counts among other words, or None."""
    labels = {piece.label for piece in phrases.all(words)}
    for label in (*_ORDER, "abuse", "chitchat"):
        if label in labels:
            return label
    return None


def steering_of(label: str) -> Steering:
    """What a single label means."""
    return _steering(label)

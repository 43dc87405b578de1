"""What the bot would understand of a transcript, said to whoever writes it down before it is sent."""

from __future__ import annotations

from dataclasses import dataclass

from bot.desk.note import Note
from bot.engine.wording import Wording
from bot.language.message import Command
from bot.language.understand import understand
from bot.talk import Talk

AMOUNTS = {"number", "money", "range", "quantity", "length", "weight", "duration", "phone", "pincode", "date"}


@dataclass(frozen=True, slots=True)
class Meaning:
    """`lines`, one for each thing understood; `amounts`: a price or another number is in it."""

    lines: tuple[str, ...]
    amounts: bool


def meaning(text: str, note: Note, talk: Talk, wording: Wording | None = None) -> Meaning:
    """Read the text as the answer to the note's question; said in the seller's language, or in `wording`."""
    heard = understand(text, note.asks, note.language, talk.lexicon)
    wording = wording or talk.library.wording(note.language)
    return Meaning(
        tuple(_line(command, wording) for command in heard.commands),
        any(entity["type"] in AMOUNTS for entity in heard.entities),
    )


def _line(command: Command, wording: Wording) -> str:
    if command["command"] == "set_slot":
        slot = command["slot"]
        return f"{wording.slot_name(slot)}: {wording.value(slot, command['value'], {})}"
    if command["command"] == "cannot_handle":
        return "(nothing)"
    meant = [command[name] for name in ("flow", "slot", "low", "high") if command.get(name)]
    meant += command.get("options", ())
    return " ".join(wording.choice_name(str(part)) for part in meant or [command["command"]])

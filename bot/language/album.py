"""Which photo is which: `दूसरा फोटो पीछे का`, `3 नंबर फोटो हटाओ`, `फोटो दिखाओ`.

Only a message that speaks of nothing else counts, and one that names a photo, or answers the photo question.
"""

from __future__ import annotations

from typing import Any

from bot.language.message import Command, Message

ROLES = ("front", "back", "side", "close_up", "scale")
DEEDS = {"first": "photo_first", "remove": "photo_remove", "show": "photo_show"}
_PHOTO_QUESTIONS = frozenset({"photos", "photos_done"})


def arranged(message: Message) -> list[Command]:
    """The command about one photo, or none. `position` counts from 1, -1 is the last, None: not said."""
    pieces = message.lexicon.wording.album.all(message.words)
    labels = [piece.label for piece in pieces]
    if not message.only(pieces) or not ("photo" in labels or message.asked.slot in _PHOTO_QUESTIONS):
        return []
    position = _position(labels)
    deeds = [label for label in labels if label in DEEDS]
    roles = [label for label in labels if label in ROLES]
    if len(set(deeds)) + len(set(roles)) != 1:
        return []
    if roles:
        if position is None and "photo" not in labels:
            return []
        return [_command("photo_role", position) | {"role": roles[0]}]
    if deeds[0] != "show" and position is None and "photo" not in labels:
        return []
    return [_command(DEEDS[deeds[0]], position)]


def _command(name: str, position: int | None) -> dict[str, Any]:
    return {"command": name, "position": position}


def _position(labels: list[str]) -> int | None:
    if "last" in labels:
        return -1
    return next((int(label) for label in labels if label.isdigit()), None)

"""Questions that read her words in their own way, as `metadata` of their step says.

`yes: [restart]` names wishes that mean yes there; `from_text: true` takes what she says as it stands.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.engine.run import Run
from bot.engine.stack import Awaited
from bot.messages import Json

UNREAD = ("cannot_handle", "list_product")
"""What understanding makes of a name when it does not know what was asked."""


def meant(run: Run, question: Awaited | None, commands: Sequence[Json]) -> Sequence[Json]:
    """The commands as the open question understands them."""
    if question is None or question.step is None:
        return commands
    metadata = question.step.metadata
    if any(_name(command) in metadata.get("yes", ()) for command in commands):
        return [{"command": "set_slot", "slot": question.slot, "value": True}]
    text = str(run.source.get("text", "")).strip()
    if metadata.get("from_text") and text and all(_unread(command, question) for command in commands):
        return [{"command": "set_slot", "slot": question.slot, "value": text}]
    return commands


def _name(command: Json) -> str:
    return str(command.get("flow") or command["command"])


def _unread(command: Json, question: Awaited) -> bool:
    """No wish about the talk and no answer: the name of a thing, or nothing that was understood."""
    name = _name(command)
    return name in UNREAD or (name == "set_slot" and command["slot"] != question.slot)

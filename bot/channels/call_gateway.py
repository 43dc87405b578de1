"""The calls of a gateway that leads a caller through a flow of its own, and asks us at each step.

Its entry names its words. The steps are ours: `missed` (she let it ring), `next` (which way now), `ask` (what
to say there), `heard` (what she pressed or said), `ended`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bot.channels.calls import CallEvent, Reply
from bot.channels.phone import e164
from bot.channels.twilio_inbound import clean
from bot.messages import Json

if TYPE_CHECKING:
    from bot.channels.call_entry import Answer, Hears, Says

STEPS = ("missed", "next", "ask", "heard", "ended")
QUOTES = "\"' "


def read(hears: Hears, params: Mapping[str, str]) -> CallEvent:
    """Nothing here raises on odd input: what names nobody is a call without a number."""

    def field(name: str, limit: int = 64) -> str:
        return clean(params.get(name, ""), limit).strip(QUOTES) if name else ""

    recording = field(hears.recording, 2000)
    direction = field(hears.direction).lower()
    return CallEvent(
        call=field(hears.call),
        number=e164(field(hears.number)),
        incoming=not hears.direction or direction in hears.incoming,
        keys=field(hears.keys),
        recording=recording if recording.startswith(("https://", "http://")) else "",
        ended=hears.endings.get(field(hears.status).lower()),
    )


def answer(says: Says, step: str, reply: Reply) -> Json | str:
    """What the gateway gets at `next` or `ask`: an object or plain text.

    A flow takes keys or a voice, not both: who presses nothing where a number is asked may say it.
    """
    way = "speak" if reply.then == "number" and reply.place.quiet else reply.then
    wanted: Answer = (says.next if step == "next" else says.ask)[way]
    said = reply.sound or reply.words
    prompt = _filled(says.prompt.sound if reply.sound else says.prompt.text, said, {})
    if wanted.json_ is None:
        return (wanted.text or "").replace("{said}", said)
    filled: Json = _filled(wanted.json_, said, prompt)
    return filled


def _filled(template: Any, said: str, prompt: Json) -> Any:
    if isinstance(template, dict):
        return {key: _filled(value, said, prompt) for key, value in template.items()}
    if template == "{prompt}":
        return prompt
    return template.replace("{said}", said) if isinstance(template, str) else template

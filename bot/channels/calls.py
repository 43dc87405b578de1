"""A telephone call, whoever carries it: what came from her, where the call stands, what is said next.

Pure: a provider's file reads its own words into a CallEvent and writes a Reply in them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Literal

from bot.engine.by_phone import MOST_KEYS
from bot.engine.keypad import SKIP
from bot.engine.listening import CALL
from bot.messages import Inbound, Json, Media

HOME = re.compile(r"\+91[1-9]\d{9}")
MORE, SKIP_KEY, AGAIN = "9", "0", "*"
NO_CHOICE = "/no_choice"
"""The payload of a key that was not offered; no command of the talk, so it is not understood."""
MOST_SILENCES = 2
MOST_WAITS = 15
"""So many times a machine's words are looked for, every two seconds; then she is let go."""

LARGEST = 2**62

Then = Literal["choose", "number", "speak", "wait", "hold", "end"]


@dataclass(frozen=True, slots=True)
class CallEvent:
    """One word of the provider about one call. `number` None: whoever called hides it.

    `incoming`: she called us. `ended`: `delivered` if we talked, else why not; None while she is on the line.
    """

    call: str
    number: str | None
    incoming: bool = False
    keys: str = ""
    recording: str = ""
    ended: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call stands. `after`: the id of the message she heard last, or of the one that began the call.

    `page` of the keys that were said; `quiet`: silences in a row; `waits` for a machine's words, `tries` for
    sounds that are being made.
    """

    after: int = 0
    page: int = 0
    quiet: int = 0
    waits: int = 0
    tries: int = 0

    @classmethod
    def read(cls, given: Mapping[str, object]) -> Place:
        """From a form or a JSON value; what is no number counts as 0."""
        return cls(**{name: _number(given.get(name)) for name in cls.__dataclass_fields__})

    def silent(self) -> Place:
        """After one more silence."""
        return replace(self, quiet=self.quiet + 1, tries=0)

    def as_json(self) -> dict[str, int]:
        """Only what is not 0."""
        return {name: value for name, value in asdict(self).items() if value}


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said now and what the call does then. `sound`: its address, None when the provider must speak.

    `words` are what a voice reads; both are empty when nothing is to be said.
    """

    then: Then
    place: Place
    sound: str | None = None
    words: str = ""
    language: str = "hi"


def at_home(number: str | None) -> bool:
    """May this number be answered? Calls abroad are dear, and a false number would have us make them."""
    return number is not None and HOME.fullmatch(number) is not None


def missed_call(event: CallEvent, rings: bool, now: datetime) -> Inbound | None:
    """She let it ring: to be rung back, or answered by SMS where nobody `rings`. None: nobody to answer."""
    if not event.call or event.number is None or not at_home(event.number):
        return None
    if rings:
        return Inbound(CALL, event.number, event.call, "missed_call", now)
    return Inbound("sms", event.number, f"call:{event.call}", "call", now, payload="/greet")


def heard(
    event: CallEvent, place: Place, asked: Json | None, now: datetime, expected: bool = True
) -> Inbound | None:
    """Her answer to the bubble `asked`, or the beginning of the call; None when nothing was said yet.

    One answer belongs to one question of one call: the same one reported twice has the same id.
    `expected` False: she did not call us, so a call begins with asking whether she wants to hear it.
    """
    if not event.call or event.number is None:
        return None
    said = f"{event.call}:{place.after}"
    if event.recording:
        media = (Media("voice", event.recording),)
        return Inbound(CALL, event.number, said, "voice", now, media=media)
    if place.after == 0:
        return Inbound(CALL, event.number, said, "call", now, payload="/greet" if expected else "/rung")
    if place.quiet >= MOST_SILENCES or place.waits >= MOST_WAITS:
        return Inbound(CALL, event.number, said, "button", now, payload="/later")
    if not event.keys:
        return None
    text, payload = _pressed(event.keys, place, asked or {})
    return Inbound(CALL, event.number, said, "button" if payload else "text", now, text, payload)


def turned(event: CallEvent, place: Place, asked: Json | None) -> Place | None:
    """Where the call stands after a key that answers nothing: say it again, or the next choices."""
    if AGAIN in event.keys:
        return Place(place.after)
    count = len(asked["call"]["keys"]) if asked else 1
    if event.keys == MORE and count > 1:
        return Place(place.after, page=(place.page + 1) % count)
    return None


def spoken_pages(body: Json) -> list[list[Json]]:
    """The parts of a bubble that are said at first, and those that are said for each further page of keys."""
    first, *further = body["call"]["keys"]
    return [[*body["speak"], *first], *further]


def _pressed(keys: str, place: Place, asked: Json) -> tuple[str, str | None]:
    """(words, payload) of the keys: a choice that was read out, `0` where it was offered, else the digits."""
    call = asked.get("call") or {}
    if keys == SKIP_KEY and call.get("skip"):
        return keys, SKIP
    if call.get("then") != "choose":
        return keys, None
    page = asked["buttons"][place.page * MOST_KEYS :][:MOST_KEYS]
    position = _number(keys)
    if not 1 <= position <= len(page):
        return keys, NO_CHOICE
    return page[position - 1]["title"], page[position - 1]["payload"]


def _number(value: object) -> int:
    try:
        return min(max(0, int(str(value))), LARGEST)
    except ValueError:
        return 0

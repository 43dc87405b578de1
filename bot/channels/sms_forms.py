"""Every text that can go out as SMS, at its longest: what `app.py check` counts and operators register."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.channels.sms_samples import longest_args, longest_slots, made_choices
from bot.channels.sms_text import MADE, Encoding, as_sent, encoding, most_parts, segments, units
from bot.engine.keypad import KEYPAD, MOST_VALUE, SKIP, is_question, may_skip
from bot.engine.library import Library
from bot.engine.responses import Variation
from bot.engine.wording import Wording
from bot.messages import Button
from bot.settings import Settings

PARTS_OF_OTHERS = ("utter_say_", "utter_listing_line", "utter_show_listings", "utter_phone_")
"""Responses that are never said alone, or only on the telephone."""


@dataclass(frozen=True)
class SmsForm:
    """The `number`th wording of a response by SMS; `choices` is how many were made in the talk, or None.

    `where` is the place of the wording in the language's file.
    """

    response: str
    language: str
    number: int
    choices: int | None
    where: tuple[str | int, ...]
    variation: Variation
    buttons: tuple[Button, ...]
    values: Mapping[str, str]
    """Each placeholder of the text with the longest that stands in it."""
    text: str
    """As it is sent, with every value at its longest."""

    @property
    def encoding(self) -> Encoding:
        return encoding(self.text)

    @cached_property
    def units(self) -> int:
        return units(self.text)

    @cached_property
    def parts(self) -> int:
        return segments(self.text)

    @property
    def most(self) -> int:
        return most_parts(self.response)


def sms_forms(library: Library, settings: Settings, languages: Iterable[str]) -> Iterator[SmsForm]:
    """The forms of these languages, in the order of their files."""
    for code in languages:
        for utter in library.wordings[code].responses:
            if not utter.startswith(PARTS_OF_OTHERS):
                yield from forms_of(library, settings, code, utter)


def forms_of(library: Library, settings: Settings, language: str, utter: str) -> Iterator[SmsForm]:
    """The forms of one response."""
    wording = library.wordings[language]
    longest = longest_slots(library, wording)
    args = longest_args(library, wording, settings, utter)
    for number, (place, variation) in enumerate(_by_sms(wording.responses[utter])):
        slots = longest | variation.condition  # a wording for a certain case is said in that case only
        said = wording.say(utter, slots, args, KEYPAD, number)
        for count in MADE.get(utter, (None,)):
            buttons = _buttons(library, wording, utter, said.buttons, count)
            yield SmsForm(
                response=utter,
                language=language,
                number=number + 1,
                choices=count,
                where=("responses", utter, place),
                variation=variation,
                buttons=buttons,
                values={
                    name: wording.value(name, args.get(name, slots.get(name)), slots, MOST_VALUE)
                    for name in variation.parts[1::2]
                },
                text=as_sent(utter, said.text, buttons, language),
            )


def _by_sms(variations: tuple[Variation, ...]) -> list[tuple[int, Variation]]:
    """The wordings that SMS uses, one an asking, each with its place in the file."""
    placed = list(enumerate(variations))
    own = [(place, each) for place, each in placed if each.channel == KEYPAD]
    return own or [(place, each) for place, each in placed if each.channel is None]


def _buttons(
    library: Library, wording: Wording, utter: str, titled: tuple[tuple[str, str], ...], count: int | None
) -> tuple[Button, ...]:
    buttons = [Button(title, payload) for title, payload in titled]
    if count is not None:
        buttons += [Button(title, "/made") for title in made_choices(utter, count, wording)]
    if _skippable(library, utter):
        buttons.append(Button(wording.skip_key(_slot(utter)), SKIP))
    return tuple(buttons)


def _skippable(library: Library, utter: str) -> bool:
    """Is `0` printed below this response?"""
    if not is_question(utter):
        return False
    slot = _slot(utter)
    steps = (flow.collect_step(slot) for flow in library.flows.values())
    asks = {str(step.metadata.get("asks", slot)) for step in steps if step}
    return may_skip(slot, asks.pop() if len(asks) == 1 else slot)


def _slot(utter: str) -> str:
    """The slot that this question waits for; of a count the usual one."""
    return utter.removeprefix("utter_ask_") if utter.startswith("utter_ask_") else "stock"

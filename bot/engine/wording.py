"""What one locale says: its responses, its words for values, and the text of a response for this seller.

Values are said as people say them: money in digits and words, counts with their counting word, ids by name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.engine.keypad import KEYPAD, MOST_IN_LIST, MOST_VALUE, shortened
from bot.engine.responses import Responses, choose
from bot.language import speak
from bot.language.languages import in_latin_letters
from bot.language.latin import to_latin

MONEY = {"price", "new_price", "low", "high", "old_price"}
COUNTS = {"stock", "new_stock", "low_count", "high_count"}
PART_LISTS = {"heard", "listing", "draft"}
"""Arguments that name slots; each is said by its own `utter_say_<slot>`."""
WHOLE = {*PART_LISTS, *MONEY, "listings", "org"}
"""Values that are never cut, however small the phone."""

NameOf = Callable[[str, str, str], str]
"""(kind, lexicon id, language) → the name to say."""


@dataclass(frozen=True, slots=True)
class Said:
    """A response made ready: its text, its buttons as (title, payload), and which of its wordings it is."""

    text: str
    buttons: tuple[tuple[str, str], ...]
    image: str | None
    variation: int = 0


@dataclass(frozen=True, slots=True)
class Wording:
    """One language. `words` is words.yml, `categories` the names of categories by id."""

    language: str
    responses: Responses
    words: dict[str, Any]
    categories: dict[str, str]
    name_of: NameOf

    def say(
        self,
        utter: str,
        slots: dict[str, Any],
        args: dict[str, Any] | None = None,
        channel: str = "whatsapp",
        attempt: int = 0,
        room: int | None = None,
    ) -> Said:
        """The response `utter`; `args` come before slots for its placeholders.

        `room`: the letters that each value may take; by SMS no more than an operator's template allows.
        """
        args = args or {}
        room = room or (MOST_VALUE if channel == KEYPAD else None)
        variation = choose(self.responses[utter], slots, channel, attempt)
        text = self._fill(variation.parts, slots, args, room)
        buttons = tuple(
            (self._fill(title, slots, args, room), payload) for title, payload in variation.buttons
        )
        return Said(text, buttons, variation.image, self.responses[utter].index(variation))

    def _fill(
        self, parts: tuple[str, ...], slots: dict[str, Any], args: dict[str, Any], room: int | None
    ) -> str:
        if len(parts) == 1:
            return parts[0]
        out = [parts[0]]
        for position in range(1, len(parts), 2):
            name = parts[position]
            out.append(self.value(name, args.get(name, slots.get(name)), slots, room))
            out.append(parts[position + 1])
        return "".join(out).replace("  ", " ").strip()

    def value(self, name: str, value: Any, slots: dict[str, Any], room: int | None = None) -> str:
        """One value as it is said: `price` "250" → `₹250 (ढाई सौ रुपये)`; nothing for None.

        In plain letters what she said in another script is spelled in them. What has no `room` is cut kindly.
        """
        said = self._value(name, value, slots, room)
        if not said.isascii() and in_latin_letters(self.language):
            said = to_latin(said)
        return shortened(said, room) if room and name not in WHOLE else said

    def _value(self, name: str, value: Any, slots: dict[str, Any], room: int | None) -> str:
        if name == "rep" and not value:
            return str(self.words["people"]["rep"])
        if value is None or value == "":
            return ""
        if name in PART_LISTS and isinstance(value, list):
            return self.parts(value, slots, room and (MOST_IN_LIST[name] if len(value) > 1 else MOST_VALUE))
        if name in MONEY:
            return self._money(str(value), room)
        if name in COUNTS:
            return speak.count(int(value), "piece", self.language)
        if name == "photos":
            return str(len(value)) if isinstance(value, list) else str(value)
        if name == "category":
            return self.categories.get(str(value), str(value))
        if name in ("district", "material", "colour"):
            ids = value if isinstance(value, list) else [value]
            names = [self.name_of(name, str(item), self.language) for item in ids]
            return ", ".join(item[:1].upper() + item[1:] if name == "district" else item for item in names)
        if isinstance(value, bool):
            return str(self.words["values"]["answer"]["yes" if value else "no"])
        known = self.words["values"].get(name)
        return str(known.get(value, value)) if known else str(value)

    def _money(self, value: str, room: int | None) -> str:
        """Digits and words; of many values, each of which was read back before, digits alone.

        Words that have no room go without the one for rupees, or not at all.
        """
        said = speak.money(value, self.language)
        if room is None:
            return said
        digits = said.partition(" (")[0]
        if room < MOST_IN_LIST["heard"] or "." in digits:
            return digits
        shorter = f"{digits} ({speak.number_words(value, self.language)})"
        return next((each for each in (said, shorter) if len(each) <= room), digits)

    def parts(self, names: list[str], slots: dict[str, Any], room: int | None = None) -> str:
        """The read-back of several slots, each in its own words; unknown ones are left out."""
        channel = KEYPAD if room else "whatsapp"
        spoken = []
        for name in names:
            if slots.get(name) is None:
                continue
            utter = f"utter_say_{name}"
            if utter in self.responses:
                spoken.append(self.say(utter, slots, channel=channel, room=room).text)
            else:
                spoken.append(self.value(name, slots[name], slots, room))
        joiner = ", " if room else str(self.words["lists"]["joiner"])
        return joiner.join(part for part in spoken if part)

    def slot_name(self, slot: str) -> str:
        """The short name of a slot, as on the buttons of "what shall we change?"."""
        return str(self.words["slots"].get(slot, slot))

    def choice_name(self, choice: str) -> str:
        """The words on the button of a choice made by code: a wish (`skip_question`) or a slot (`price`)."""
        return str(self.words["wishes"].get(choice) or self.slot_name(choice))

    def skip_key(self, slot: str) -> str:
        """The words beside key `0` below the question of this slot."""
        keys = self.words["keys"]
        return str(keys.get(slot) or keys["skip"]).removeprefix("0").strip()

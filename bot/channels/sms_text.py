"""How a bubble reads as SMS, and what it costs: GSM-7 or UCS-2 units, in how many parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from bot.channels.numbered_text import SHORT_ROW, with_numbers
from bot.engine.keypad import shortened
from bot.language.languages import in_latin_letters
from bot.language.latin import to_latin
from bot.messages import Button

Encoding = Literal["GSM-7", "UCS-2"]
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")
"""These take two places in GSM-7."""
ROOM: dict[Encoding, tuple[int, int]] = {"GSM-7": (160, 153), "UCS-2": (70, 67)}
"""Units of a message of one part, and of each part of several."""
MOST_PARTS = 2
LONGER = {"utter_full_notice": 6}
"""Parts of what she asked for herself and must be able to read whole."""
LIMIT = 1600
"""Code points of one text, whatever it costs."""
SHORTER_TITLES = (16, 12, 9)
"""Letters of a choice made in the talk, when the menu would not fit otherwise."""
MADE = {
    "utter_ask_listing_choice": range(1, 11),
    "utter_ask_change_what": range(2, 11),
    "utter_ask_clarified": range(2, 3),
    "utter_price_ambiguous": range(2, 4),
    "utter_count_ambiguous": range(2, 4),
    "utter_price_about": range(1, 2),
    "utter_count_about": range(1, 2),
}
"""Responses whose choices are made in the talk, and how many they may be: they stand one a line."""


def is_gsm(text: str) -> bool:
    """Can it be sent with plain letters? `₹` and `।` cannot."""
    return all(letter in BASIC or letter in EXTENDED for letter in text)


def encoding(text: str) -> Encoding:
    """How the whole text is sent: one letter that is not plain changes it for all."""
    return "GSM-7" if is_gsm(text) else "UCS-2"


def units(text: str) -> int:
    """Septets of GSM-7, or the 16-bit units of UCS-2."""
    return sum(_costs(text))


def segments(text: str) -> int:
    """The number of SMS parts, at least 1. No letter of two units is divided between two parts."""
    one, many = ROOM[encoding(text)]
    costs = _costs(text)
    if sum(costs) <= one:
        return 1
    parts, left = 1, many
    for cost in costs:
        if cost > left:
            parts, left = parts + 1, many
        left -= cost
    return parts


def _costs(text: str) -> list[int]:
    if is_gsm(text):
        return [1 + (letter in EXTENDED) for letter in text]
    return [1 + (letter > "\uffff") for letter in text]


def most_parts(utter: str) -> int:
    """The budget of a response."""
    return LONGER.get(utter, MOST_PARTS)


def as_sent(utter: str, text: str, buttons: Sequence[Button], language: str) -> str:
    """The whole text of one SMS, its choices numbered.

    What would take more parts than its budget gets shorter words on a long menu; then it is spelled in plain
    letters, which say twice as much a part.
    """
    most = most_parts(utter)
    whole = numbered(utter, text, buttons)
    if in_latin_letters(language):
        whole = plain(whole)
    if segments(whole) <= most:
        return whole
    for letters in SHORTER_TITLES if utter in MADE else ():
        fewer = [Button(shortened(button.title, letters), button.payload) for button in buttons]
        whole = numbered(utter, text, fewer)
        if segments(whole) <= most:
            return whole
    spelled = plain(whole)
    return spelled if segments(spelled) < segments(whole) else whole


def numbered(utter: str, text: str, buttons: Sequence[Button]) -> str:
    """The text of this response with its choices, whatever it costs."""
    return with_numbers(text, buttons, LIMIT, gap=" ", row_of=0 if utter in MADE else SHORT_ROW)


def plain(text: str) -> str:
    """The text in GSM-7 letters only."""
    return text if is_gsm(text) else to_latin(text)

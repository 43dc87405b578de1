"""A phone that has only keys: choices are numbers, `0` is "do not know", and there is room for little.

Everything here holds for one channel, SMS; elsewhere buttons are pressed and words are free.
"""

from __future__ import annotations

KEYPAD = "sms"
PLAIN, NAGARI = "hi-Latn", "hi"
"""What is spoken there while nothing is known of her language: plain letters, or the script she wrote in."""

SKIP = "/skip_question"
"""The payload of key `0`."""
UNSKIPPABLE = frozenset({"language", "consent", "price", "confirm_listing"})
"""Questions that only she can answer; flows/patterns.yml says what a skip does there."""
_SURE = frozenset({"photos_done", "sell_more"})
NOUGHT_COUNTS = frozenset({"new_stock"})
"""Here `0` is the answer: nothing is left."""

MOST_VALUE = 30
"""Letters of one value in a text: an operator's template has no room for more."""
MOST_IN_LIST = {"heard": 24, "listing": 18, "draft": 18}
"""Letters of one value among others that are said together."""


def first_language(text: str) -> str:
    """How a stranger is answered whose words told no language."""
    return NAGARI if any("\u0900" <= letter <= "\u097f" for letter in text) else PLAIN


def may_skip(slot: str, asks: str) -> bool:
    """Is `0` printed below the question of this slot? Where she is asked "sure?", yes and no are enough."""
    if slot in NOUGHT_COUNTS or slot in _SURE or slot.startswith("confirm_"):
        return False
    return not {slot, asks} & UNSKIPPABLE


def is_question(utter: str) -> bool:
    """Does this response wait for an answer of its own?"""
    return utter.startswith(("utter_ask_", "utter_count_")) and utter != "utter_count_odd"


def shortened(text: str, most: int) -> str:
    """At most `most` letters, cut between words; two points tell that there was more."""
    if len(text) <= most:
        return text
    kept = text[: most - 1].rpartition(" ")[0] or text[: most - 2]
    return kept.rstrip(" ,.-") + ".."

"""The longest values that can stand in an SMS, for each language: what the budget of a text must hold."""

from __future__ import annotations

from typing import Any

from bot.engine.keypad import MOST_IN_LIST, MOST_VALUE
from bot.engine.library import Library
from bot.engine.stack import LISTING
from bot.engine.wording import Wording
from bot.language.languages import in_latin_letters
from bot.messages import Json
from bot.settings import Settings

_WORD = {True: "phoolbasankebanayehuesamanka", False: "फूलबासनकेबनायेहुएसामानका"}
"""In plain letters or not; a real value has blanks, at which it is cut shorter than this."""
_AMOUNTS = ("250", "345", "777", "1575", "12500", "22222", "99999.5", "999999.5")
_ROOMS = (MOST_VALUE, *MOST_IN_LIST.values())
_MUST_KNOW = {"net_weight", "length", "bangle_size", "pieces_in_set"}
"""A category has one must-know: `size` stands here for all of them."""
HEARD = ["product_name", "price", "stock", "size", "weight", "making_days"]
"""As much as one message tells at once."""


def longest_slots(library: Library, wording: Wording) -> Json:
    """Every slot with the value that takes the most letters when it is said."""
    word = _WORD[in_latin_letters(wording.language)] * 3
    values = wording.words["values"]
    amount = max(_AMOUNTS, key=lambda each: sum(len(wording.value("price", each, {}, r)) for r in _ROOMS))
    return {
        **dict.fromkeys(library.domain.types, word),
        **{name: max(texts, key=lambda key: len(texts[key])) for name, texts in values.items()},
        **dict.fromkeys(("price", "new_price", "low", "high"), amount),
        **dict.fromkeys(("stock", "new_stock", "low_count", "high_count"), 100_000),
        "category": max(wording.categories, key=lambda key: len(wording.categories[key])),
        "photos": list(range(10)),
        "making_days": 730,
    }


def longest_args(library: Library, wording: Wording, settings: Settings, utter: str) -> Json:
    """What an action or the house fills into this response beside slots."""
    step = library.flows[LISTING].collect_step("confirm_listing")
    read_back = [name for name in (step.metadata["reads_back"] if step else ()) if name not in _MUST_KNOW]
    return {
        "heard": ["price"] if utter == "utter_ask_confirm_one" else HEARD,
        "listing": read_back,
        "draft": ["product_name", "photos", "price", "stock", "size"],
        "number": 99_999,
        "photo_number": 10,
        "join_code": "123 456",
        "own_copy": "https://",
        "name": _WORD[in_latin_letters(wording.language)][:20],
        "org": settings.org_name,
        "helpline": settings.helpline,
        "whatsapp_number": "+919999999999",
        "rep": settings.rep_name or wording.words["people"]["rep"],
    }


def made_choices(utter: str, count: int, wording: Wording) -> list[str]:
    """Titles as the talk would put on the choices that it makes itself."""
    if utter == "utter_ask_change_what":
        names: Any = wording.words["slots"].values()
    elif utter == "utter_ask_clarified":
        names = wording.words["wishes"].values()
    elif utter == "utter_ask_listing_choice":
        names = [f"9999 {_WORD[in_latin_letters(wording.language)]}"[:24]] * count
    else:
        names = ["Rs 9,99,999.50"] * count
    return sorted(map(str, names), key=len, reverse=True)[:count]

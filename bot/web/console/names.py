"""How a page says a place, a question, an answer, a time and a number."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from bot.console.sessions import Who
from bot.engine.wording import Wording
from bot.hours import INDIA
from bot.messages import Json
from bot.web.console.english import english, texts
from bot.web.console.words import language, t, word_for, words
from bot.web.house import house

_TWICE = re.compile(r"same as in line (\d+)")


def district(identity: str | None) -> str:
    """A district by its name; as it was written where the lexicon does not know it."""
    if not identity:
        return ""
    return wording().value("district", identity, {})


def my_districts(who: Who) -> dict[str, str]:
    """The districts she works in, by id; all for an admin."""
    known = house().talk.lexicon.facts["district"] if who.role == "admin" else who.districts
    return dict(sorted(((each, district(each)) for each in known), key=lambda pair: pair[1]))


def place(row: Any) -> str:
    """Where she lives, as far as it is known: village, block, district."""
    return ", ".join(part for part in (row.village, row.block, district(row.district)) if part)


def wording() -> Wording:
    """Names and values in the language of the page."""
    talk = house().talk
    return english(talk) if language() == "en" else talk.library.wording("hi")


def slot_word(slot: str | None) -> str:
    """The short name of a question."""
    return wording().slot_name(slot) if slot else ""


def answer(slot: str, value: Any, slots: Json) -> str:
    """One answer of hers as a page shows it: `250` of a price is `₹250 (ढाई सौ रुपये)`."""
    if isinstance(value, dict):
        return "✓"
    return _yes_or_no(slot, value) if isinstance(value, bool) else wording().value(slot, value, slots)


def _yes_or_no(slot: str, value: bool) -> str:
    """As the question itself offers it: `खोखला` and not `हाँ`."""
    said = wording()
    own = said.words["values"].get(slot, {}).get("yes" if value else "no")
    payload = f"/SetSlots({slot}={'true' if value else 'false'})"
    asked = said.responses.get(f"utter_ask_{slot}", ())
    titles = ("".join(title) for variation in asked for title, does in variation.buttons if does == payload)
    return str(own or next(titles, None) or said.value(slot, value, {}))


def why(reason: str, text: str) -> str:
    """Why a value of somebody's talk or product cannot be: in the talk's own words, or in English."""
    if language() == "en" and reason in texts()["refusals"]:
        return str(texts()["refusals"][reason])
    return text or word_for("talk_refused", reason)


_SLOTS = {
    "materials": "material",
    "colours": "colour",
    "name": "seller_name",
    "kind": "seller_kind",
    "group": "group_name",
}
"""Parts of a listing message that hold one answer of hers under another name."""


def part_word(part: str) -> str:
    """What a part of a listing message is: `product.stock` → `गिनती`, `compliance.hsn.suggested` → `HSN`."""
    named = house().talk.library.wording("hi").words["slots"]
    for name in part.split("."):
        slot = _SLOTS.get(name, name)
        if f"part_{slot}" in words():
            return t(f"part_{slot}")
        if slot in named:
            return slot_word(slot)
    return t("part_other")


def refusal(reason: str | None) -> str:
    """Why a person of a list cannot be written to; of a wrong cell of a sheet, in which column it is."""
    said = reason or "other"
    twice = _TWICE.search(said)
    if twice:
        return t("line_twice", line=twice[1])
    if ":" in said and language() == "en":
        return said
    return word_for("line", said.partition(":")[0].replace(" ", "_"))


def masked(last4: str | None) -> str:
    """A number as lists show it."""
    return f"•• {last4}" if last4 else "–"


def local(moment: datetime) -> str:
    """A moment by the clock of India."""
    return moment.astimezone(INDIA).strftime("%d-%m-%Y %H:%M")


def ago(moment: datetime | None, now: datetime) -> str:
    """How long ago, in the largest whole unit."""
    if moment is None:
        return ""
    span = now - moment
    if span >= timedelta(days=60):
        return moment.astimezone(INDIA).strftime("%d-%m-%Y")
    if span >= timedelta(days=1):
        return t("days_ago", count=span.days)
    hours = int(span.total_seconds() // 3600)
    return t("hours_ago", count=hours) if hours else t("just_now")


def craft(key: str | None) -> str:
    """A category by its name; as it is where the catalogue does not know it."""
    return wording().value("category", key, {}) if key else t("craft_unknown")


def language_name(code: str) -> str:
    """A language by its name; as it is where nobody knows it."""
    known = house().talk.lexicon.languages.get(code)
    if known is None:
        return code or t("language_unknown")
    return known.latin if language() == "en" else known.name

"""How a page says a place, a question, a time and a number."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from bot.console.sessions import Who
from bot.hours import INDIA
from bot.messages import Json
from bot.web.console.words import language, t, word_for
from bot.web.house import house

_TWICE = re.compile(r"same as in line (\d+)")


def district(identity: str | None) -> str:
    """A district by its name; as it was written where the lexicon does not know it."""
    if not identity:
        return ""
    lexicon = house().talk.lexicon
    if language() == "en":
        return str(lexicon.facts["district"].get(identity, {}).get("en", identity))
    return lexicon.name("district", identity, "hi")


def my_districts(who: Who) -> dict[str, str]:
    """The districts she works in, by id; all for an admin."""
    known = house().talk.lexicon.facts["district"] if who.role == "admin" else who.districts
    return dict(sorted(((each, district(each)) for each in known), key=lambda pair: pair[1]))


def place(row: Any) -> str:
    """Where she lives, as far as it is known: village, block, district."""
    return ", ".join(part for part in (row.village, row.block, district(row.district)) if part)


def slot_word(slot: str | None) -> str:
    """The short name of a question."""
    if not slot:
        return ""
    if language() == "en":
        return slot.replace("_", " ")
    return house().talk.library.wording("hi").slot_name(slot)


def answer(slot: str, value: Any, slots: Json) -> str:
    """One answer of hers as a page shows it: `250` of a price is `₹250 (ढाई सौ रुपये)`."""
    if language() == "en":
        return _in_english(slot, value)
    return house().talk.library.wording("hi").value(slot, value, slots)


def _in_english(slot: str, value: Any) -> str:
    """There is no English wording: places and crafts by their names, all else as it is kept."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if slot == "category":
        return craft(value)
    return district(value) if slot == "district" else str(value)


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
    category = house().talk.library.catalogue.get(key)
    if category is None:
        return t("craft_unknown") if not key else str(key)
    if language() == "en":
        return category.name
    return house().talk.library.wording("hi").value("category", key, {})


def language_name(code: str) -> str:
    """A language by its name; as it is where nobody knows it."""
    known = house().talk.lexicon.languages.get(code)
    if known is None:
        return code or t("language_unknown")
    return known.latin if language() == "en" else known.name

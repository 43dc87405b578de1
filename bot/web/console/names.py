"""How a page says a place, a question, a time and a number."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.hours import INDIA
from bot.web.console.words import language, t
from bot.web.house import house


def district(identity: str | None) -> str:
    """A district by its name; as it was written where the lexicon does not know it."""
    if not identity:
        return ""
    lexicon = house().talk.lexicon
    if language() == "en":
        return str(lexicon.facts["district"].get(identity, {}).get("en", identity))
    return lexicon.name("district", identity, "hi")


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


def masked(last4: str | None) -> str:
    """A number as lists show it."""
    return f"•• {last4}" if last4 else "–"


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

"""By which way a letter to WhatsApp may go: free text, an approved template, SMS, or a person who calls."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Way = Literal["free", "template", "sms", "rep"]
WINDOW = timedelta(hours=24)
"""So long after her last message from this address WhatsApp takes free text."""
OPENERS = {"reminder": "utter_nudge_alone", "opening": "utter_opening"}
"""The response that stands, outside the window, for a letter of this class. An answer has none."""
REQUEST = "request"
"""The class of a letter that asks for something beside the talk: by another way it says the same."""
UNASKED = (*OPENERS, REQUEST)
"""Classes of letters that nobody waits for."""
APPROVABLE = (*OPENERS.values(), "utter_nudge_last")
"""What may open a talk: these, and the last word on an old draft, which no other line may stand for."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What is known when a letter is to go. `template`: one is approved for it; `sms`: it can go by SMS."""

    inside: bool
    on_whatsapp: bool
    template: bool
    sms: bool


def opener_of(kind: str | None, utter: str) -> str | None:
    """What stands for a letter of this class and response outside the window; None for an answer."""
    if kind == REQUEST:
        return utter
    return utter if kind in OPENERS and utter in APPROVABLE else OPENERS.get(kind or "")


def inside(heard_at: datetime | None, now: datetime) -> bool:
    """Is the window open? `heard_at` is her own last message from this address."""
    return heard_at is not None and now - heard_at < WINDOW


def on_whatsapp(not_there_at: datetime | None, heard_at: datetime | None) -> bool:
    """May the number be on WhatsApp? What was found out is forgotten once she writes from there."""
    return not_there_at is None or (heard_at is not None and heard_at > not_there_at)


def way(reach: Reach, tried: Collection[Way] = ()) -> Way:
    """The first way that is open and was not tried."""
    if reach.on_whatsapp and reach.inside and "free" not in tried:
        return "free"
    if reach.on_whatsapp and reach.template and "template" not in tried:
        return "template"
    return "sms" if reach.sms and "sms" not in tried else "rep"

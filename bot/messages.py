"""The words that all rooms share: what comes in, what goes out, and the media between.

Everything here is a plain value: no database, no network, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Json = dict[str, Any]

InboundKind = Literal[
    "text",
    "button",
    "photo",
    "voice",
    "location",
    "other",
    "call",
    "missed_call",
    "media_ready",
    "nudge",
    "start",
    "take_over",
    "hand_back",
    "rep_says",
    "correction",
    "practice",
    "retake",
    "joined",
]
"""`call`: she is on the line, or is answered by SMS; `missed_call`: she let it ring and is rung back.

`joined`: two sellers have become one, and she is told so in one line, the response that `payload` names.
"""
BY_REP = ("take_over", "hand_back", "rep_says", "correction", "practice", "retake")
"""What a rep does in somebody's talk; what ends by itself comes in her place, with an empty `by`."""
OURS = ("media_ready", "nudge", "start", "joined", *BY_REP)
"""Kinds that our own workers and reps send: they are no word of hers and open no window."""
MediaKind = Literal["photo", "voice", "other"]


@dataclass(frozen=True, slots=True)
class Media:
    """One attachment as the provider announces it; its bytes are fetched later by a job.

    `url` is where the bytes are; `content_type` is what the provider claims and is never trusted.
    """

    kind: MediaKind
    url: str
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message from a person, or (`OURS`) one from our own workers or from a rep.

    `channel` and `provider_id` together are unique: a repeat changes nothing.
    `address` is as the channel writes it: `whatsapp:+9199999…`, `whatsapp:IN.<id>`, `+9199999…`.
    `payload` is the id of a pressed button or list row. `media_ids` are rows of ours (`media_ready`).
    `seller_id` is whose talk one of ours is for: another may speak on her phone by now.
    `by` is `rep:<id>` of `BY_REP`: there `payload` names the slot, the quick reply, the wish or the photo,
    and `text` is the new value, the rep's own words, her first name or what is wrong with the photo.
    """

    channel: str
    address: str
    provider_id: str
    kind: InboundKind
    received_at: datetime
    text: str = ""
    payload: str | None = None
    media: tuple[Media, ...] = ()
    media_ids: tuple[int, ...] = ()
    location: tuple[float, float] | None = None
    profile_name: str | None = None
    user_id: str | None = None
    by: str = ""
    seller_id: int | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """One choice: `title` is read by her, `payload` comes back to us when she presses it."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Outbound:
    """One bubble for one person. `utter` names the response it was made from.

    Of several responses in one bubble `parts` has their names and texts, in order; the last is `utter`.
    `filling`: the values of an approved template, in order; None for a bubble that is no such template.
    """

    channel: str
    address: str
    utter: str
    text: str
    language: str
    buttons: tuple[Button, ...] = ()
    image_url: str | None = None
    audio_url: str | None = None
    parts: tuple[tuple[str, str], ...] = ()
    filling: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What one message did: the new state and past-tense events, both JSON values."""

    state: Json
    events: list[Json] = field(default_factory=list)


def copy_json(value: Any) -> Any:
    """A deep copy of a JSON value, about ten times faster than copy.deepcopy."""
    kind = type(value)
    if kind is dict:
        return {key: copy_json(item) if type(item) in _NESTED else item for key, item in value.items()}
    if kind is list:
        return [copy_json(item) if type(item) in _NESTED else item for item in value]
    return value


_NESTED = (dict, list)

"""What a listing message is made from: plain values, gathered by the caller in its transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from bot.engine.catalogue import Catalogue
from bot.language.lexicon import Lexicon
from bot.messages import Json

Event = Literal["listing.completed", "listing.updated", "listing.withdrawn"]


@dataclass(frozen=True, slots=True)
class SellerFacts:
    """The maker: `key` is her public id, `gi` a claim with her authorised-user number if a rep saw it."""

    key: str
    language: str
    gi: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ConsentFacts:
    """The yes that allows this listing; `message_id` is the provider's id of the message that carried it."""

    version: str
    at: datetime
    channel: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Photo:
    """An accepted photo; pixels, `role` (front, back …) if known, warnings as the photo check names them."""

    id: int
    sha256: str
    width: int
    height: int
    role: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VoiceNote:
    """A voice note; `slot` is the question it answered, `transcribed_by` a person or a model."""

    id: int
    sha256: str
    seconds: float
    slot: str | None = None
    transcript: str | None = None
    transcribed_by: str | None = None


@dataclass(frozen=True, slots=True)
class ListingInput:
    """All that one version of a listing message says.

    `provenance` is {slot: {"by", "channel", "message_id", "said", "confirmed"}}. `previous` is the message of
    the version before, None for the first. `sign` turns the sha256 of stored bytes into a public address.
    """

    event: Event
    event_id: str
    listing_id: str
    number: int
    now: datetime
    slots: Json
    seller: SellerFacts
    consent: ConsentFacts
    catalogue: Catalogue
    lexicon: Lexicon
    sign: Callable[[str], str]
    provenance: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    photos: tuple[Photo, ...] = ()
    voice_notes: tuple[VoiceNote, ...] = ()
    previous: Json | None = None

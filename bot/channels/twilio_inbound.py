"""Twilio's webhook form → Inbound. One function a question: what kind, which tap, what media, who.

Nothing here raises on odd input: what cannot be read becomes kind `other`, which is answered kindly.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from bot.channels.base import FINAL, LADDER, Params, Status
from bot.channels.phone import e164
from bot.messages import Inbound, InboundKind, Media, MediaKind

MAX_TEXT = 100_000
"""More than any provider sends; what is longer than a turn can use is stored whole and read in part."""
MAX_MEDIA = 20
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control and text-direction characters, half surrogates: databases refuse them, eyes miss them."""
STATUSES = {"accepted": "queued", "scheduled": "queued", **{word: word for word in (*LADDER, *FINAL)}}


def parse(channel: str, params: Params, now: datetime) -> list[Inbound]:
    """The one message of a webhook call, or none when it names no sender to answer."""
    address = _address(params.get("From", ""))
    if not address:
        return []
    media = _media(params)
    tapped, payload, title = _tap(params)
    location = _location(params)
    body = clean(params.get("Body", ""), MAX_TEXT)
    return [
        Inbound(
            channel=channel,
            address=address,
            provider_id=_provider_id(params, now),
            kind=_kind(params, media, tapped, location, body),
            received_at=now,
            text=title or body or (_place(params) if location else ""),
            payload=payload,
            media=media,
            location=location,
            profile_name=clean(params.get("ProfileName", ""), 200) or None,
            user_id=_user_id(params, address),
        )
    ]


def parse_status(params: Params) -> Status | None:
    """What a status callback says; None for states that say nothing of the message's way."""
    sid = params.get("MessageSid") or params.get("SmsSid") or ""
    word = STATUSES.get((params.get("MessageStatus") or params.get("SmsStatus") or "").lower())
    if not sid or word is None:
        return None
    return Status(sid[:64], word, clean(params.get("ErrorCode", ""), 40) or None)


def media_kind(content_type: str) -> MediaKind:
    """What the provider's claim makes of an attachment; the bytes decide later."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind.startswith("image/"):
        return "photo"
    return "voice" if kind.startswith("audio/") or kind == "application/ogg" else "other"


def clean(text: str, limit: int) -> str:
    """The text without control characters and outer blanks, at most `limit` code points."""
    text = text[:limit]
    if text.isprintable():
        return text.strip()
    return CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _provider_id(params: Params, now: datetime) -> str:
    sid = params.get("MessageSid") or params.get("SmsMessageSid") or params.get("SmsSid")
    known = clean(sid or "", 64)
    if known:
        return known
    # Without an id a repeat cannot be told from a second message: better answered twice than lost.
    seed = repr(sorted(params.items())) + now.isoformat()
    return "none-" + hashlib.sha256(seed.encode(errors="replace")).hexdigest()[:32]


def _address(sender: str) -> str:
    """A number in one form; what is none (a user id, an alphanumeric SMS sender) stays as it is."""
    prefix, colon, number = clean(sender, 160).rpartition(":")
    number = number.strip()
    return prefix + colon + (e164(number) or number) if number else ""


def _user_id(params: Params, address: str) -> str | None:
    named = params.get("ExternalUserId") or params.get("ExternalUserIdentifier") or ""
    number = address.rpartition(":")[2]
    user_id = clean(named, 160).removeprefix("whatsapp:") or ("" if number.startswith("+") else number)
    return user_id or None


def _kind(
    params: Params, media: tuple[Media, ...], tapped: bool, location: tuple[float, float] | None, body: str
) -> InboundKind:
    if tapped:
        return "button"
    if media:
        kinds = {item.kind for item in media}
        return "photo" if "photo" in kinds else "voice" if "voice" in kinds else "other"
    if location:
        return "location"
    return "text" if body else "other"


def _tap(params: Params) -> tuple[bool, str | None, str]:
    """(was it a tap, its id, its title): ButtonPayload, else ListId, else only a title."""
    payload = params.get("ButtonPayload") or params.get("ListId") or ""
    title = clean(params.get("ButtonText") or params.get("ListTitle") or "", 300)
    return bool(payload or title), clean(payload, 300) or None, title


def _media(params: Params) -> tuple[Media, ...]:
    found: list[Media] = []
    announced = params.get("NumMedia", "0")
    if announced == "0" and "MediaUrl0" not in params:
        return ()
    for index in range(MAX_MEDIA):
        url = params.get(f"MediaUrl{index}", "").strip()
        if not url.startswith(("https://", "http://")):
            continue
        claimed = clean(params.get(f"MediaContentType{index}", ""), 100)
        kind = media_kind(claimed)
        if kind == "photo" and params.get("MessageType", "").lower() == "sticker":
            kind = "other"
        found.append(Media(kind, url[:2000], claimed))
    return tuple(found)


def _location(params: Params) -> tuple[float, float] | None:
    try:
        latitude, longitude = float(params.get("Latitude", "")), float(params.get("Longitude", ""))
    except ValueError:
        return None
    # "nan" and "inf" are floats too: neither lies within the limits.
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _place(params: Params) -> str:
    return clean(params.get("Address") or params.get("Label") or "", 300)


def moment(text: object) -> datetime | None:
    """Twilio's `Mon, 23 Nov 2026 00:10:00 +0000` as UTC, or None."""
    try:
        return parsedate_to_datetime(str(text)).astimezone(UTC)
    except ValueError:
        return None

"""What she does on the simulator's phone, as the webhook calls that the provider would make of it.

The calls are signed and go over HTTP to the real doors: the talk takes the same way as with a real phone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from threading import BoundedSemaphore
from uuid import uuid4

import requests

from bot.channels.twilio_inbound import media_kind
from bot.channels.whatsapp_twilio import sign
from bot.settings import Settings

Form = dict[str, str]
PHONE = re.compile(r"\+9199999\d{5}")
"""Invented numbers only: beside a database with real talks the simulator opens none of them."""
CHANNELS = ("whatsapp", "sms")
TIMEOUT_S = (5.0, 15.0)
SERVICE = "+919999900000"
_doors = BoundedSemaphore(2)
"""A call waits inside a request for another one of the same server: never may they fill all its threads."""


class CallFailed(Exception):
    """The door did not take the call; the message says why."""


@dataclass(frozen=True, slots=True)
class Phone:
    """One invented phone on one channel."""

    channel: str
    number: str

    @property
    def address(self) -> str:
        """How the channel writes her number."""
        return f"whatsapp:{self.number}" if self.channel == "whatsapp" else self.number


def text(body: str) -> Form:
    """Words that she typed."""
    return {"Body": body, "MessageType": "text"}


def tap(title: str, payload: str, from_list: bool) -> Form:
    """A pressed button, or a row of a list."""
    if from_list:
        return {"Body": title, "ListTitle": title, "ListId": payload, "MessageType": "interactive"}
    return {"Body": title, "ButtonText": title, "ButtonPayload": payload, "MessageType": "button"}


def place(latitude: float, longitude: float) -> Form:
    """A pin on the map, in degrees."""
    return {"Latitude": str(latitude), "Longitude": str(longitude), "MessageType": "location"}


def attachments(files: Sequence[tuple[str, str]], caption: str) -> list[Form]:
    """One call for each (url, content type): an album comes as single messages, its words with the first."""
    return [
        {
            "Body": "" if position else caption,
            "NumMedia": "1",
            "MediaUrl0": url,
            "MediaContentType0": content_type,
            "MessageType": {"photo": "image", "voice": "audio"}.get(media_kind(content_type), "document"),
        }
        for position, (url, content_type) in enumerate(files)
    ]


def post(settings: Settings, phone: Phone, form: Form) -> str:
    """Make one signed call and return its message id; raises CallFailed."""
    sid = ("MM" if "MediaUrl0" in form else "SM") + uuid4().hex
    params = _envelope(phone, sid) | form
    path = f"/webhooks/twilio/{phone.channel}"
    url = settings.public_url.rstrip("/") + path
    if not _doors.acquire(blocking=False):
        raise CallFailed("too many at once: try again")
    try:
        with requests.Session() as session:
            session.trust_env = False  # the doors are ours: no proxy stands between
            signature = {"X-Twilio-Signature": sign(settings, url, params)}
            answer = session.post(
                url, data=params, headers=signature, timeout=TIMEOUT_S, allow_redirects=False
            )
    except requests.RequestException as error:
        raise CallFailed(f"{path}: {type(error).__name__}") from None
    finally:
        _doors.release()
    if answer.status_code != 200:
        raise CallFailed(f"{path}: http {answer.status_code}")
    return sid


def _envelope(phone: Phone, sid: str) -> Form:
    """What stands in every call, whatever she did."""
    prefix = "whatsapp:" if phone.channel == "whatsapp" else ""
    return {
        "AccountSid": "AC" + "0" * 32,
        "ApiVersion": "2010-04-01",
        "MessageSid": sid,
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "SmsStatus": "received",
        "NumSegments": "1",
        "NumMedia": "0",
        "From": phone.address,
        "To": prefix + SERVICE,
    } | ({"WaId": phone.number.lstrip("+"), "ProfileName": "Simulator"} if prefix else {})

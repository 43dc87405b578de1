"""WhatsApp (and SMS) through Twilio: one sender number of one account behind the Channel port."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hmac import compare_digest
from typing import TYPE_CHECKING

from twilio.request_validator import RequestValidator

from bot.channels import twilio_inbound
from bot.channels.base import Params, SendError, Status
from bot.channels.numbered_text import with_numbers
from bot.channels.twilio_inbound import moment
from bot.messages import Inbound, Json, Outbound
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.channels.twilio_api import TwilioApi

TEXT_LIMIT = 1600
BUTTON_BODY_LIMIT = 1024
CLOCK_SLACK = timedelta(minutes=2)
"""Our clock and the provider's may differ by this much when a sent message is looked up."""


class TwilioChannel:
    """One number at Twilio. `name` is `whatsapp` or `sms`; `sender` is what stands in From."""

    def __init__(self, name: str, sender: str, settings: Settings) -> None:
        self.name = name
        self._settings = settings
        self._sender = sender
        self._token = signing_token(settings)
        self._validator = RequestValidator(self._token)
        self._status_callback = settings.public_url.rstrip("/") + "/webhooks/twilio/status"

    @cached_property
    def api(self) -> TwilioApi:
        """Opened when something is sent or asked; the web process only reads, and needs no HTTP client."""
        from bot.channels.twilio_api import TwilioApi

        return TwilioApi(self._settings)

    def verify(self, url: str, params: Params, signature: str) -> bool:
        """Over all parameters, unknown ones too; without a token of ours nothing is trusted."""
        if not self._token or not signature.isascii():
            return False
        expected: str = self._validator.compute_signature(url, params)
        if compare_digest(expected, signature):
            return True
        # Twilio signs with or without the port of the URL: the library tries both.
        return bool(self._validator.validate(url, params, signature))

    def parse(self, params: Params, now: datetime) -> list[Inbound]:
        return twilio_inbound.parse(self.name, params, now)

    def status(self, params: Params) -> Status | None:
        return twilio_inbound.parse_status(params)

    def send(self, outbound: Outbound, template: str | None = None) -> str:
        form = {
            "To": outbound.address,
            "From": self._sender,
            "StatusCallback": self._status_callback,
            **self._content(outbound, template),
        }
        sid = self.api.post_message(form).get("sid")
        if not isinstance(sid, str):
            raise SendError("no-sid", True, "the answer names no message", unknown=True)
        return sid

    def find_sent(self, outbound: Outbound, since: datetime) -> list[str]:
        earliest = since - CLOCK_SLACK
        # Twilio's own filter by date would leave out what it took but has not sent on yet.
        query = {"To": outbound.address, "From": self._sender, "PageSize": "50"}
        # A stored message with buttons comes back as the text it was filled with.
        bodies = {outbound.text.strip(), self._content(outbound, None).get("Body", "").strip()}
        found = []
        for row in self.api.messages(query):
            if (moment(row.get("date_created")) or earliest) < earliest:
                break
            ours = str(row.get("direction", "")).startswith("outbound")
            if ours and str(row.get("body") or "").strip() in bodies:
                found.append(str(row["sid"]))
        return found[::-1]

    def recent_inbound(
        self, since: datetime, unseen: Callable[[Collection[str]], Collection[str]]
    ) -> Iterator[Inbound]:
        if not self._sender:  # without a number of ours the list would be everybody's
            return
        query = {"To": self._sender, "DateSent>": _iso(since), "PageSize": "200"}
        rows = {str(row["sid"]): row for row in self.api.messages(query) if row.get("direction") == "inbound"}
        fresh = set(unseen(list(rows)))
        for sid in reversed(rows):
            if sid in fresh:
                yield from self._from_list(rows[sid])

    def delete_media(self, url: str) -> None:
        self.api.delete_media(url)

    def _content(self, outbound: Outbound, template: str | None) -> dict[str, str]:
        """What the bubble says: a stored message with buttons, or text with numbered choices.

        A stored message is filled with the text (1) and of each button its title (2, 4 …) and id (3, 5 …);
        an approved template only with the values in its text.
        """
        if template and outbound.filling is not None:
            return _stored(template, outbound.filling)
        attachment = outbound.image_url or outbound.audio_url
        if template and outbound.buttons and not attachment and len(outbound.text) <= BUTTON_BODY_LIMIT:
            filling = [outbound.text]
            for button in outbound.buttons:
                filling += [button.title, button.payload]
            return _stored(template, filling)
        body = with_numbers(outbound.text, outbound.buttons, TEXT_LIMIT)
        content = {"Body": body} if body else {}
        return content | ({"MediaUrl": attachment} if attachment else {})

    def _from_list(self, row: Json) -> list[Inbound]:
        """A message as the list shows it: of a tap only the title is left, which is read like a word."""
        sid = str(row["sid"])
        params: dict[str, str] = {
            "MessageSid": sid,
            "From": str(row.get("from") or ""),
            "Body": str(row.get("body") or ""),
            "NumMedia": str(row.get("num_media") or "0"),
        }
        if params["NumMedia"] != "0":
            for index, (url, content_type) in enumerate(self.api.media_of(sid)):
                params |= {f"MediaUrl{index}": url, f"MediaContentType{index}": content_type}
        said_at = moment(row.get("date_sent")) or moment(row.get("date_created"))
        return self.parse(params, said_at or datetime.now(UTC))


def _stored(content_sid: str, filling: Iterable[str]) -> dict[str, str]:
    variables = {str(place): value for place, value in enumerate(filling, 1)}
    return {"ContentSid": content_sid, "ContentVariables": json.dumps(variables, ensure_ascii=False)}


def signing_token(settings: Settings) -> str:
    """What webhooks are signed with; the simulator, which opens no real account, has a fixed word."""
    return settings.twilio_auth_token or ("simulator" if settings.simulator else "")


def sign(settings: Settings, url: str, params: Mapping[str, str]) -> str:
    """The X-Twilio-Signature of a call of ours to our own webhook (simulator and demo)."""
    return str(RequestValidator(signing_token(settings)).compute_signature(url, params))


def whatsapp(settings: Settings) -> TwilioChannel:
    """The WhatsApp sender of the settings."""
    return TwilioChannel("whatsapp", settings.twilio_whatsapp_from, settings)


def _iso(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

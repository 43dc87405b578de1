"""SMS: plain numbers, no pictures, the same port; through Twilio or through an entry of gateways.yml."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from functools import cached_property
from hmac import compare_digest
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import quote

from bot.channels.base import Channel, Params, Status
from bot.channels.sms_text import as_sent, encoding
from bot.channels.whatsapp_twilio import TwilioChannel
from bot.messages import Inbound, Outbound
from bot.settings import MissingSetting, Settings

if TYPE_CHECKING:
    from bot.channels.dlt_ids import DltIds
    from bot.channels.gateway_call import Call
    from bot.channels.gateway_entry import Entry
    from bot.channels.gateway_inbound import Read, Report
    from bot.channels.gateway_send import GatewayApi

TWILIO = "twilio"
KEY_HEADER = "X-Webhook-Key"


class TwilioSms(TwilioChannel):
    """A number of Twilio's that sends text only: choices are numbered, pictures and sounds stay away."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("sms", settings.twilio_sms_from, settings)

    def _content(self, outbound: Outbound, template: str | None) -> dict[str, str]:
        return {"Body": as_sent(outbound.utter, outbound.text, outbound.buttons, outbound.language)}


class SmsGateway:
    """The gateway of one entry. It has no list to look into: what was sent before a crash is sent again."""

    name = "sms"

    def __init__(self, gateway: str, entry: Entry, settings: Settings) -> None:
        self.gateway = gateway
        self.entry = entry
        self._settings = settings
        listed = settings.sms_addresses.replace(",", " ").split()
        self._networks = [ip_network(each, strict=False) for each in listed]

    @cached_property
    def api(self) -> GatewayApi:
        """Opened when something is sent; the web process only reads, and needs no HTTP client."""
        from bot.channels.gateway_send import GatewayApi

        return GatewayApi(self.entry.send, self._settings)

    @cached_property
    def _dlt(self) -> DltIds:
        from bot.channels.dlt_ids import DltIds

        return DltIds(self._settings)

    def admits(self, key: str, address: str) -> bool:
        """Is the call the gateway's? `key` is the secret it brought, `address` where it came from."""
        expected = self._settings.sms_webhook_key
        proofs = {
            "key": bool(expected) and compare_digest(key.encode(), expected.encode()),
            "addresses": _within(address, self._networks),
        }
        return all(proofs[name] for name in self.entry.receive.guard)

    def read(self, call: Call, now: datetime) -> Read:
        """The messages and parts of one call; raises BadCall."""
        from bot.channels.gateway_inbound import read_messages

        return read_messages(self.gateway, self.entry.receive, call, self._settings.sms_keyword, now)

    def reports(self, call: Call) -> list[Report]:
        """What one call says of messages of ours; raises BadCall."""
        from bot.channels.gateway_inbound import read_reports

        return read_reports(self.entry.report, call)

    def verify(self, url: str, params: Params, signature: str) -> bool:
        """Twilio's doors are closed while another gateway is at work; its own door asks `admits`."""
        return False

    def parse(self, params: Params, now: datetime) -> list[Inbound]:
        return []

    def status(self, params: Params) -> Status | None:
        return None

    def send(self, outbound: Outbound, template: str | None = None) -> str:
        text = as_sent(outbound.utter, outbound.text, outbound.buttons, outbound.language)
        plain = encoding(text) == "GSM-7"
        return self.api.post(
            {
                "to": _written(outbound.address, self.entry.send.number),
                "text": text,
                "encoding": self.entry.send.plain if plain else self.entry.send.unicode,
                "template": self._dlt.of(outbound, text) or "",
                "callback": self._callback(),
            }
        )

    def find_sent(self, outbound: Outbound, since: datetime) -> list[str]:
        return []

    def recent_inbound(
        self, since: datetime, unseen: Callable[[Collection[str]], Collection[str]]
    ) -> Iterator[Inbound]:
        return iter(())

    def delete_media(self, url: str) -> None:
        return None

    def _callback(self) -> str:
        key = self._settings.sms_webhook_key
        proof = f"?key={quote(key, safe='')}" if "key" in self.entry.receive.guard else ""
        return f"{self._settings.public_url.rstrip('/')}/webhooks/sms/{self.gateway}/report{proof}"


def sms(settings: Settings) -> Channel:
    """The SMS sender of the settings; MissingSetting names what its gateway lacks."""
    if settings.sms_gateway in ("", TWILIO):
        return TwilioSms(settings)
    from bot.channels.gateway_entry import load_entries

    entries = load_entries()
    entry = entries.get(settings.sms_gateway)
    if entry is None:
        raise MissingSetting(
            f"SMS_GATEWAY is {settings.sms_gateway!r}, not one of {', '.join([TWILIO, *entries])}"
        )
    missing = [name for name in entry.needs if not getattr(settings, name.lower())]
    if missing:
        raise MissingSetting(f"SMS_GATEWAY={settings.sms_gateway} needs " + ", ".join(missing))
    try:
        return SmsGateway(settings.sms_gateway, entry, settings)
    except ValueError as error:
        raise MissingSetting(f"SMS_ADDRESSES: {error}") from None


def _within(address: str, networks: list[IPv4Network | IPv6Network]) -> bool:
    try:
        where = ip_address(address)
    except ValueError:
        return False
    return any(where in network for network in networks)


def _written(address: str, form: str) -> str:
    """`+9199999…` as the gateway wants it."""
    digits = address.removeprefix("+")
    return {"e164": address, "digits": digits, "national": digits.removeprefix("91")}[form]

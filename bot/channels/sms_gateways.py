"""SMS: plain numbers, no pictures, the same port. Twilio's SMS has the shape of its WhatsApp calls."""

from __future__ import annotations

from bot.channels.sms_text import as_sent
from bot.channels.whatsapp_twilio import TwilioChannel
from bot.messages import Outbound
from bot.settings import Settings


class TwilioSms(TwilioChannel):
    """A number of Twilio's that sends text only: choices are numbered, pictures and sounds stay away."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("sms", settings.twilio_sms_from, settings)

    def _content(self, outbound: Outbound, template: str | None) -> dict[str, str]:
        return {"Body": as_sent(outbound.utter, outbound.text, outbound.buttons, outbound.language)}


def sms(settings: Settings) -> TwilioChannel:
    """The SMS sender of the settings."""
    return TwilioSms(settings)

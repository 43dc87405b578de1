"""SMS: plain numbers, no pictures, the same port. Twilio's SMS has the shape of its WhatsApp calls."""

from __future__ import annotations

from bot.channels.whatsapp_twilio import TwilioChannel
from bot.settings import Settings


def sms(settings: Settings) -> TwilioChannel:
    """The SMS sender of the settings."""
    return TwilioChannel("sms", settings.twilio_sms_from, settings)

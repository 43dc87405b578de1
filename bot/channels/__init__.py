"""The ways to reach people, one file a provider, all behind the port in base.py."""

from __future__ import annotations

from bot.channels.base import Channel, SendError, Status
from bot.channels.simulator import SilentChannel
from bot.channels.sms_gateways import sms
from bot.channels.whatsapp_twilio import whatsapp
from bot.settings import Settings

__all__ = ["Channel", "SendError", "SilentChannel", "Status", "open_channels"]


def open_channels(settings: Settings) -> dict[str, Channel]:
    """Every channel by its name; with SIMULATOR=1 they send nothing out."""
    if settings.simulator:
        return {name: SilentChannel(name, settings) for name in ("whatsapp", "sms")}
    return {"whatsapp": whatsapp(settings), "sms": sms(settings)}

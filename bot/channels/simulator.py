"""A channel that keeps its messages: the simulator and `chat` read the stored rows, nothing leaves us.

What comes in has the shape and the signature of Twilio's calls, so the real doors are used.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from uuid import uuid4

from bot.channels.whatsapp_twilio import TwilioChannel
from bot.messages import Inbound, Outbound
from bot.settings import Settings


class SilentChannel(TwilioChannel):
    """Verifies and parses as Twilio's; takes every message and tells nobody."""

    def __init__(self, name: str, settings: Settings) -> None:
        super().__init__(name, "", settings)

    def send(self, outbound: Outbound, template: str | None = None) -> str:
        return "local-" + uuid4().hex

    def find_sent(self, outbound: Outbound, since: datetime) -> list[str]:
        return []

    def recent_inbound(
        self, since: datetime, unseen: Callable[[Collection[str]], Collection[str]]
    ) -> Iterator[Inbound]:
        return iter(())

    def delete_media(self, url: str) -> None:
        return None

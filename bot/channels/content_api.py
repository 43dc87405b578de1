"""Twilio's Content API: what is stored there, and what WhatsApp says of it. Every method raises SendError."""

from __future__ import annotations

from collections.abc import Iterator

from bot.channels.base import SendError
from bot.channels.twilio_api import MAX_PAGES, TwilioApi
from bot.messages import Json
from bot.settings import Settings

CATEGORY = "UTILITY"


class ContentApi(TwilioApi):
    """The stored messages of one account."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.base = (settings.twilio_base_url or "https://content.twilio.com").rstrip("/")

    def stored(self) -> Iterator[tuple[str, str]]:
        """(friendly name, sid) of all that is there."""
        for page in range(MAX_PAGES):
            params = {"PageSize": "500", "Page": str(page)}
            found = self._json("GET", f"{self.base}/v1/Content", params=params)
            for each in found.get("contents", []):
                yield str(each.get("friendly_name") or ""), str(each["sid"])
            if not (found.get("meta") or {}).get("next_page_url"):
                return

    def create(self, body: Json) -> str:
        """Store one; its sid."""
        sid = self._json("POST", f"{self.base}/v1/Content", json=body).get("sid")
        if not isinstance(sid, str):
            raise SendError("no-sid", True, "the answer names no content", unknown=True)
        return sid

    def ask_approval(self, sid: str, name: str) -> str:
        """Hand it to WhatsApp; the state of the request."""
        body = {"name": name, "category": CATEGORY}
        answer = self._json("POST", f"{self.base}/v1/Content/{sid}/ApprovalRequests/whatsapp", json=body)
        return _state(answer)

    def approval(self, sid: str) -> str:
        """unsubmitted, received, pending, approved, rejected, paused or disabled."""
        answer = self._json("GET", f"{self.base}/v1/Content/{sid}/ApprovalRequests")
        return _state(answer.get("whatsapp") or {})


def _state(answer: Json) -> str:
    return str(answer.get("status") or "unsubmitted")[:16].lower()

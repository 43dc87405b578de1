"""Twilio's REST calls over one kept connection, with every failure as a SendError.

`TWILIO_BASE_URL` replaces the host. Redirects are never followed: the credentials stay with that host.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import requests

from bot.channels.base import SendError
from bot.messages import Json
from bot.settings import Settings

TIMEOUT_S = (4.0, 8.0)
"""Connect and read; together below a job's lease of 15 s, so that nobody else takes the job meanwhile."""
RETRYABLE = {"20429", "63018"}
MAX_PAGES = 100


class TwilioApi:
    """Messages and their media of one account. Every method raises SendError."""

    def __init__(self, settings: Settings) -> None:
        self.base = (settings.twilio_base_url or "https://api.twilio.com").rstrip("/")
        self._account = f"/2010-04-01/Accounts/{settings.twilio_account_sid}"
        self._session = requests.Session()
        self._session.auth = (settings.twilio_account_sid, settings.twilio_auth_token)

    def post_message(self, form: dict[str, str]) -> Json:
        """Hand over one message; Twilio's answer with `sid` and `status`."""
        return self._json("POST", f"{self.base}{self._account}/Messages.json", data=form)

    def messages(self, query: dict[str, str]) -> Iterator[Json]:
        """Messages that match, newest first, page by page."""
        url: str | None = f"{self.base}{self._account}/Messages.json"
        params: dict[str, str] | None = query
        for _ in range(MAX_PAGES):
            page = self._json("GET", url or "", params=params)
            yield from page.get("messages", [])
            following = page.get("next_page_uri")
            if not isinstance(following, str) or not following.startswith("/"):
                return
            url, params = self.base + following, None

    def media_of(self, message_sid: str) -> list[tuple[str, str]]:
        """(URL, content type) of the attachments of one message."""
        page = self._json("GET", f"{self.base}{self._account}/Messages/{message_sid}/Media.json")
        return [
            (self.base + str(item["uri"]).removesuffix(".json"), str(item.get("content_type") or ""))
            for item in page.get("media_list", [])
        ]

    def delete_media(self, url: str) -> None:
        """Delete one attachment of our account; one of another host or account is not ours to delete."""
        parts = urlsplit(url)
        known = parts.netloc == urlsplit(self.base).netloc or (parts.hostname or "").endswith(".twilio.com")
        if not known or not parts.path.startswith(self._account + "/"):
            return
        try:
            self._call("DELETE", f"{self.base}{parts.path.removesuffix('.json')}.json")
        except SendError as error:
            if error.code not in {"20404", "http-404", "http-410"}:
                raise

    def _json(self, method: str, url: str, **kwargs: Any) -> Json:
        try:
            body = self._call(method, url, **kwargs).json()
        except requests.JSONDecodeError:
            raise SendError("not-json", True, "the answer is not JSON", unknown=True) from None
        if not isinstance(body, dict):
            raise SendError("not-json", True, "the answer is not an object", unknown=True)
        return body

    def _call(self, method: str, url: str, **kwargs: Any) -> requests.Response:
        try:
            answer = self._session.request(method, url, timeout=TIMEOUT_S, allow_redirects=False, **kwargs)
        except requests.Timeout:
            raise SendError("timeout", True, f"no answer within {TIMEOUT_S[1]:.0f} s", unknown=True) from None
        except requests.RequestException as error:
            raise SendError("connection", True, type(error).__name__, unknown=True) from None
        if not answer.ok or answer.is_redirect:
            raise _refusal(answer)
        return answer


def _refusal(answer: requests.Response) -> SendError:
    """Twilio's refusal; its message text is not kept, it may repeat a phone number."""
    try:
        body = answer.json()
    except requests.JSONDecodeError:
        body = {}
    named = body.get("code") if isinstance(body, dict) else None
    code = str(named) if named else f"http-{answer.status_code}"
    # Wrong credentials are the operator's mistake: the messages wait for the right ones.
    throttled = answer.status_code in (401, 429) or code in RETRYABLE
    broken = answer.status_code >= 500
    return SendError(code, throttled or broken, f"HTTP {answer.status_code}", unknown=broken)

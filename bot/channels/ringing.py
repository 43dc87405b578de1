"""Ring somebody up: one call to the exchange, with every failure as a SendError."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import requests

from bot.channels.base import SendError
from bot.channels.call_entry import Ring
from bot.channels.exchange import Exchange
from bot.channels.twilio_calls import PATH, RETRIES

TIMEOUT_S = (4.0, 7.0)
"""Connect and read; together below a job's lease."""


def ring(exchange: Exchange, number: str) -> str:
    """Place a call to this number and return its id; raises SendError."""
    how = exchange.entry.ring
    assert how is not None
    filling = _filling(exchange, number)
    form = {name: value.format(**filling) for name, value in how.fields.items()}
    call = _post(how.url.format(**filling), form, _secrets(exchange, how))
    for key in how.id.split("."):
        call = call.get(key) if isinstance(call, dict) else None
    if not isinstance(call, str) or not call:
        raise SendError("no-call", True, "the answer names no call", unknown=True)
    return call


def _filling(exchange: Exchange, number: str) -> dict[str, str]:
    settings = exchange.settings
    public = settings.public_url.rstrip("/")
    own = exchange.name == "twilio"
    key = quote(settings.call_webhook_key, safe="")
    door = f"{public}/webhooks/calls/{exchange.name}?key={key}&step=ended"
    return {
        "base": (settings.twilio_base_url or "https://api.twilio.com").rstrip("/"),
        "account": settings.twilio_account_sid if own else settings.call_account,
        "number": settings.call_number,
        "flow": settings.call_flow,
        "to": number,
        "voice": public + PATH + RETRIES,
        "ended": public + PATH if own else door,
    }


def _secrets(exchange: Exchange, how: Ring) -> tuple[str, str]:
    settings = exchange.settings
    return getattr(settings, how.user.lower()), getattr(settings, how.secret.lower())


def _post(url: str, form: dict[str, str], secrets: tuple[str, str]) -> Any:
    try:
        answer = requests.post(url, data=form, auth=secrets, timeout=TIMEOUT_S, allow_redirects=False)
    except requests.RequestException as error:
        raise SendError("connection", True, type(error).__name__, unknown=not _never_stood(error)) from None
    if not answer.ok or answer.is_redirect:
        status = answer.status_code
        passing = status in (401, 429) or status >= 500
        raise SendError(f"http-{status}", passing, f"HTTP {status}", unknown=status >= 500)
    try:
        return answer.json()
    except requests.JSONDecodeError:
        raise SendError("not-json", True, "the answer is not JSON", unknown=True) from None


def _never_stood(error: requests.RequestException) -> bool:
    """Only a line that was not even opened tells for sure that nobody was rung."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return type(reason).__name__ == "NewConnectionError"

"""Handing one SMS to a gateway, as its entry says, with every failure as a SendError."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import requests

from bot.channels.base import SendError
from bot.channels.gateway_call import value_at
from bot.channels.gateway_entry import JsonAnswer, Sending, TextAnswer
from bot.channels.twilio_api import TIMEOUT_S
from bot.settings import Settings


class GatewayApi:
    """One gateway with our account there; `post` raises SendError."""

    def __init__(self, entry: Sending, settings: Settings) -> None:
        self._entry = entry
        self._url = settings.sms_url or entry.url
        self._session = requests.Session()
        self._ours = {
            "account": settings.sms_account,
            "user": settings.sms_user,
            "token": settings.sms_token,
            "sender": settings.sms_sender,
            "entity": settings.sms_entity,
        }
        self._params: dict[str, str] = {}
        self._prove(settings)

    def _prove(self, settings: Settings) -> None:
        auth = self._entry.auth
        secret = str(getattr(settings, (auth.secret or "sms_token").lower()))
        if auth.kind == "basic":
            self._session.auth = (str(getattr(settings, (auth.user or "sms_user").lower())), secret)
        elif auth.kind == "bearer":
            self._session.headers["Authorization"] = f"Bearer {secret}"
        elif auth.kind == "header":
            self._session.headers[auth.name or ""] = secret
        elif auth.kind == "query":
            self._params[auth.name or ""] = secret

    def post(self, values: Mapping[str, str]) -> str:
        """Hand over one message and return the gateway's id. An empty value leaves its field out."""
        filling = {**self._ours, **values}
        fields = _filled(self._entry.fields, filling)
        url = self._url.format_map({name: quote(value, safe="") for name, value in filling.items()})
        ways: dict[str, dict[str, Any]] = {
            "form": {"data": fields, "params": self._params},
            "json": {"json": fields, "params": self._params},
            "query": {"params": {**fields, **self._params}},
        }
        try:
            answer = self._session.request(
                self._entry.method, url, timeout=TIMEOUT_S, allow_redirects=False, **ways[self._entry.body]
            )
        except requests.Timeout:
            raise SendError("timeout", True, f"no answer within {TIMEOUT_S[1]:.0f} s", unknown=True) from None
        except requests.RequestException as error:
            raise SendError("connection", True, type(error).__name__, unknown=True) from None
        reading = self._entry.answer
        return _by_text(answer, reading) if isinstance(reading, TextAnswer) else _by_json(answer, reading)


def _filled(node: Any, values: Mapping[str, str]) -> Any:
    """The fields with their values; what stays empty is left out, and so is a group of empty ones."""
    if isinstance(node, dict):
        filled = {name: _filled(inner, values) for name, inner in node.items()}
        return {name: inner for name, inner in filled.items() if inner not in ("", {}, [])}
    if isinstance(node, list):
        return [inner for inner in (_filled(inner, values) for inner in node) if inner not in ("", {}, [])]
    return node.format_map(values) if isinstance(node, str) else node


def _by_json(answer: requests.Response, reading: JsonAnswer) -> str:
    try:
        body = answer.json()
    except requests.JSONDecodeError:
        body = None
    found = body if isinstance(body, dict) else {}
    code = value_at(found, reading.code)
    if not answer.ok or answer.is_redirect:
        raise _refusal(answer, code, reading.retry)
    if body is None or found != body:
        raise SendError("not-json", True, "the answer is no JSON object", unknown=True)
    said = value_at(found, reading.taken.field)
    if said not in reading.taken.words:
        raise _refusal(answer, code or said, reading.retry)
    return _known(value_at(found, reading.id))


def _by_text(answer: requests.Response, reading: TextAnswer) -> str:
    text = answer.text[:1000].strip()
    refused, taken = reading.refused.search(text), reading.taken.search(text)
    if not answer.ok or answer.is_redirect or refused:
        raise _refusal(answer, refused["code"] if refused else "", reading.retry)
    if taken is None:
        raise SendError("not-understood", True, "the answer is neither a yes nor a no", unknown=True)
    return _known(taken["id"])


def _known(provider_id: str) -> str:
    if not provider_id:
        raise SendError("no-id", True, "the answer names no message", unknown=True)
    return provider_id[:100]


def _refusal(answer: requests.Response, code: str, retry: list[str]) -> SendError:
    """The gateway's no; its words are not kept, they may repeat a phone number."""
    broken = answer.status_code >= 500
    # Wrong credentials are the operator's mistake: the messages wait for the right ones.
    passing = broken or answer.status_code in (401, 429) or code in retry
    named = code[:40] or ("refused" if 200 <= answer.status_code < 300 else f"http-{answer.status_code}")
    return SendError(named, passing, f"HTTP {answer.status_code}", unknown=broken)

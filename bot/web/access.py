"""Who may call a route: every view says it, and a test fails for one that does not.

`public` is open on purpose, `token` wants the API's bearer token, `signed` and `login` are proved by the view
itself (a provider's signature, a signed address, a session).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from hmac import compare_digest
from ipaddress import ip_address
from typing import Any, TypeVar

from flask import Flask, request
from flask.typing import ResponseReturnValue

from bot.web.house import house

View = TypeVar("View", bound=Callable[..., Any])
MARKS = ("public", "signed", "token", "login")


def public(view: View) -> View:
    """Anyone may call this."""
    return _mark(view, "public")


def signed(view: View) -> View:
    """The view checks a signature itself, first thing."""
    return _mark(view, "signed")


def login(view: View) -> View:
    """The view is for a person who has logged in."""
    return _mark(view, "login")


def token(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Only with `Authorization: Bearer <API_TOKEN>`; without a token in the settings nobody gets in."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        expected = house().settings.api_token
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        known = bool(expected) and compare_digest(given.strip().encode(), expected.encode())
        if scheme.lower() != "bearer" or not known:
            return {"error": "unauthorized"}, 401, {"WWW-Authenticate": "Bearer"}
        return view(*args, **kwargs)

    return _mark(guarded, "token")


def came_from() -> str:
    """The address of the call: a proxy on this machine writes it last, of others nobody takes a word."""
    near = request.remote_addr or ""
    told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        return told if told and ip_address(near).is_loopback else near
    except ValueError:
        return near


def unmarked(app: Flask) -> list[str]:
    """The endpoints that do not say who may call them."""
    return [name for name, view in app.view_functions.items() if getattr(view, "access", None) not in MARKS]


def _mark(view: View, access: str) -> View:
    view.access = access  # type: ignore[attr-defined]
    return view

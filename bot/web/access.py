"""Who may call a route: every view says it, and a test fails for one that does not.

`public` is open on purpose, `token` wants the API's bearer token, `signed` is proved by the view itself (a
provider's signature, a signed address), `signed_in` lets in reps of a role with a session of the console.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from hmac import compare_digest
from ipaddress import ip_address
from typing import Any, TypeVar, cast

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


def signed_in(role: str, *, before_change: bool = False) -> Callable[[View], View]:
    """Only for a rep who has signed in and has this role (`rep`, `lead`, `admin`) or one above it.

    For anybody below it the page does not exist. `before_change`: open also with a password that was given to
    her and must be changed first.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            from bot.web.console.guard import refusal  # only here: the simulator has no console

            refused = refusal(role, before_change)
            return view(*args, **kwargs) if refused is None else refused

        guarded.role = role  # type: ignore[attr-defined]
        return cast(View, _mark(guarded, "login"))

    return guard


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
    return [name for name, view in app.view_functions.items() if not _says(view)]


def _says(view: Any) -> bool:
    access = getattr(view, "access", None)
    return access in MARKS and (access != "login" or hasattr(view, "role"))


def _mark(view: View, access: str) -> View:
    view.access = access  # type: ignore[attr-defined]
    return view

"""Who is at the console: the session behind her cookie, and what is answered where she may not go."""

from __future__ import annotations

from typing import Any, cast

from flask import Flask, Response, abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user

from bot.console import sessions
from bot.console.scope import may
from bot.console.sessions import Who
from bot.web.house import house


class SignedIn(UserMixin):
    """A rep with a session, as Flask-Login wants her; her id in the cookie is the session's token."""

    def __init__(self, who: Who) -> None:
        self.who = who

    def get_id(self) -> str:
        return self.who.token


def open_guard(app: Flask) -> None:
    """Ask the table at each request of the console who is there."""
    manager = LoginManager()
    # Phones change their address all day long; the token alone says who it is.
    manager.session_protection = None
    # No template asks for Flask-Login's own `current_user`, which would be looked up for each.
    manager.init_app(app, add_context_processor=False)
    manager.user_loader(_load)


def _load(token: str) -> SignedIn | None:
    if g.get("asks_nobody"):
        return None
    opened = house()
    found = sessions.find(opened.db, token, opened.clock())
    return SignedIn(found) if found else None


def ask_nobody() -> None:
    """From now on this request does not ask the table: who is not known yet stays unknown."""
    g.asks_nobody = True


def somebody() -> Who | None:
    """Who is signed in, if anybody is."""
    user: Any = current_user
    return cast(Who, user.who) if user.is_authenticated else None


def me() -> Who:
    """Who is signed in, in a page that only she reaches."""
    found = somebody()
    assert found is not None
    return found


def refusal(role: str, before_change: bool) -> ResponseReturnValue | None:
    """What is answered instead of the page; None if she may see it."""
    who = somebody()
    if who is None:
        return _to(url_for("console.sign_in", next=_wanted()))
    if who.must_change and not before_change:
        return _to(url_for("console.password"))
    if not may(who, role):
        abort(404)
    return None


def _to(place: str) -> ResponseReturnValue:
    """Go there, also from a part of a page that HTMX has asked for."""
    if "HX-Request" in request.headers:
        return Response(status=204, headers={"HX-Redirect": place})
    return redirect(place, 303)


def _wanted() -> str | None:
    """Where she was going, as long as going there again does nothing."""
    if request.method != "GET" or request.full_path.rstrip("?") == url_for("console.today"):
        return None
    return request.full_path.rstrip("?")

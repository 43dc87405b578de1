"""The console of field reps: one page a file, open only where there is no simulator."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask

from bot.console import sessions
from bot.settings import Settings
from bot.web.console import (
    audit,
    desk,
    figures,
    helping,
    layout,
    listings,
    me,
    merging,
    people,
    practice,
    reps,
    sharing,
    sign_in,
    starts,
    talk,
    today,
)
from bot.web.console.guard import open_guard
from bot.web.console.room import console, forms

PAGES = (
    layout,
    sign_in,
    me,
    today,
    helping,
    people,
    merging,
    sharing,
    starts,
    talk,
    practice,
    desk,
    listings,
    figures,
    audit,
    reps,
)
"""The files whose views are the console; importing one adds its views."""
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def open_console(app: Flask, settings: Settings) -> None:
    """Add the console to the application."""
    at = urlsplit(settings.public_url)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="console",
        SESSION_COOKIE_PATH="/console",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=not (at.scheme == "http" and at.hostname in _LOOPBACK),
        PERMANENT_SESSION_LIFETIME=sessions.LASTS,
        SESSION_REFRESH_EACH_REQUEST=False,
        # Addresses of our files change with the files.
        SEND_FILE_MAX_AGE_DEFAULT=604_800,
        # A form that was filled in without a network is sent hours later.
        WTF_CSRF_TIME_LIMIT=None,
        # Only the console's forms have tokens: providers sign their calls, programs bring theirs.
        WTF_CSRF_CHECK_DEFAULT=False,
        # Behind a proxy we are called by http, and then have no referrer to compare with.
        WTF_CSRF_SSL_STRICT=False,
    )
    open_guard(app)
    forms.init_app(app)
    app.register_blueprint(console)

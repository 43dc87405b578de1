"""The web application: one blueprint a file, all of them around one house."""

from __future__ import annotations

from flask import Flask, Response
from werkzeug.exceptions import RequestEntityTooLarge

from bot import metrics
from bot.media.store import StoreDown
from bot.settings import Settings
from bot.web.access import public
from bot.web.calls import calls
from bot.web.down import DATABASE_ERRORS, database_down, store_down
from bot.web.health import health
from bot.web.house import EXTENSION, House, open_house
from bot.web.media import media
from bot.web.own_copy import own_copy
from bot.web.sms import sms_gateways
from bot.web.webhooks import webhooks

MAX_BODY = 1024 * 1024
"""Bytes of a request: media come by URL, so a larger call is no message. A view that takes files lifts it."""


def create_app(settings: Settings, house: House | None = None) -> Flask:
    """The application around an open house; without one, around what the settings name (migrated already)."""
    app = Flask(__name__)
    opened = house or open_house(settings)
    app.extensions[EXTENSION] = opened
    app.config.update(MAX_CONTENT_LENGTH=MAX_BODY, MAX_FORM_MEMORY_SIZE=MAX_BODY)
    public(app.view_functions["static"])
    for room in (webhooks, sms_gateways, calls, media, own_copy, health):
        app.register_blueprint(room)
    _last_rooms(app, opened.settings)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    for error in DATABASE_ERRORS:
        app.register_error_handler(error, database_down)
    app.register_error_handler(StoreDown, store_down)
    return app


def _last_rooms(app: Flask, settings: Settings) -> None:
    """The simulator is for trying things out: it never stands beside the doors to real data."""
    # Only one of them is ever needed, and the simulator brings the audio library with it.
    if settings.simulator:
        from bot.web.simulator import simulator

        app.register_blueprint(simulator)
        return
    from bot.web.api import api
    from bot.web.console import open_console

    app.register_blueprint(api)
    open_console(app, settings)


def _too_large(_error: RequestEntityTooLarge) -> Response:
    metrics.REFUSED.labels("too_large").inc()
    return Response("This message is too large for us.\n", status=413, mimetype="text/plain")

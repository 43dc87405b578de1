"""Sangwari: the application for a WSGI server (`app:create_app()`), and the command line."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def create_app() -> Flask:
    """The web application with the settings of the environment; the database is brought to head first.

    What is loaded here stays: the collector neither walks it while it grows nor ever again (measured: a fifth
    of the start, a tenth of a turn).
    """
    gc.disable()
    from bot.serve import end_with_parent
    from bot.settings import Settings
    from bot.web import create_app as build
    from models.database import connect, migrate

    end_with_parent()
    settings = Settings.from_environment()
    settings.require_secrets()
    engine = connect(settings.database_url)
    migrate(engine)
    engine.dispose()
    app = build(settings)
    gc.freeze()
    gc.enable()
    return app


if __name__ == "__main__":
    from bot.cli import main

    sys.exit(main(sys.argv[1:]))

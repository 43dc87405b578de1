"""What is answered while the database or the store is away: 503, and when to ask again."""

from __future__ import annotations

import structlog
from flask import Response
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot import metrics
from bot.media.store import StoreDown
from bot.turn_rows import Overtaken

log = structlog.get_logger(__name__)
DATABASE_ERRORS = (OperationalError, InterfaceError, PoolTimeout, Overtaken)
AGAIN = "थोड़ी देर में फिर कोशिश कीजिए। Try again in a little while.\n"
"""Programs look at the status; a rep may have opened a photo."""


def database_down(error: Exception) -> Response:
    """The provider tries again if it can; what it does not send again is fetched later."""
    metrics.REFUSED.labels("database").inc()
    log.error("database_failed", error=type(error).__name__)
    return Response(AGAIN, status=503, mimetype="text/plain", headers={"Retry-After": "5"})


def store_down(error: StoreDown) -> Response:
    """Photos and notes are elsewhere and will be there again; a talk goes on without them."""
    log.error("store_failed", error=str(error))
    return Response(AGAIN, status=503, mimetype="text/plain", headers={"Retry-After": "30"})

"""Is it alive, is it ready, how is it doing: for those who run it, without a word about any person."""

from __future__ import annotations

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from bot.web.access import public
from bot.web.gauges import Gauges
from bot.web.house import house
from models.database import at_head, reading

health = Blueprint("health", __name__)


@health.get("/healthz")
@public
def alive() -> Response:
    """200 while the process answers at all."""
    return Response("ok\n", mimetype="text/plain")


@health.get("/readyz")
@public
def ready() -> Response:
    """200 when the schema is at head; the flows were loaded before the first request could come."""
    try:
        schema = at_head(house().db)
    except SQLAlchemyError:
        schema = False
    word, status = ("ready\n", 200) if schema else ("the schema is not at head\n", 503)
    return Response(word, status=status, mimetype="text/plain")


@health.get("/metrics")
@public
def numbers() -> Response:
    """What this process counted, and what the tables say about waiting and failed work."""
    opened = house()
    tables = CollectorRegistry(auto_describe=False)
    with reading(opened.db) as conn:
        tables.register(Gauges(conn, opened.clock()))
        text = generate_latest(REGISTRY) + generate_latest(tables)
    return Response(text, content_type=CONTENT_TYPE_LATEST)

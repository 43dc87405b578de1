"""Is it alive, is it ready, how is it doing: for those who run it, without a word about any person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from bot.web.access import public
from bot.web.house import house
from models import JobRow
from models.database import at_head

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
    """What this process counted, and what the tables say about waiting work."""
    opened = house()
    waiting = CollectorRegistry(auto_describe=False)
    with opened.db.connect() as conn:
        waiting.register(_Waiting(conn, opened.clock()))
        text = generate_latest(REGISTRY) + generate_latest(waiting)
    return Response(text, content_type=CONTENT_TYPE_LATEST)


class _Waiting:
    """Gauges read from the tables, the same from whichever process is asked."""

    def __init__(self, conn: Connection, now: datetime) -> None:
        self._conn = conn
        self._now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Due jobs and their age by kind, dead jobs by kind, age of the oldest unsent message."""
        job = JobRow.__table__.c
        due = GaugeMetricFamily("sangwari_jobs_due", "Jobs whose time has come", labels=["kind"])
        age = GaugeMetricFamily("sangwari_queue_age_seconds", "How long the oldest is due", labels=["kind"])
        waiting = select(job.kind, func.count(), func.min(job.run_at)).group_by(job.kind)
        for kind, count, oldest in self._conn.execute(
            waiting.where(job.status == "ready", job.run_at <= self._now)
        ):
            due.add_metric([kind], count)
            age.add_metric([kind], self._seconds(oldest))
        yield due
        yield age
        dead = GaugeMetricFamily("sangwari_jobs_dead", "Jobs that were given up", labels=["kind"])
        for kind, count in self._conn.execute(
            select(job.kind, func.count()).where(job.status == "dead").group_by(job.kind)
        ):
            dead.add_metric([kind], count)
        yield dead
        # A message not yet handed over has its job; that table stays short, the messages' does not.
        unsent = self._conn.scalar(
            select(func.min(job.created_at)).where(job.kind == "send_message", job.status == "ready")
        )
        yield GaugeMetricFamily(
            "sangwari_oldest_unsent_seconds",
            "Age of the oldest message not yet handed over",
            self._seconds(unsent) if unsent else 0.0,
        )

    def _seconds(self, since: datetime) -> float:
        return max(0.0, (self._now - since).total_seconds())

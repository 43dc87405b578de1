"""Numbers read from the tables when asked for: the worker is another process, the tables are shared."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import Connection, func, select

from bot.media.store import StoreDown
from models import JobRow, Media, Message

RECENT = 10_000
"""Of so many last rows failures are counted: by their ids, so that a long history costs nothing."""
_job, _message, _media = JobRow.__table__.c, Message.__table__.c, Media.__table__.c
_OURS = _job.lane == ""
"""Jobs of the service; a `chat` on the same database does its own."""


class Gauges(Collector):
    """Waiting, failing and dead work at `now`. Labels are kinds and codes, never a person."""

    def __init__(self, conn: Connection, now: datetime) -> None:
        self._conn = conn
        self._now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """All gauges, one after the other."""
        yield from self._due()
        failing = (_job.status == "ready", _job.error.is_not(None))
        yield self._jobs("sangwari_jobs_failing", "Jobs that failed and wait to be tried again", *failing)
        text = "Jobs that wait for a media store that is full or away"
        store = (_job.status == "ready", _job.error.startswith(StoreDown.SAYS))
        yield self._jobs("sangwari_jobs_waiting_for_store", text, *store)
        yield self._jobs("sangwari_jobs_dead", "Jobs that were given up", _job.status == "dead")
        yield self._unsent()
        yield self._failures()

    def _due(self) -> Iterator[GaugeMetricFamily]:
        due = GaugeMetricFamily("sangwari_jobs_due", "Jobs whose time has come", labels=["kind"])
        age = GaugeMetricFamily("sangwari_queue_age_seconds", "How long the oldest is due", labels=["kind"])
        query = select(_job.kind, func.count(), func.min(_job.run_at)).group_by(_job.kind)
        ready = query.where(_OURS, _job.status == "ready", _job.run_at <= self._now)
        for kind, count, oldest in self._conn.execute(ready):
            due.add_metric([kind], count)
            age.add_metric([kind], self._seconds(oldest))
        yield due
        yield age

    def _jobs(self, name: str, text: str, *where: object) -> GaugeMetricFamily:
        gauge = GaugeMetricFamily(name, text, labels=["kind"])
        query = select(_job.kind, func.count()).where(_OURS, *where)  # type: ignore[arg-type]
        for kind, count in self._conn.execute(query.group_by(_job.kind)):
            gauge.add_metric([kind], count)
        return gauge

    def _unsent(self) -> GaugeMetricFamily:
        """A message not yet handed over has its job; that table stays short, the messages' does not."""
        oldest = self._conn.scalar(
            select(func.min(_job.created_at)).where(
                _OURS, _job.kind == "send_message", _job.status == "ready"
            )
        )
        text = "Age of the oldest message not yet handed over"
        return GaugeMetricFamily(
            "sangwari_oldest_unsent_seconds", text, self._seconds(oldest) if oldest else 0
        )

    def _failures(self) -> GaugeMetricFamily:
        text = f"Of the last {RECENT} messages and attachments, those that failed"
        gauge = GaugeMetricFamily("sangwari_recent_failures", text, labels=["kind", "code"])
        code = func.coalesce(_message.error, _message.status)
        last = select(func.max(_message.id) - RECENT).scalar_subquery()
        messages = select(code, func.count()).where(
            _message.id > last, _message.status.in_(("failed", "undelivered", "dead"))
        )
        for named, count in self._conn.execute(messages.group_by(code)):
            gauge.add_metric(["send_message", named], count)
        last = select(func.max(_media.id) - RECENT).scalar_subquery()
        media = select(_media.status, func.count()).where(
            _media.id > last, _media.status.in_(("failed", "refused"))
        )
        for status, count in self._conn.execute(media.group_by(_media.status)):
            gauge.add_metric(["media", status], count)
        return gauge

    def _seconds(self, since: datetime) -> float:
        return max(0.0, (self._now - since).total_seconds())

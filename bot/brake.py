"""The brake for all senders together: a day's messages may not cost more than the account can bear.

The messages of the day are themselves the counter. A process adds up those that came since its last look,
once in ten seconds and not in every turn, by their ids; so nobody writes a row that all others wait for.
"""

from __future__ import annotations

import threading
from collections import Counter
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy import Connection, func, select

from bot import metrics
from bot.hours import day_of, midnight_before
from bot.limits import cost
from bot.settings import Settings
from models import Message

log = structlog.get_logger(__name__)
LOOK_EVERY = timedelta(seconds=10)
_message = Message.__table__.c


class Brake:
    """One process's view of one database: `look` before a message is worked on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._day: date | None = None
        self._sent: Counter[str] = Counter()
        self._last_id: int | None = None
        self._looked: datetime | None = None
        self._on = False

    def look(self, conn: Connection, settings: Settings, now: datetime) -> bool:
        """True while nothing more may be said today, to nobody. Reads the table when the last look is old."""
        if settings.simulator or not settings.limit_spend_day_all:
            return False
        with self._lock:
            if self._looked is None or abs(now - self._looked) >= LOOK_EVERY:
                self._count(conn, now)
                self._looked = now
                self._decide(settings)
            return self._on

    def _count(self, conn: Connection, now: datetime) -> None:
        """Add the messages that went out since the last look."""
        midnight = midnight_before(now)
        if self._last_id is None:
            self._last_id = _first_since(conn, midnight) - 1
        if self._day != day_of(now):
            self._day, self._sent = day_of(now), Counter()
        upto = conn.scalar(select(func.max(_message.id))) or 0
        fresh = (_message.id > self._last_id, _message.id <= upto, _message.created_at >= midnight)
        query = select(_message.channel, func.count()).where(*fresh, _message.direction == "out")
        for channel, count in conn.execute(query.group_by(_message.channel)):
            self._sent[channel] += count
        self._last_id = upto

    def _decide(self, settings: Settings) -> None:
        spent = cost(self._sent, settings)
        metrics.SPENT.set(float(spent))
        was, self._on = self._on, spent >= settings.limit_spend_day_all
        if self._on and not was:
            log.error("spending_stopped", spent=str(spent), limit=str(settings.limit_spend_day_all))


def _first_since(conn: Connection, moment: datetime) -> int:
    """The id of the first message since then: ids and times rise together, so it is found by halving."""
    low, high = conn.execute(select(func.min(_message.id), func.max(_message.id))).one()
    if low is None:
        return 1
    while low <= high:
        middle = (low + high) // 2
        at = select(_message.created_at).where(_message.id >= middle).order_by(_message.id).limit(1)
        if conn.execute(at).scalar_one() >= moment:
            high = middle - 1
        else:
            low = middle + 1
    return int(low)

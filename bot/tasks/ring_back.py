"""Ring her: because she let it ring once, or because there is something to say that she has not heard.

A missed call is answered at once, whatever the hour, and by one call; what is to be said waits for the day.
No number is rung more than once a minute. Whether a call was placed is not always known: then it may be
placed once more a minute later, unless she has answered meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from bot import jobs, metrics
from bot.channels import SendError
from bot.channels.calls import at_home
from bot.channels.exchange import Exchange, exchange
from bot.engine.listening import CALL
from bot.hours import by_day
from bot.messages import Inbound
from bot.receive import receive
from bot.tasks.workshop import Workshop
from models import Address, Conversation, Message, RepTask, Seller
from models.database import writing

log = structlog.get_logger(__name__)
PAUSE = timedelta(minutes=1)
JUST = timedelta(minutes=10)
"""So long after her missed call she waits for ours."""
MOST_A_DAY = 20
"""Somebody who shows her number as his must not have us ring her all day."""
TRIES = 2
PLACED = ("sent", "delivered", "undelivered")
_message, _columns = Message.__table__, Message.__table__.c
_OURS = _columns.direction == "out"


@dataclass(frozen=True, slots=True)
class Wish:
    """Why she is to be rung: `since` is the message that asks for it, `missed_at` when she called herself."""

    since: int
    address: str
    missed_at: datetime | None


def run(shop: Workshop, job: jobs.Job) -> None:
    """Ring her now, or later, or not at all any more."""
    carrier, now, seller_id = exchange(shop.settings), shop.clock(), job.payload["seller_id"]
    with writing(shop.db) as conn:
        wish = _wish(conn, seller_id)
        if wish is None or carrier is None or not carrier.rings or not _may_ring(conn, wish.address, now):
            return jobs.finish(conn, job)
        if _shared(conn, seller_id):
            # Nobody knows who would pick up, and another's price would be read to her.
            _ask_for_a_rep(conn, seller_id, now)
            return jobs.finish(conn, job)
        later = _later(conn, wish, seller_id, now)
        if later:
            return _put_again(conn, job, now, later)
        row_id = _write_down(conn, seller_id, wish.address, now)
    error = _ring(shop, carrier, wish.address, row_id)
    if error and not error.unknown:
        if error.retryable:
            raise jobs.Retry(error.code)
        if wish.missed_at:
            _write_instead(shop, wish)
    with writing(shop.db) as conn:
        if error and error.unknown:
            return _put_again(conn, job, now, now + PAUSE)
        jobs.finish(conn, job)


def _shared(conn: Connection, seller_id: int) -> bool:
    """Does she speak on a phone that several use?"""
    state = conn.scalar(select(Conversation.state).where(Conversation.seller_id == seller_id))
    return "shared" in (state or {})


def _ask_for_a_rep(conn: Connection, seller_id: int, now: datetime) -> None:
    """A person calls her; one such task is enough."""
    mine = (RepTask.seller_id == seller_id, RepTask.kind == "call", RepTask.done_at.is_(None))
    if conn.scalar(select(RepTask.id).where(*mine).limit(1)) is None:
        task = {"seller_id": seller_id, "kind": "call", "detail": {}, "created_at": now}
        conn.execute(insert(RepTask).values(**task))


def _ring(shop: Workshop, carrier: Exchange, address: str, row_id: int) -> SendError | None:
    """Place the call and keep what became of it."""
    from bot.channels.ringing import ring  # only here: it brings the HTTP client

    failed: SendError | None = None
    values: dict[str, object]
    try:
        values = {"status": "sent", "provider_id": ring(carrier, address), "sent_at": shop.clock()}
    except SendError as error:
        failed = error
        values = {"status": "sending" if error.unknown else "failed", "error": error.code}
        log.warning("not_rung", message=row_id, code=error.code, reason=error.reason)
        metrics.FAILURES.labels("ring_back", error.code).inc()
    with writing(shop.db) as conn:
        conn.execute(update(_message).where(_columns.id == row_id).values(**values))
    return failed


def _wish(conn: Connection, seller_id: int) -> Wish | None:
    """None when nothing is unanswered and unsaid, or when she was rung for it already."""
    hers = (_columns.seller_id == seller_id, _columns.channel == CALL)
    missed = _last(conn, *hers, _columns.kind == "missed_call")
    unheard = _last(conn, *hers, _columns.kind == "voice", _OURS, _columns.sent_at.is_(None))
    talked = _last(conn, *hers, _columns.kind == "call", ~_OURS)
    after = talked.id if talked else 0
    open_ones = [row for row in (missed, unheard) if row and row.id > after]
    if not open_ones:
        return None
    last = max(open_ones, key=lambda row: int(row.id))
    rung = conn.scalars(
        select(_columns.status).where(*hers, _columns.kind == "call", _OURS, _columns.id > last.id)
    ).all()
    if any(status in PLACED for status in rung) or rung.count("sending") >= TRIES:
        return None
    return Wish(last.id, last.address, missed.created_at if missed in open_ones and missed else None)


def _last(conn: Connection, *where: ColumnElement[bool]) -> Row[Any, Any, Any] | None:
    rows = select(_columns.id, _columns.address, _columns.created_at).where(*where)
    return conn.execute(rows.order_by(_columns.id.desc()).limit(1)).first()


def _may_ring(conn: Connection, address: str, now: datetime) -> bool:
    """Not after a stop, not abroad, and not all day."""
    row = conn.execute(
        select(Address.stopped_at, Seller.stopped_at)
        .join(Seller, Seller.id == Address.seller_id)
        .where(Address.channel == CALL, Address.address == address)
    ).first()
    if row is None or any(row) or not at_home(address):
        return False
    today = select(func.count()).where(*_rung(address, now - timedelta(days=1)))
    return int(conn.scalar(today) or 0) < MOST_A_DAY


def _later(conn: Connection, wish: Wish, seller_id: int, now: datetime) -> datetime | None:
    """The moment before which she must not be rung, if it is still to come."""
    last = conn.scalar(select(func.max(_columns.created_at)).where(*_rung(wish.address, now - PAUSE)))
    if last:
        moment: datetime = last + PAUSE
        return moment
    if wish.missed_at and now - wish.missed_at < JUST:
        return None
    day = by_day(now, seller_id)
    return day if day > now else None


def _rung(address: str, since: datetime) -> tuple[ColumnElement[bool], ...]:
    ours = (_columns.channel == CALL, _columns.kind == "call", _OURS, _columns.address == address)
    return (*ours, _columns.created_at > since, _columns.status != "failed")


def _write_down(conn: Connection, seller_id: int, address: str, now: datetime) -> int:
    """On disk before the call is placed: whatever happens then, she is not rung again within a minute."""
    row = {
        "seller_id": seller_id,
        "direction": "out",
        "channel": CALL,
        "address": address,
        "kind": "call",
        "body": {},
        "status": "sending",
        "created_at": now,
    }
    return int(conn.execute(insert(_message).values(row).returning(_columns.id)).scalar_one())


def _put_again(conn: Connection, job: jobs.Job, now: datetime, later: datetime) -> None:
    """Put anew and not failed: a night or a busy minute is nobody's fault."""
    name = job.payload["name"]
    jobs.put(conn, job.kind, job.payload, now=now, run_at=later, key=job.key, unique_key=name)
    jobs.finish(conn, job)


def _write_instead(shop: Workshop, wish: Wish) -> None:
    """She cannot be rung: her missed call is answered by SMS."""
    now = shop.clock()
    inbound = Inbound("sms", wish.address, f"call:{wish.since}", "call", now, payload="/greet")
    receive(shop.db, shop.talk, inbound, now)

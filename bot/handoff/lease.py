"""The pull side of the hand-over: events are lent for a while, oldest first, until they are acknowledged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex

from sqlalchemy import Connection, exists, or_, select, text, update

from bot.messages import Json
from models import ListingEvent

EVENTS = ListingEvent.__table__
# PostgreSQL: one lender at a time, else two could lend versions of one listing to two takers.
_LENDING = text("SELECT pg_advisory_xact_lock(727001)")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an event cannot be acknowledged: `unknown`, `not_leased`, or `leased_again` to somebody else."""

    event_id: str
    reason: str


def waiting(conn: Connection, now: datetime, limit: int) -> list[Json]:
    """The messages that a lease would give now; nothing changes."""
    return [body for _, body in _free(conn, now, limit)]


def lend(conn: Connection, now: datetime, limit: int, seconds: int) -> tuple[list[Json], str]:
    """Messages that are the taker's alone for so many seconds, and the token that acknowledges them.

    A later version of a listing is not lent while somebody holds an earlier one.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(_LENDING)
    found = _free(conn, now, limit)
    token = token_hex(16)
    if found:
        conn.execute(
            update(EVENTS)
            .where(EVENTS.c.sequence.in_([sequence for sequence, _ in found]))
            .values(lease_token=token, lease_until=now + timedelta(seconds=seconds))
        )
    return [body for _, body in found], token


def _free(conn: Connection, now: datetime, limit: int) -> list[tuple[int, Json]]:
    """(sequence, message) of what nobody has acknowledged, holds, or holds an earlier version of."""
    earlier = EVENTS.alias("earlier")
    held_before = exists().where(
        earlier.c.listing_id == EVENTS.c.listing_id,
        earlier.c.version < EVENTS.c.version,
        earlier.c.acked_at.is_(None),
        earlier.c.lease_until > now,
    )
    free = or_(EVENTS.c.lease_until.is_(None), EVENTS.c.lease_until <= now)
    found = conn.execute(
        select(EVENTS.c.sequence, EVENTS.c.body)
        .where(EVENTS.c.acked_at.is_(None), free, ~held_before)
        .order_by(EVENTS.c.sequence)
        .limit(limit)
    )
    return [(row.sequence, row.body) for row in found]


def acknowledge(conn: Connection, now: datetime, token: str, event_ids: Sequence[str]) -> list[Refusal]:
    """Take the events off the list for good, all or none; the refusals say why none were.

    The same call again changes nothing. A lease that ran out still counts while nobody else got the event.
    """
    named = EVENTS.c.event_id.in_(event_ids)
    rows = conn.execute(select(EVENTS.c.event_id, EVENTS.c.lease_token).where(named).with_for_update())
    held = {row.event_id: row.lease_token for row in rows}
    refusals = [Refusal(each, reason) for each in event_ids if (reason := _wrong(held, each, token))]
    if not refusals:
        conn.execute(update(EVENTS).where(named, EVENTS.c.acked_at.is_(None)).values(acked_at=now))
    return refusals


def _wrong(held: dict[str, str | None], event_id: str, token: str) -> str | None:
    if event_id not in held:
        return "unknown"
    if held[event_id] is None:
        return "not_leased"
    return None if held[event_id] == token else "leased_again"

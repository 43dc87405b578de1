"""What will really come of flows that a rep begins: whom nothing of ours can reach first, and from when."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select

from bot.channels.ways import WINDOW
from bot.console import scope
from bot.console.sessions import Who
from bot.hours import may_write
from bot.messages import OURS
from bot.talk import Talk
from bot.tasks.other_form import can_open
from models import Address, Message, Seller, StartRow

_row, _address, _seller = StartRow.__table__, Address.__table__, Seller.__table__
_message = Message.__table__


@dataclass(frozen=True, slots=True)
class Outlook:
    """`silent`: how many must write first, or be called. `night`: what is written leaves in the morning.

    `key` is hers, of a request for one person, as soon as the rep sees her.
    """

    silent: int
    night: bool
    key: str | None


def outlook(conn: Connection, talk: Talk, who: Who, start: Row[Any], now: datetime) -> Outlook:
    """What will come of this request, or has."""
    night = not may_write(start.done_at or now) and not may_write(now)
    return Outlook(_silent(conn, talk, start, now), night, _key(conn, who, start))


def _silent(conn: Connection, talk: Talk, start: Row[Any], now: datetime) -> int:
    """Those for whom the way of `next_step` would end at a rep's task at once."""
    if talk.settings.sends_sms:
        return 0
    since = (start.ready_at or now) - WINDOW
    heard = select(_message.c.id).where(
        _message.c.seller_id == _address.c.seller_id,
        _message.c.direction == "in",
        _message.c.channel == "whatsapp",
        _message.c.kind.not_in(OURS),
    )
    wrote = heard.where(_message.c.created_at > since).exists()
    not_there_at = _address.c.not_on_whatsapp_at
    there = or_(not_there_at.is_(None), heard.where(_message.c.created_at > not_there_at).exists())
    hers = and_(_address.c.channel == _row.c.channel, _address.c.address == _row.c.address)
    query = (
        select(_row.c.channel, there.label("there"), _row.c.facts, _seller.c.language)
        .outerjoin(_address, hers)
        .outerjoin(_seller, _seller.c.id == _address.c.seller_id)
        .where(_row.c.start_id == start.id, _row.c.result == "started", _row.c.address.is_not(None), ~wrote)
    )
    ways = Counter((row.channel == "whatsapp" and row.there, _language(row)) for row in conn.execute(query))
    return sum(count for (there, of), count in ways.items() if not (there and can_open(conn, talk, of)))


def _language(row: Row[*tuple[Any, ...]]) -> str | None:
    language: str | None = (row.facts or {}).get("language") or row.language
    return language


def _key(conn: Connection, who: Who, start: Row[Any]) -> str | None:
    if start.people != 1:
        return None
    there = and_(_address.c.channel == _row.c.channel, _address.c.address == _row.c.address)
    hers = select(_address.c.seller_id).join(_row, there).where(_row.c.start_id == start.id)
    key: str | None = conn.scalar(scope.people(who, _seller.c.key).where(_seller.c.id.in_(hers)))
    return key

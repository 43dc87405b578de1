"""Who of a rep's people practises, and what those who came to the end have told, to be shown to the group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from bot import jobs, practice
from bot.console import scope
from bot.console.sessions import Who
from bot.handoff.of_talk import Maker, shown_draft
from bot.messages import Json
from bot.talk import Talk
from models import Conversation, JobRow, Seller

MOST = 50
"""People on the page; a group is smaller."""
MOST_ANYWHERE = 500
"""Of all who practise somewhere, the last so many are looked through for those whom the rep may see."""

_job, _seller, _state = JobRow.__table__, Seller.__table__.c, Conversation.__table__.c.state


@dataclass(frozen=True, slots=True)
class Practice:
    """One person: `asks` is her open question while she practises; else what she told, and its message."""

    row: Row[Any]
    asks: str | None
    slots: Json
    provenance: Json
    message: Json | None


def practices(conn: Connection, talk: Talk, who: Who, now: datetime) -> Sequence[Practice]:
    """Who practises now, and who told a product within the last day; who began last comes first."""
    mine = (_job.c.unique_key.like(f"{practice.KEY}%"), _job.c.lane == jobs.lane_of(conn))
    ends = select(_job.c.unique_key).where(*mine).order_by(_job.c.id.desc()).limit(MOST_ANYWHERE)
    ids = [int(key.removeprefix(practice.KEY)) for key in conn.scalars(ends)]
    card = [scope.CARD[name] for name in ("name", "village", "block", "district", "phone_last4")]
    query = scope.people(who, _seller.id, _seller.key, _seller.language, _state, *card)
    found = {row.id: row for row in conn.execute(query.where(_seller.id.in_(ids)))}
    shown = (_shown(conn, talk, found[each], now) for each in ids if each in found)
    return [each for each in shown if each is not None][:MOST]


def _shown(conn: Connection, talk: Talk, row: Row[Any], now: datetime) -> Practice | None:
    if row.state.get("practice"):
        return Practice(row, row.state["asks"], row.state["slots"], {}, None)
    told, until = row.state.get("practised"), practice.forgotten_at(row.state)
    if told is None or until is None or until <= now:
        return None
    maker = Maker.of(talk, row.id, row.key, row.language)
    message = shown_draft(conn, maker, told, datetime.fromtimestamp(told["at"], now.tzinfo))
    return Practice(row, None, told["slots"], told["provenance"], message)

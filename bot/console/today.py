"""Today: who needs a person, by what helps most.

1. `call`: she asked to be called, and waits.
2. `erase`: she asked to be forgotten; the law gives us days.
3. `stuck`: she tried and could not go on, or did not hear us: nobody but a rep can help.
4. `silent`: two reminders had no answer.
5. `rest`: what a finished or running listing still lacks, and everything else that is open.
6. `stopped`: a question of a listing has been open for a day, and nothing of the above is known of her.

Within a group who waits longest comes first; of those who stopped, the last one, who remembers best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Row, Select, func, select, tuple_, update

from bot.console import audit, scope
from bot.console.pages import PER_PAGE, Page, page
from bot.console.sessions import Who
from bot.engine.stack import LISTING
from models import Conversation, Media, RepTask, Seller, SellerCard, Transcription

GROUPS = {
    "call": ("call",),
    "erase": ("erase",),
    "stuck": (
        *("unreached", "error", "photo_trouble", "photos_poor", "voice_trouble", "media_lost"),
        "not_understood",
    ),
    "silent": ("silent",),
    "rest": (),
}
"""Kinds of tasks by group, most pressing first; the last group has all that are named in none."""
STOPPED = "stopped"
SHOWN = 4
"""Of each group on the first page: all six of them stay below 60 kB."""
A_DAY = timedelta(days=1)
LONGEST_NOTE = 500

_task, _card, _conversation = RepTask.__table__, SellerCard.__table__, Conversation.__table__
_NAMED = [kind for kinds in GROUPS.values() for kind in kinds]


@dataclass(frozen=True, slots=True)
class Need:
    """One person of a group: `row` is her card and where she stands, `tasks` what is open, oldest first."""

    row: Row[Any]
    tasks: Sequence[Row[Any]]

    @property
    def upto(self) -> int:
        """The newest task that is shown: what comes later is not done with these."""
        return max((task.id for task in self.tasks), default=0)


def needs(
    conn: Connection, who: Who, group: str, now: datetime, after: str | None = None, size: int = PER_PAGE
) -> Page[Need]:
    """The people of one group, a page at a time."""
    if group == STOPPED:
        return _stopped(conn, who, now, after, size)
    found, by = _with_tasks(who, group)
    rows = page(conn, found, by, after, size=size)
    tasks = _tasks(conn, group, [row.seller_id for row in rows.rows])
    return Page([Need(row, tasks.get(row.seller_id, ())) for row in rows.rows], rows.after)


def transcripts_waiting(conn: Connection, who: Who) -> int:
    """How many voice notes of her people nobody has written down yet."""
    notes = Transcription.__table__
    joined = notes.join(Media, Media.id == notes.c.media_id).join(_card, _card.c.seller_id == Media.seller_id)
    query = select(func.count()).select_from(joined).where(notes.c.status == "waiting", scope.sees(who))
    return conn.scalar(query) or 0


def done(conn: Connection, who: Who, key: str, group: str, upto: int, note: str, now: datetime) -> str | None:
    """These tasks of hers are done; her key, or None for somebody that the rep may not see.

    Those that came after `upto` stay open. A second time it changes nothing.
    """
    her = scope.person(conn, who, key)
    if her is None:
        return None
    these = (_task.c.seller_id == her.id, _task.c.id <= upto, _task.c.done_at.is_(None), _of(group))
    values = {"done_at": now, "done_by": who.id, "note": note[:LONGEST_NOTE] or None}
    closed = conn.execute(
        update(_task).where(*these).values(**values).returning(_task.c.id, _task.c.kind)
    ).all()
    if closed:
        after = {"tasks": [row.id for row in closed], "kinds": sorted({row.kind for row in closed})}
        audit.record(conn, who.id, "task_done", now, seller_id=her.id, after=after)
    return key


def _of(group: str, task: FromClause = _task) -> ColumnElement[bool]:
    kinds = GROUPS[group]
    return task.c.kind.in_(kinds) if kinds else task.c.kind.not_in(_NAMED)


def _stands() -> tuple[Any, ...]:
    """What a list shows of a person."""
    card = [column for column in _card.c if column.name not in ("rep_id", "block_key")]
    talk = [_conversation.c[name] for name in ("flow", "asks", "asks_since", "last_inbound_at")]
    return (Seller.key, Seller.stopped_at, *card, *talk)


def _with_tasks(who: Who, group: str) -> tuple[Select[Any], Sequence[ColumnElement[Any]]]:
    """The people who have an open task of this group, and their order: by the moment of the first."""
    # Read in the order of their moments, and no further than the page is long: no sum over all that is open.
    earlier = _task.alias()
    before = select(earlier.c.id).where(
        earlier.c.seller_id == _task.c.seller_id,
        earlier.c.done_at.is_(None),
        _of(group, earlier),
        tuple_(earlier.c.created_at, earlier.c.id) < tuple_(_task.c.created_at, _task.c.id),
    )
    first = (_task.c.done_at.is_(None), _of(group), ~before.correlate(_task).exists())
    query = scope.people(who, *_stands(), _task.c.created_at).join(
        _task, _task.c.seller_id == _card.c.seller_id
    )
    return query.where(*first), (_task.c.created_at, _card.c.seller_id)


def _tasks(conn: Connection, group: str, sellers: Sequence[int]) -> dict[int, list[Row[Any]]]:
    if not sellers:
        return {}
    query = select(_task).where(_task.c.seller_id.in_(sellers), _task.c.done_at.is_(None), _of(group))
    found: dict[int, list[Row[Any]]] = {}
    for row in conn.execute(query.order_by(_task.c.id)):
        found.setdefault(row.seller_id, []).append(row)
    return found


def _stopped(conn: Connection, who: Who, now: datetime, after: str | None, size: int) -> Page[Need]:
    waits = (_conversation.c.flow == LISTING, _conversation.c.asks_since < now - A_DAY)
    known = select(_task.c.id).where(_task.c.seller_id == _card.c.seller_id, _task.c.done_at.is_(None))
    query = scope.people(who, *_stands()).where(*waits, Seller.stopped_at.is_(None), ~known.exists())
    by = (_conversation.c.asks_since, _card.c.seller_id)
    rows = page(conn, query, by, after, newest_first=True, size=size)
    return Page([Need(row, ()) for row in rows.rows], rows.after)

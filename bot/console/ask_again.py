"""A rep has the open question asked once more: it goes through the one door, as a reminder does."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from bot.console import audit, scope
from bot.console.sessions import Who
from bot.hours import day_of, may_write
from bot.messages import Inbound
from bot.receive import receive
from bot.starts.preferred import WRITTEN
from bot.talk import Talk
from bot.tasks.nudge import reached_at
from models.database import reading, writing


def ask_again(db: Engine, talk: Talk, who: Who, key: str, now: datetime) -> str | None:
    """What came of it: `asked already night stopped no_question no_way`; None for one not seen.

    However often it is wanted, and by however many reps, she is asked once a day until she writes.
    """
    with reading(db) as conn:
        her = scope.person(conn, who, key)
        to = reached_at(conn, her.id) if her else None
    if her is None:
        return None
    if her.stopped_at is not None:
        return "stopped"
    if her.asks is None:
        return "no_question"
    if to is None or to.channel not in WRITTEN:
        return "no_way"
    if not may_write(now):
        return "night"
    name = f"again:{her.id}:{her.last_inbound_at.timestamp():.0f}:{day_of(now)}"
    word = Inbound(to.channel, to.address, name, "nudge", now, payload=who.stamp, seller_id=her.id)
    came = receive(db, talk, word, now)
    if came.message_id is None:
        return "already" if came.repeat else "no_question"
    with writing(db) as conn:
        audit.record(conn, who.id, "asked_again", now, seller_id=her.id, after={"asks": her.asks})
    return "asked"

"""A rep asks the maker of a listing for a new photo: it goes through the one door, as all that a rep does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Engine, Row

from bot import retakes
from bot.console import audit
from bot.console.changing import Refused
from bot.console.listings import seen
from bot.console.sessions import Who
from bot.messages import Inbound
from bot.receive import receive
from bot.starts.preferred import WRITTEN
from bot.talk import Talk
from bot.tasks.nudge import reached_at
from models import Listing
from models.database import reading, writing

_listing = Listing.__table__


def waiting(conn: Connection, listing_id: str, now: datetime) -> Sequence[Row[Any]]:
    """What she was asked for and has not sent yet, the oldest first."""
    return retakes.open_of(conn, listing_id, now)


def ask_for_photo(
    db: Engine, talk: Talk, who: Who, listing_id: str, photo_id: int | None, reason: str, now: datetime
) -> str:
    """What came of it: `asked`, `no_way`, or the reason of `bot/rep_visits.py` why she was not asked.

    Without a `photo_id` it is one more. Raises Refused: gone, withdrawn, or wrong for a photo or a reason
    that there is not.
    """
    with reading(db) as conn:
        columns = (_listing.c.seller_id, _listing.c.status)
        row = conn.execute(seen(who, *columns).where(_listing.c.id == listing_id)).first()
        to = reached_at(conn, row.seller_id) if row else None
    if row is None:
        raise Refused("gone")
    if row.status == "withdrawn":
        raise Refused("withdrawn")
    if row.stopped_at is not None:
        return "stopped"
    if to is None or to.channel not in WRITTEN:
        return "no_way"
    which = f"{listing_id}:{'' if photo_id is None else photo_id}"
    name, hers = f"retake:{uuid4().hex}", row.seller_id
    wish = Inbound(to.channel, to.address, name, "retake", now, reason, which, by=who.stamp, seller_id=hers)
    came = receive(db, talk, wish, now)
    refused = next((event["reason"] for event in came.events if event["event"] == "refused"), None)
    if refused == "gone":
        raise Refused("wrong")
    if refused or came.message_id is None:
        return refused or "unknown"
    after = {"photo": photo_id, "reason": reason}
    with writing(db) as conn:
        deed = {"seller_id": hers, "listing_id": listing_id, "after": after}
        audit.record(conn, who.id, "retake_asked", now, **deed)
    return "asked"

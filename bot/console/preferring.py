"""Where she likes to be written to, as a rep has heard from her."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.console import audit, scope
from bot.console.sessions import Who
from bot.starts.preferred import prefer


def write_there(conn: Connection, who: Who, key: str, channel: str | None, now: datetime) -> bool:
    """Keep it and write it down; False for somebody that the rep may not see.

    None: where she last wrote. ValueError for a channel on which nothing can be written.
    """
    her = scope.person(conn, who, key)
    if her is None:
        return False
    prefer(conn, her.id, channel)
    before, after = {"channel": her.prefers}, {"channel": channel}
    audit.record(conn, who.id, "channel_chosen", now, seller_id=her.id, before=before, after=after)
    return True

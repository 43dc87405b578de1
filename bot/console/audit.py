"""What people did in the console, kept for good: who, what, to whom; never words of a message or a number."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert

from bot.messages import Json
from models import Audit

_NEW = insert(Audit.__table__)


def record(
    conn: Connection,
    rep_id: int | None,
    what: str,
    now: datetime,
    *,
    seller_id: int | None = None,
    listing_id: str | None = None,
    about: str | None = None,
    before: Json | None = None,
    after: Json | None = None,
) -> None:
    """One deed, in the transaction that does it.

    `what` is a word of `locales/console.yml` (`did_<what>`). `before` and `after` hold ids, names of
    fields and small values: whoever calls leaves out what she said and whole numbers.
    """
    row = {"at": now, "rep_id": rep_id, "what": what, "seller_id": seller_id, "listing_id": listing_id}
    conn.execute(_NEW, row | {"about": about, "before": before, "after": after})

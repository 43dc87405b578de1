"""A rep talks with her in the bot's place: what her talk's state says of it, and until when words are free.

`state["taken_over"]` is `{"by": "rep:<id>", "name", "at", "media"}`: who, her first name, when she last did
something (Unix seconds), and the attachments that were judged meanwhile, for the bot to take up afterwards.
`state["unheard"]`: the open question, or what it reads back, was never said to her, so that no word of hers
may count as its answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select

from bot.messages import OURS, Json
from bot.nudges import WINDOW
from models import Message

SILENT = timedelta(hours=3)
"""So long after the rep's last word the bot talks again."""
_message = Message.__table__.c


def unique_key(seller_id: int) -> str:
    """Of the job that ends it when the rep is silent."""
    return f"taken_over:{seller_id}"


def begin(state: Json, by: str, name: str, now: datetime) -> None:
    """From now on this rep talks with her; what another rep's time has brought stays."""
    media = (state.get("taken_over") or {}).get("media", [])
    state["taken_over"] = {"by": by, "name": name, "at": now.timestamp(), "media": media}


def keep(state: Json, media_ids: Sequence[int]) -> None:
    """These were judged meanwhile."""
    state["taken_over"]["media"] = [*state["taken_over"]["media"], *media_ids]


def ends_at(state: Json) -> datetime | None:
    """When it ends by itself; None when the bot talks."""
    taken = state.get("taken_over")
    return datetime.fromtimestamp(taken["at"], UTC) + SILENT if taken else None


def free_until(conn: Connection, seller_id: int) -> datetime | None:
    """Until when WhatsApp takes free words to her, counted from her last one there; None: she never wrote."""
    hers = (_message.seller_id == seller_id, _message.direction == "in", _message.channel == "whatsapp")
    last = select(_message.created_at).where(*hers, _message.kind.not_in(OURS)).order_by(_message.id.desc())
    at = conn.scalar(last.limit(1))
    return at + WINDOW if at else None

"""Photos as they arrived: judged or refused, in the words of the talk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from bot.messages import Json
from models import Message

REFUSE_SIDE = 200
"""Pixels: of a smaller picture nothing is made."""
_message = Message.__table__


def said_of(rows: Sequence[Row[Any]]) -> tuple[list[str], list[str]]:
    """What is wrong with photos that are asked for again, and what could be better in the others."""
    troubles: list[str] = []
    advice: list[str] = []
    for row in rows:
        verdict = row.verdict or {}
        if row.status in ("refused", "failed"):
            troubles += verdict.get("problems") or ["failed"]
        else:
            advice += [*(verdict.get("problems") or []), *(verdict.get("advice") or [])]
    return troubles, advice


def has_pictures(row: Row[Any]) -> bool:
    """Could it be opened and made ready for the shop? Only that may ever leave us: an original tells more."""
    small = min(row.width or 0, row.height or 0) < REFUSE_SIDE
    return not small and "unreadable" not in ((row.verdict or {}).get("problems") or ())


def photo(row: Row[Any]) -> Json:
    """A judged photo as the talk keeps it; `close`: the piece fills the frame."""
    verdict = row.verdict or {}
    return {
        "id": row.id,
        "sha256": row.sha256,
        "width": row.width,
        "height": row.height,
        "role": None,
        "warnings": list(verdict.get("problems") or []),
        "same_as": verdict.get("same_as"),
        "close": bool(verdict.get("fills_frame")),
    }


def captions(conn: Connection, message_ids: Sequence[int]) -> str:
    """What was written below these photos, each word once."""
    query = select(_message.c.body).where(_message.c.id.in_(message_ids), _message.c.kind == "photo")
    texts = [body.get("text", "") for body in conn.scalars(query.order_by(_message.c.id))]
    return "\n".join(dict.fromkeys(text for text in texts if text))

"""A talk as the console shows it: a page at a time, the newest last, with what was understood."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, select

from bot import own_copy
from bot.engine.wording import Wording
from bot.messages import BY_REP, OURS, Json
from models import Conversation, Media, Message, Rendition, Rep

PER_PAGE = 30
LOOKED_AT = 40
"""The last messages whose ticks can still change before one's eyes."""
NOT_SAID = ("nudge", "start")
"""Messages of our own that say nothing themselves: what they made the bot say stands below them."""
NOT_SHOWN = {"language", "photos_done"}
_message, _media = Message.__table__, Media.__table__
_conversation, _rendition, _rep = Conversation.__table__, Rendition.__table__, Rep.__table__


@dataclass(frozen=True, slots=True)
class Attachment:
    """A photo or a note. `small` and `large` are pictures made from it, `sound` what is listened to: hashes.

    Of a photo nothing is shown but what was made from it: the original tells more than it shows.
    """

    kind: str
    status: str
    problems: tuple[str, ...]
    small: str | None = None
    large: str | None = None
    sound: str | None = None
    seconds: float | None = None
    waveform: tuple[float, ...] = ()
    transcript: str | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """One value that the bot took from a message; `latest`: nothing later changed it."""

    slot: str
    label: str
    said: str
    latest: bool


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message. `side` is her, bot, rep, or deed for what a rep did besides talking.

    `image` is as in the outbox, `sound` the hash of a voice bubble, `tick` its status, `error` the code of a
    failure, `by` the name of a rep.
    """

    id: int
    side: str
    kind: str
    at: datetime
    text: str
    tick: str | None = None
    error: str | None = None
    buttons: tuple[str, ...] = ()
    image: str | None = None
    sound: str | None = None
    location: tuple[float, ...] = ()
    media: tuple[Attachment, ...] = ()
    understood: tuple[Understood, ...] = ()
    by: str | None = None
    slot: str | None = None
    practice: bool = False

    @property
    def version(self) -> str:
        """Another one whenever it shows something else."""
        return sha256(repr(self).encode()).hexdigest()[:10]


def mark(conn: Connection, seller_id: int) -> str:
    """What changes when anything does that the newest page shows; one look at an index."""
    rows = conn.execute(
        select(_message.c.id, _message.c.status, _message.c.error, _conversation.c.revision)
        .join(_conversation, _conversation.c.seller_id == _message.c.seller_id)
        .where(_message.c.seller_id == seller_id)
        .order_by(_message.c.id.desc())
        .limit(LOOKED_AT)
    ).all()
    return sha256(repr([tuple(row) for row in rows]).encode()).hexdigest()[:16]


def bubbles(
    conn: Connection,
    seller_id: int,
    wording: Wording,
    *,
    before: int | None = None,
    after: int | None = None,
    size: int = PER_PAGE,
) -> tuple[list[Bubble], int | None]:
    """Up to `size` messages, oldest first, and the id before which older ones are; None at the beginning."""
    query = select(_message).where(_message.c.seller_id == seller_id, _message.c.kind.not_in(NOT_SAID))
    if before is not None:
        query = query.where(_message.c.id < before)
    if after is not None:
        query = query.where(_message.c.id > after)
    rows = conn.execute(query.order_by(_message.c.id.desc()).limit(size + 1)).all()
    older = rows[size - 1].id if len(rows) > size else None
    rows = rows[:size][::-1]
    media = _attachments(conn, [row.id for row in rows if row.direction == "in"])
    names = _names(conn, rows)
    latest = _latest(rows) if before is None else {}
    found = (_bubble(row, media.get(row.id, ()), names, wording, latest) for row in rows)
    return [each for each in found if _says_something(each)], older


def _says_something(bubble: Bubble) -> bool:
    told = bubble.text or bubble.media or bubble.image or bubble.sound or bubble.location or bubble.understood
    return bool(told) or bubble.side in ("her", "deed")


def _names(conn: Connection, rows: Iterable[Row[Any]]) -> dict[str, str]:
    """The reps that are named in these messages."""
    stamps = {str(row.body.get("by") or "") for row in rows}
    ids = [int(stamp[4:]) for stamp in stamps if stamp.startswith("rep:") and stamp[4:].isdigit()]
    if not ids:
        return {}
    return {f"rep:{row.id}": row.name for row in conn.execute(select(_rep).where(_rep.c.id.in_(ids)))}


def _latest(rows: Sequence[Row[Any]]) -> dict[str, int]:
    """The last message of these that set a slot."""
    return {name: row.id for row in rows for name, _ in _slots(row)}


def _slots(row: Row[Any]) -> list[tuple[str, Any]]:
    if row.direction != "in":
        return []
    values = {e["name"]: e["value"] for e in row.events or () if e["event"] == "slot"}
    return [(name, value) for name, value in values.items() if value not in (None, "", [])]


def _bubble(
    row: Row[Any],
    media: tuple[Attachment, ...],
    names: dict[str, str],
    wording: Wording,
    latest: dict[str, int],
) -> Bubble:
    body = row.body
    made = _in(row, media, wording, latest) if row.direction == "in" else _out(row)
    by = body.get("by")
    shared: Json = {"by": names.get(by, by) if by else None, "practice": bool(body.get("practice"))}
    return Bubble(id=row.id, kind=row.kind, **made, **shared)


def _in(row: Row[Any], media: tuple[Attachment, ...], wording: Wording, latest: dict[str, int]) -> Json:
    body, named = row.body, wording.words["slots"]
    ours = row.kind in OURS
    understood = tuple(
        Understood(name, wording.slot_name(name), wording.value(name, value, {}), latest.get(name) == row.id)
        for name, value in _slots(row)
        if name in named and name not in NOT_SHOWN and not name.startswith("confirm")
    )
    return {
        "side": "deed" if row.kind in BY_REP else "bot" if ours else "her",
        "at": row.created_at,
        # The words of a note stand below the note itself.
        "text": "" if ours else body.get("text", ""),
        "tick": row.status if row.status in ("held", "passed") else None,
        "location": tuple(body.get("location") or ()),
        "media": media,
        "understood": understood,
        "slot": body.get("payload") if row.kind in BY_REP else None,
    }


def _out(row: Row[Any]) -> Json:
    body = row.body
    return {
        "side": "rep" if body.get("by") else "bot",
        "at": row.sent_at or row.created_at,
        "text": own_copy.hidden(body.get("text", "")),
        "tick": row.status,
        "error": row.error,
        "buttons": tuple(button["title"] for button in body.get("buttons") or ()),
        "image": body.get("image"),
        "sound": body.get("audio"),
    }


def _attachments(conn: Connection, message_ids: Sequence[int]) -> dict[int, tuple[Attachment, ...]]:
    rows = conn.execute(
        select(_media)
        .where(_media.c.message_id.in_(message_ids))
        .order_by(_media.c.message_id, _media.c.position)
    ).all()
    sources = [row.sha256 for row in rows if row.sha256]
    made: dict[tuple[str, str], str] = {}
    if sources:
        query = select(_rendition).where(_rendition.c.source.in_(sources))
        made = {(each.source, each.kind): each.sha256 for each in conn.execute(query)}
    found: dict[int, tuple[Attachment, ...]] = {}
    for row in rows:
        found[row.message_id] = (*found.get(row.message_id, ()), _attachment(row, made))
    return found


def _attachment(row: Row[Any], made: dict[tuple[str, str], str]) -> Attachment:
    verdict = row.verdict or {}
    heights = verdict.get("waveform")
    gone = row.status in ("held", "waiting", "erased", "failed") or row.sha256 is None
    return Attachment(
        kind=row.kind,
        status=row.status,
        problems=tuple(verdict.get("problems") or ()),
        small=made.get((row.sha256, "thumbnail")),
        large=made.get((row.sha256, "shop")),
        sound=None if gone or row.kind != "voice" else made.get((row.sha256, "speech"), row.sha256),
        seconds=row.seconds,
        waveform=tuple(heights) if isinstance(heights, list) else (),
        transcript=row.transcript,
    )

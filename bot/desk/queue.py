"""Who writes down which note: each is one person's for a while, by a claim, until its words come.

A claim that ran out still counts while nobody else has made one: slow is not wrong.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from secrets import token_hex

from sqlalchemy import ColumnElement, Connection, Engine, func, or_, select, update

from bot.channels.twilio_inbound import clean
from bot.desk.note import Note, NoteRow, described, here, notes
from bot.language.private_numbers import without_private_numbers
from bot.messages import Json
from bot.tasks.workshop import Workshop
from models import Transcription
from models.database import reading, writing

LEASE_S, LONGEST_LEASE_S = 300, 3600
LONGEST_NAME, LONGEST_TEXT = 40, 4000
_notes = Transcription.__table__


class Refused(ValueError):
    """What was given cannot be used; the message says which and why."""


class WrongClaim(Exception):
    """The note is not the caller's: `reason` is unknown, not_claimed, claimed_again or closed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def listed(conn: Connection, now: datetime, status: str = "waiting", limit: int = 100) -> list[Json]:
    """Notes as they stand, and not what is in them: waiting ones oldest first, others newest first."""
    if status == "waiting":
        query = here().order_by(_notes.c.created_at, _notes.c.media_id)
    else:
        query = notes().order_by(_notes.c.created_at.desc(), _notes.c.media_id.desc())
    rows = conn.execute(query.where(_notes.c.status == status).limit(limit))
    return [_look(row, now) for row in rows]


def claim(
    db: Engine,
    now: datetime,
    by: object,
    lease_s: int = LEASE_S,
    language: str | None = None,
    media_id: int | None = None,
    besides: Collection[int] = (),
    only: ColumnElement[bool] | None = None,
) -> Note | None:
    """The oldest note that waits and that nobody holds is `by`'s for so many seconds; None if there is none.

    `language` and `media_id` say which notes are wanted, `besides` which are not; `only` is a condition on
    `media`.
    """
    free = or_(_notes.c.claimed_until.is_(None), _notes.c.claimed_until <= now)
    query = here().where(_notes.c.status == "waiting", free, _notes.c.media_id.not_in(besides))
    if language is not None:
        query = query.where(_notes.c.language == language)
    if media_id is not None:
        query = query.where(_notes.c.media_id == media_id)
    if only is not None:
        query = query.where(only)
    query = query.order_by(_notes.c.created_at, _notes.c.media_id).limit(1)
    token, until = token_hex(16), now + timedelta(seconds=lease_s)
    mine = {"claimed_by": checked(by, "by", LONGEST_NAME), "claim_token": token, "claimed_until": until}
    with writing(db) as conn:
        row = conn.execute(query.with_for_update(skip_locked=True, of=_notes)).first()
        if row is None:
            return None
        conn.execute(update(_notes).where(_notes.c.media_id == row.media_id).values(mine))
        return described(conn, row, now, token, until)


def in_hand(conn: Connection, now: datetime, by: str, only: ColumnElement[bool]) -> Note | None:
    """The note that is `by`'s, also after its time while nobody else has it; None if there is none."""
    mine = (_notes.c.claimed_by == by, _notes.c.claimed_until.is_not(None), _notes.c.status == "waiting")
    query = here().where(*mine, only).order_by(_notes.c.claimed_until.desc()).limit(1)
    row = conn.execute(query).first()
    return described(conn, row, now, row.claim_token, row.claimed_until) if row else None


def waiting(conn: Connection, now: datetime, only: ColumnElement[bool]) -> int:
    """How many notes wait that nobody has in hand."""
    free = or_(_notes.c.claimed_until.is_(None), _notes.c.claimed_until <= now)
    notes_here = here().where(_notes.c.status == "waiting", free, only).subquery()
    return conn.scalar(select(func.count()).select_from(notes_here)) or 0


def renew(db: Engine, now: datetime, media_id: int, claim: str, lease_s: int = LEASE_S) -> datetime:
    """The note is the caller's for so many seconds from now; answers until when. Raises WrongClaim."""
    until = now + timedelta(seconds=lease_s)
    _hold_until(db, media_id, claim, until)
    return until


def release(db: Engine, media_id: int, claim: str) -> None:
    """Give the note back to whoever comes next; twice is harmless. Raises WrongClaim."""
    _hold_until(db, media_id, claim, None)


def submit(shop: Workshop, media_id: int, claim: str, text: object) -> None:
    """The words of the note are told to the talk, once; the same call again is harmless.

    Raises WrongClaim, and Refused for a text that is empty, too long or holds control characters.
    """
    words = without_private_numbers(checked(text, "text", LONGEST_TEXT))
    with reading(shop.db) as conn:
        row = _row(conn, media_id, claim)
    if row.status == "waiting":
        # Only here: the web hears nothing, and need not carry what it takes to hear.
        from bot.tasks.transcribe import submit as tell

        tell(shop, media_id, words, row.claimed_by if is_rep(row.claimed_by) else f"desk:{row.claimed_by}")
        with reading(shop.db) as conn:
            row = _row(conn, media_id, claim)
    # Whatever came in between (a second call, another desk, a machine), the first words stand.
    if row.status != "done" or row.transcript != words:
        raise WrongClaim("closed")


def cannot_hear(shop: Workshop, media_id: int, claim: str) -> None:
    """Nobody can make out her words: she is asked to say them again. Twice is harmless. Raises WrongClaim."""
    with reading(shop.db) as conn:
        row = _row(conn, media_id, claim)
    if row.status == "waiting":
        from bot.tasks.transcribe import cannot_hear as tell

        tell(shop, media_id, row.claimed_by)
        with reading(shop.db) as conn:
            row = _row(conn, media_id, claim)
    if row.status != "cannot_hear":
        raise WrongClaim("closed")


def is_rep(by: str) -> bool:
    """A rep at the console is named as in all that she does; others are the desk's."""
    return by.startswith("rep:")


def checked(text: object, name: str, most: int) -> str:
    """Text of 1 to `most` code points without control characters, trimmed; Refused otherwise."""
    plain = text.strip() if isinstance(text, str) else ""
    if not 0 < len(plain) <= most:
        raise Refused(f"{name}: text of 1 to {most} letters")
    if "\t" in plain or clean(plain, most) != plain:
        raise Refused(f"{name}: no control characters")
    return plain


def _look(row: NoteRow, now: datetime) -> Json:
    held = row.status != "waiting" or (row.claimed_until is not None and row.claimed_until > now)
    return {
        "id": row.media_id,
        "status": row.status,
        "language": row.language,
        "age_s": int((now - row.created_at).total_seconds()),
        "seconds": row.seconds,
        "asks": row.asks,
        "claimed_by": row.claimed_by if held else None,
        "claimed_until": row.claimed_until.isoformat() if held and row.claimed_until else None,
    }


def _row(conn: Connection, media_id: int, claim: str) -> NoteRow:
    """The note behind a claim; WrongClaim if it is another's, or nobody's."""
    row = conn.execute(notes().where(_notes.c.media_id == media_id)).first()
    if row is None:
        raise WrongClaim("unknown")
    if row.claim_token is None:
        raise WrongClaim("not_claimed")
    if row.claim_token != claim:
        raise WrongClaim("claimed_again")
    return row


def _hold_until(db: Engine, media_id: int, claim: str, until: datetime | None) -> None:
    # A note that was given back keeps its last claim, so that giving it back twice is harmless.
    mine = (_notes.c.media_id == media_id, _notes.c.claim_token == claim, _notes.c.status == "waiting")
    with writing(db) as conn:
        if conn.execute(update(_notes).where(*mine).values(claimed_until=until)).rowcount == 0:
            _row(conn, media_id, claim)
            raise WrongClaim("closed")

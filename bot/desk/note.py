"""One voice note as the desk sees it: how long, how loud where, and which question of ours it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from bot.language.asks import asked
from bot.messages import Json
from models import Media, Message, Rendition, Transcription

ABOUT_THE_PIECE = ("product_name", "price", "price_per", "stock", "size", "material")
"""What a seller tells when she is asked what she made, or not asked anything."""
NOT_HERE = ("held", "waiting", "erased")
"""Notes without her consent, without their bytes, or without a right to either."""
_notes, _media, _message = Transcription.__table__, Media.__table__, Message.__table__
NoteRow = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Note:
    """A claimed note. `claim` proves the claim until `claimed_until`, and longer while nobody else has it.

    `question` is what she was asked, as it was said to her; `expects` the slots that an answer may fill.
    `audio` names the bytes to listen to in the store; `waveform` is the loudness over time, if it is known.
    """

    id: int
    claim: str
    claimed_until: datetime
    language: str
    age_s: int
    seconds: float | None
    asks: str | None
    question: str | None
    expects: tuple[str, ...]
    waveform: tuple[float, ...] | None
    audio: str

    def as_json(self, audio: str) -> Json:
        """The form for programs, with the address or the place of the sound."""
        return {
            "id": self.id,
            "claim": self.claim,
            "claimed_until": self.claimed_until.isoformat(),
            "language": self.language,
            "age_s": self.age_s,
            "seconds": self.seconds,
            "asks": self.asks,
            "question": self.question,
            "expects": list(self.expects),
            "waveform": None if self.waveform is None else list(self.waveform),
            "audio": audio,
        }


def notes() -> Select[*tuple[Any, ...]]:
    """Every note of the desk with what is known of its sound."""
    names = ("sha256", "seconds", "asks", "verdict", "transcript", "seller_id", "message_id")
    return select(_notes, *(_media.c[name] for name in names)).join(_media, _media.c.id == _notes.c.media_id)


def here() -> Select[*tuple[Any, ...]]:
    """The notes that may be listened to."""
    return notes().where(_media.c.status.not_in(NOT_HERE), _media.c.sha256.is_not(None))


def described(conn: Connection, row: NoteRow, now: datetime, claim: str, until: datetime) -> Note:
    """What whoever claimed this row of `here` is shown."""
    speech = select(Rendition.sha256).where(Rendition.source == row.sha256, Rendition.kind == "speech")
    return Note(
        id=row.media_id,
        claim=claim,
        claimed_until=until,
        language=row.language,
        age_s=int((now - row.created_at).total_seconds()),
        seconds=row.seconds,
        asks=row.asks,
        question=_question(conn, row) if row.asks else None,
        expects=(row.asks,) if row.asks and asked(row.asks).kind != "open" else ABOUT_THE_PIECE,
        waveform=_waveform(row.verdict),
        audio=conn.scalar(speech) or row.sha256,
    )


def _question(conn: Connection, row: NoteRow) -> str | None:
    """The last question before the note, in the very words she heard."""
    body = conn.scalar(
        select(_message.c.body)
        .where(
            _message.c.seller_id == row.seller_id,
            _message.c.direction == "out",
            _message.c.id < row.message_id,
            _message.c.body["utter"].as_string().startswith("utter_ask_", autoescape=True),
        )
        .order_by(_message.c.id.desc())
        .limit(1)
    )
    return body["text"] if body else None


def _waveform(verdict: Json | None) -> tuple[float, ...] | None:
    heights = (verdict or {}).get("waveform")
    return tuple(heights) if isinstance(heights, list) else None

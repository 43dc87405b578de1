"""Voice notes that wait at the desk, as the service leaves them there."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert, select

from bot.tasks.workshop import Workshop
from models import Transcription
from models.database import reading, writing
from tests.open_rooms import attachment, outgoing, seller

VOICE = (Path(__file__).parent / "audio" / "brass_elephant_hi.ogg").read_bytes()
QUESTION = "दाम कतका रखबो?"
WAVEFORM = [0, 3, 9, 4]
_numbers = count(80_000)
"""Apart from the numbers that tests name themselves."""


def note(shop: Workshop, language: str = "hne", asks: str | None = "price", **values: Any) -> int:
    """A note of a new seller that came now, was judged and waits; she was asked for her price. Its id."""
    now = shop.clock()
    verdict = {"verdict": "ok", "problems": [], "seconds": 5.5, "waveform": WAVEFORM}
    given = {"status": "stored", "sha256": shop.store.put(VOICE), "seconds": 5.5, "verdict": verdict}
    with writing(shop.db) as conn:
        her = seller(conn, f"whatsapp:+9199999{next(_numbers):05}")
        outgoing(conn, her, QUESTION, body={"utter": "utter_ask_price"})
        outgoing(conn, her, "ठीक", body={"utter": "utter_noted"})
        media_id = attachment(conn, her, "", "voice", asks=asks, created_at=now, **given | values)
        outgoing(conn, her, "बाद का सवाल", body={"utter": "utter_ask_stock"})
        row = {"media_id": media_id, "language": language, "status": "waiting", "created_at": now}
        conn.execute(insert(Transcription).values(row))
    return media_id


def standing(db: Engine, media_id: int) -> Any:
    """The note's row at the desk."""
    with reading(db) as conn:
        return conn.execute(select(Transcription.__table__).where(Transcription.media_id == media_id)).one()

"""What a phone sends for somebody else's listing, beside its own talk: the number, the photos, the answers.

Its answers are the same for a right number and a wrong one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, or_, select

from bot import offers
from bot.actions.photos import PHOTO_PROBLEMS
from bot.engine.stack import LISTING
from bot.known import Known
from bot.messages import Inbound, Json
from bot.offers import Offer
from bot.talk import Talk
from models import Media

_media = Media.__table__
_OFFERED = _media.c.asks.startswith(offers.MARK)
OWN = or_(_media.c.asks.is_(None), ~_OFFERED)
"""Media that belong to the sender's own talk."""


def offer_of(conn: Connection, inbound: Inbound, known: Known) -> Offer | None:
    """The proposal that this message begins or adds to; None for one of the sender's own talk."""
    if inbound.channel != "whatsapp" or inbound.kind not in ("text", "photo"):
        return None
    photos = inbound.kind == "photo"
    selling = any(frame["flow"] == LISTING for frame in known.state["stack"])
    number = offers.number_in(inbound.text, bare=photos and not selling)
    if number is None and photos:
        running = offers.running(conn, known.seller_id, inbound.received_at)
        if running or selling:
            return running
        number = offers.own_number(conn, inbound, known.seller_id)
    return Offer(uuid4().hex, number) if number is not None else None


def number_heard(talk: Talk, inbound: Inbound, known: Known) -> list[Json]:
    """A number without photos is answered at once; photos when they were looked at."""
    return [] if inbound.kind == "photo" else [_said(talk, inbound, known, "utter_offer_waits")]


def looked_at(
    conn: Connection,
    talk: Talk,
    inbound: Inbound,
    known: Known,
    photo: Callable[[Row[Any]], Json],
    troubles_of: Callable[[Sequence[Row[Any]]], list[str]],
) -> tuple[list[Json], bool]:
    """The events of photos that were judged, and whether these were all that came: else the talk goes on."""
    query = select(_media).where(_media.c.id.in_(inbound.media_ids), _OFFERED).order_by(_media.c.id)
    rows = conn.execute(query).all() if inbound.media_ids else []
    if not rows:
        return [], False
    good = [
        {"event": "custom", "do": "offer_photo", "offer": offers.of_mark(row.asks), "photo": photo(row)}
        for row in rows
        if row.status == "ready"
    ]
    events: list[Json] = [*good]
    troubles = troubles_of(rows)
    if troubles:
        worst = next((each for each in PHOTO_PROBLEMS if each in troubles), "failed")
        events.append(_said(talk, inbound, known, f"utter_photo_{worst}"))
    if good:
        events.append(_said(talk, inbound, known, "utter_offer_received"))
    return events, len(rows) == len(inbound.media_ids)


def _said(talk: Talk, inbound: Inbound, known: Known, utter: str) -> Json:
    slots = known.state["slots"]
    written = "hi-Latn" if inbound.text and inbound.text.isascii() else None
    language = slots.get("language") or written or known.state.get("language_heard")
    said = talk.library.wording(language).say(utter, slots)
    return {"event": "bot", "utter": utter, "text": said.text, "buttons": []}

"""What a phone sends for a finished listing, beside its own talk: the number, the photos, the answers.

Of somebody else's listing its answers are the same for a right number and a wrong one; of her own a seller is
told how it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, or_, select

from bot import offers, retakes
from bot.actions.photos import PHOTO_PROBLEMS
from bot.actions.values import MOST_PHOTOS
from bot.engine.stack import LISTING
from bot.known import Known
from bot.messages import Inbound, Json
from bot.offers import Offer, Own
from bot.talk import Talk
from models import Media

_media = Media.__table__
_OFFERED = _media.c.asks.startswith(offers.MARK)
OWN = or_(_media.c.asks.is_(None), ~_OFFERED)
"""Media that belong to the sender's own talk."""


def begun(conn: Connection, talk: Talk, inbound: Inbound, known: Known) -> tuple[Offer | None, list[Json]]:
    """The proposal that this message begins or adds to, and what is said at once; neither for her own talk.

    Photos are answered when they were looked at. Her own number begins nothing where no photo is waited for.
    """
    offer = _offer_of(conn, talk, inbound, known)
    if offer is None or offer.number is None or inbound.kind == "photo":
        return offer, []
    own = offers.own_by_number(conn, known.seller_id, offer.number, inbound.received_at)
    if own and not own.waits:
        return None, [_how_it_stands(talk, inbound, known, own)]
    return offer, [_said(talk, inbound, known, "utter_offer_waits")]


def _offer_of(conn: Connection, talk: Talk, inbound: Inbound, known: Known) -> Offer | None:
    if inbound.channel != "whatsapp" or inbound.kind not in ("text", "photo"):
        return None
    photos, state = inbound.kind == "photo", known.state
    selling = any(frame["flow"] == LISTING for frame in state["stack"])
    number = offers.number_in(inbound.text, bare=photos and not selling)
    if number is None and photos:
        running = offers.running(conn, known.seller_id, inbound.received_at)
        if running and _goes_on(conn, running, inbound, known):
            return running
        number = _asked_for(conn, talk, inbound, known, selling)
        if number is None and not selling:
            number = offers.own_number(conn, inbound, known.seller_id)
    return Offer(uuid4().hex, number) if number is not None else None


def _goes_on(conn: Connection, running: Offer, inbound: Inbound, known: Known) -> bool:
    """Not once she was told that her listing waits for no photo: the next one may be of a new product."""
    own = offers.own_of(conn, running.id, known.seller_id, inbound.received_at)
    return own is None or own.waits


def _asked_for(conn: Connection, talk: Talk, inbound: Inbound, known: Known, selling: bool) -> int | None:
    """The listing that a rep has just asked her about, unless her draft or a rep takes her photos."""
    slots = known.state["slots"]
    elsewhere = (selling and not slots.get("photos_done")) or known.state.get("taken_over")
    agreed = slots.get("consent") and slots.get("consent_version") == talk.notice_version
    if known.seller_id is None or elsewhere or not agreed:
        return None
    return retakes.just_asked(conn, known.seller_id, inbound.received_at)


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
    events: list[Json] = []
    said: dict[str, Json] = {}
    for mark in dict.fromkeys(row.asks for row in rows):
        came = [row for row in rows if row.asks == mark]
        offer = offers.of_mark(mark)
        own = offers.own_of(conn, offer, known.seller_id, inbound.received_at)
        good = [photo(row) for row in came if row.status == "ready"]
        done, utters = _done_with(offer, own, good, troubles_of(came))
        events += done
        for utter in utters:
            facts = {"number": own.number, "photos": MOST_PHOTOS} if own else {}
            said.setdefault(utter, _said(talk, inbound, known, utter, facts))
        if own and not own.waits:
            stands = _how_it_stands(talk, inbound, known, own)
            said.setdefault(stands["utter"], stands)
    return [*events, *said.values()], bool(rows) and len(rows) == len(inbound.media_ids)


def _done_with(
    offer: str, own: Own | None, good: Sequence[Json], troubles: Sequence[str]
) -> tuple[list[Json], list[str]]:
    """What becomes of the photos of one proposal, and the responses that say so.

    What a rep asked her for needs no yes of hers: it came from her own phone.
    """
    if own and not own.waits:
        return [], []
    hers = bool(own and own.asked)
    events: list[Json] = [
        {"event": "custom", "do": "offer_photo", "offer": offer, "photo": each, "own": hers} for each in good
    ]
    utters = []
    if troubles:
        worst = next((each for each in PHOTO_PROBLEMS if each in troubles), "failed")
        utters.append(f"utter_photo_{worst}")
    if good:
        utters.append("utter_retake_came" if hers else "utter_offer_received")
    if own and hers and len(good) > own.room:
        utters.append("utter_photos_full")
    if good and hers:
        events.append({"event": "custom", "do": "take_offer", "offer": offer})
    return events, utters


def _how_it_stands(talk: Talk, inbound: Inbound, known: Known, own: Own) -> Json:
    """Of her own listing that waits for no photo: what is there, and what she may do."""
    utter = "utter_offer_has_photos" if own.live else "utter_offer_taken_back"
    return _said(talk, inbound, known, utter, {"number": own.number, "photos": own.photos})


def _said(talk: Talk, inbound: Inbound, known: Known, utter: str, facts: Json | None = None) -> Json:
    slots = known.state["slots"]
    written = "hi-Latn" if inbound.text and inbound.text.isascii() else None
    language = slots.get("language") or written or known.state.get("language_heard")
    said = talk.library.wording(language).say(utter, slots, facts)
    return {"event": "bot", "utter": utter, "text": said.text, "buttons": []}

"""One step of a call: what she did is received, and what the talk said is found, or still being made.

The newest bubble says where the talk stands: it is what she hears next. Nothing is kept between two steps but
rows, so a call that breaks off at any moment has lost nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, ScalarSelect, Select, func, select, update

from bot import metrics
from bot.channels.calls import CallEvent, Place, Reply, heard, missed_call, spoken_pages, turned
from bot.channels.exchange import exchange
from bot.engine.listening import CALL
from bot.language.spoken import spoken
from bot.media.links import link
from bot.messages import Json
from bot.receive import receive
from bot.web.house import House
from models import Address, Message
from models.database import reading, writing

SOUND_TRIES = 4
"""So many looks for a sound that is being made; then the provider's own voice speaks the words."""
_message, _columns, _address = Message.__table__, Message.__table__.c, Address.__table__.c


def missed(opened: House, event: CallEvent) -> bool:
    """She let it ring: a job rings her back, or the talk answers by SMS. False: there is nobody to answer."""
    carrier, now = exchange(opened.settings), opened.clock()
    inbound = missed_call(event, carrier is not None and carrier.rings, now)
    if inbound is None:
        return False
    receive(opened.db, opened.talk, inbound, now)
    metrics.TURNS.labels(inbound.channel).inc()
    return True


def take(opened: House, event: CallEvent, place: Place) -> Place:
    """Receive what she said or pressed, if anything; where the call stands then."""
    with reading(opened.db) as conn:
        row = _asked(conn, event, place)
        expected = place.after > 0 or event.incoming or _she_called(conn, event)
    asked = row.body if row and row.body else None
    other = turned(event, place, asked)
    if other:
        return other
    now = opened.clock()
    inbound = heard(event, place, asked, now, expected)
    if inbound is None:
        return place
    receive(opened.db, opened.talk, inbound, now)
    metrics.TURNS.labels(CALL).inc()
    if place.after:
        return Place(place.after)
    with reading(opened.db) as conn:
        begun = (_columns.channel == CALL, _columns.provider_id == inbound.provider_id)
        return replace(place, after=conn.scalar(select(_columns.id).where(*begun)) or 0)


def reply(opened: House, event: CallEvent, place: Place) -> Reply:
    """What she hears now. Marks it as heard."""
    with reading(opened.db) as conn:
        fresh = _newest(conn, event, place)
        row = fresh or _asked(conn, event, place)
    if row is None or not row.body:  # she said no, and is forgotten; or nobody speaks to her
        return Reply("end", place)
    call = row.body["call"]
    if fresh is None and call["then"] == "wait":
        return Reply("hold", replace(place, waits=place.waits + 1))
    if "sounds" not in row.body and place.tries < SOUND_TRIES:
        return Reply("hold", replace(place, tries=place.tries + 1))
    if row.sent_at is None:
        _mark_heard(opened, row)
    stands = Place(row.id, place.page) if fresh is None else Place(row.id)
    stands = replace(stands, quiet=0 if fresh else place.quiet, waits=int(call["then"] == "wait"))
    return _said(opened, row.body, stands)


def once_more(opened: House, event: CallEvent, place: Place) -> Reply:
    """What `reply` said last at this place."""
    with reading(opened.db) as conn:
        row = _asked(conn, event, place)
    return _said(opened, row.body, place) if row and row.body else Reply("end", place)


def ended(opened: House, event: CallEvent) -> None:
    """What became of a call that we placed."""
    ours = (_columns.channel == CALL, _columns.kind == "call", _columns.direction == "out")
    rung = update(_message).where(*ours, _columns.provider_id == event.call, _columns.status == "sent")
    with writing(opened.db) as conn:
        conn.execute(rung.values(status=event.ended))


def _said(opened: House, body: Json, place: Place) -> Reply:
    pages = spoken_pages(body)
    page = place.page if place.page < len(pages) else 0
    sounds = body.get("sounds") or []
    name = sounds[page] if page < len(sounds) else None
    language = body["language"]
    words = "" if name else " ".join(spoken(part["text"], language) for part in pages[page])
    sound = link(opened.settings, name) if name else None
    return Reply(body["call"]["then"], replace(place, page=page), sound, words, language)


def _she_called(conn: Connection, event: CallEvent) -> bool:
    """Did she let it ring since we talked last? Then she knows why her phone rings."""
    hers = (_columns.channel == CALL, _columns.address == event.number, _columns.direction == "in")
    last = select(func.max(_columns.id)).where(_columns.seller_id == _seller(event), *hers)
    talked = conn.scalar(last.where(_columns.kind == "call")) or 0
    return (conn.scalar(last.where(_columns.kind == "missed_call")) or 0) > talked


def _newest(conn: Connection, event: CallEvent, place: Place) -> Row[Any] | None:
    """The last bubble that was said to her since."""
    return conn.execute(
        _hers(event).where(_columns.id > place.after).order_by(_columns.id.desc()).limit(1)
    ).first()


def _asked(conn: Connection, event: CallEvent, place: Place) -> Row[Any] | None:
    """The bubble that she heard last."""
    return conn.execute(_hers(event).where(_columns.id == place.after)).first()


def _seller(event: CallEvent) -> ScalarSelect[int]:
    hers = (_address.channel == CALL, _address.address == event.number)
    return select(_address.seller_id).where(*hers).scalar_subquery()


def _hers(event: CallEvent) -> Select[Any]:
    return select(_columns.id, _columns.seller_id, _columns.body, _columns.sent_at).where(
        _columns.seller_id == _seller(event),
        _columns.channel == CALL,
        _columns.direction == "out",
        _columns.kind == "voice",
    )


def _mark_heard(opened: House, row: Row[Any]) -> None:
    """This one and all before it: what they asked is asked anew, or answered."""
    unheard = update(_message).where(
        _columns.seller_id == row.seller_id,
        _columns.channel == CALL,
        _columns.direction == "out",
        _columns.kind == "voice",
        _columns.id <= row.id,
        _columns.sent_at.is_(None),
    )
    with writing(opened.db) as conn:
        conn.execute(unheard.values(sent_at=opened.clock()))

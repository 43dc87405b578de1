"""Erase a person: her rows go in one transaction, the bytes after them by a job that names them.

What stays: that a notice was agreed to or refused and when, her listings as withdrawn with what was sold and
for how much but not by whom, and a hash of each address, by which she is left alone.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)

from bot import jobs, offers, seller_card, shared_phones, tombstones
from bot.handoff.hand_over import WITHDRAWN
from bot.handoff.listing import moment
from bot.messages import Json
from bot.people.merge import earlier
from models import (
    Address,
    Audit,
    Consent,
    Conversation,
    FigureTalk,
    JobRow,
    JoinCode,
    Listing,
    ListingEvent,
    Media,
    Message,
    PhotoOffer,
    Rendition,
    RepTask,
    Retake,
    Seller,
    SmsPart,
    StartRow,
    Transcription,
)

REPEATS = timedelta(days=3)
"""So long a provider may send a message of hers again, or list it: its id is kept to know it by."""
AT_ONCE = 500
_MADE_OF = ("shop", "thumbnail", "speech")
_NOBODY: Json = dict.fromkeys(("name", "kind", "group", "village", "block", "district", "pincode", "gstin"))
_ANYBODY: Json = {"name": None, "address": "India"}
_NO_CLAIM: Json = {"claim": None, "authorised_user": None}
"""The number of an authorised user is a person's."""
_WHERE = ("pickup_place",)
_job, _message, _media = JobRow.__table__.c, Message.__table__.c, Media.__table__.c
_rendition, _listing, _event = Rendition.__table__.c, Listing.__table__.c, ListingEvent.__table__.c


def erase(
    conn: Connection, seller_id: int, by: str, now: datetime, *, secret_key: str, publish: bool
) -> bool:
    """All rows of hers, in the caller's transaction. Once more changes nothing and answers False."""
    # The talk before the seller, as a turn locks.
    conn.execute(_of(Conversation, seller_id, select(Conversation.seller_id)).with_for_update()).first()
    conn.execute(select(Seller.id).where(Seller.id == seller_id).with_for_update()).first()
    shared = shared_phones.part(conn, seller_id)
    addresses = conn.execute(_of(Address, seller_id, select(Address.__table__))).all()
    if not addresses and not shared:
        return False
    _jobs(conn, seller_id)
    names = _media_rows(conn, seller_id)
    prompts = _words(conn, seller_id, now)
    _listings(conn, seller_id, now, publish)
    _traces(conn, seller_id, addresses)
    _who(conn, seller_id, addresses, secret_key, now)
    conn.execute(insert(Audit).values(at=now, what="person_erased", seller_id=seller_id, after={"by": by}))
    for start in range(0, len(names), AT_ONCE):
        payload = {"names": names[start : start + AT_ONCE], "prompts": []}
        jobs.put(conn, "erase_bytes", payload, now=now)
    if prompts:
        jobs.put(conn, "erase_bytes", {"names": [], "prompts": prompts}, now=now)
    return True


def _of(table: Any, seller_id: int, statement: Select[Any]) -> Select[Any]:
    return statement.where(table.seller_id == seller_id)


def _jobs(conn: Connection, seller_id: int) -> None:
    """Work that was to be done for her; only what erases her goes on."""
    media = select(_media.id).where(_media.seller_id == seller_id)
    hers = or_(
        _job.key == f"seller:{seller_id}",
        _job.payload["seller_id"].as_integer() == seller_id,
        _job.payload["media_id"].as_integer().in_(media),
    )
    conn.execute(delete(JobRow).where(hers, _job.kind.not_in(("erase_person", "erase_bytes"))))


def _media_rows(conn: Connection, seller_id: int) -> list[str]:
    """Her photos and notes and what was made of them; the names of bytes that may go."""
    offered = select(PhotoOffer.id).where(
        or_(
            PhotoOffer.sender_id == seller_id,
            PhotoOffer.listing_id.in_(select(_listing.id).where(_listing.seller_id == seller_id)),
        )
    )
    marks = [offers.MARK + each for each in conn.scalars(offered)]
    hers = or_(_media.seller_id == seller_id, _media.asks.in_(marks))
    rows = conn.execute(select(_media.id, _media.sha256, _media.url, _media.status).where(hers)).all()
    names = {row.sha256 for row in rows if row.sha256}
    for some in _some([row.id for row in rows]):
        conn.execute(delete(Transcription).where(Transcription.media_id.in_(some)))
        conn.execute(delete(Media).where(_media.id.in_(some)))
    conn.execute(
        delete(PhotoOffer).where(PhotoOffer.id.in_([mark.removeprefix(offers.MARK) for mark in marks]))
    )
    still = exists().where(_media.sha256 == _rendition.source)
    for some in _some(sorted(names)):
        made = delete(Rendition).where(_rendition.source.in_(some), _rendition.kind.in_(_MADE_OF), ~still)
        names |= set(conn.scalars(made.returning(_rendition.sha256)))
    return sorted(names)


def _some(items: list[Any]) -> list[list[Any]]:
    return [items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE)]


def _words(conn: Connection, seller_id: int, now: datetime) -> list[str]:
    """Messages both ways; of her latest ones the provider's id stays. Answers the sounds made for her."""
    hers = _message.seller_id == seller_id
    bodies = conn.scalars(select(_message.body).where(hers, _message.direction == "out"))
    sounds = {name for body in bodies for name in (body.get("audio"), *(body.get("sounds") or ())) if name}
    # A photo that another seller took for her listing keeps its row, and the row its message.
    needed = exists().where(_media.message_id == _message.id)
    lately = and_(
        _message.direction == "in",
        _message.provider_id.is_not(None),
        or_(_message.created_at > now - REPEATS, needed),
    )
    conn.execute(delete(Message).where(hers, ~lately))
    blank: Json = {"body": {}, "events": None, "address": "", "status": "received", "error": None}
    conn.execute(update(Message).where(hers).values(**blank))
    return sorted(sounds)


def _listings(conn: Connection, seller_id: int, now: datetime, publish: bool) -> None:
    """Withdrawn at the marketplace; in our rows what was sold stays, and who made it does not."""
    rows = conn.execute(
        select(Listing.__table__).where(_listing.seller_id == seller_id).with_for_update()
    ).all()
    for row in rows:
        _forget_versions(conn, row.id)
        conn.execute(delete(Retake).where(Retake.listing_id == row.id))
        message = impersonal(row.message)
        if row.status == "live":
            message = _withdrawn(conn, row, message, now, publish)
        values = {"message": message, "version": message["version"], "status": "withdrawn", "updated_at": now}
        conn.execute(update(Listing).where(_listing.id == row.id).values(**values, slots={}, provenance={}))


def _forget_versions(conn: Connection, listing_id: str) -> None:
    versions = select(_event.sequence, _event.body).where(_event.listing_id == listing_id)
    for version in conn.execute(versions).all():
        this = update(ListingEvent).where(_event.sequence == version.sequence)
        conn.execute(this.values(body=impersonal(version.body)))


def _withdrawn(conn: Connection, row: Row[Any], message: Json, now: datetime, publish: bool) -> Json:
    """The last version of a listing, for the backend."""
    event_id, version = str(uuid4()), row.version + 1
    body = message | {
        "event": WITHDRAWN,
        "event_id": event_id,
        "version": version,
        "occurred_at": moment(now),
    }
    values = {"event_id": event_id, "listing_id": row.id, "version": version, "event": WITHDRAWN}
    conn.execute(insert(ListingEvent).values(**values, body=body, occurred_at=now))
    if publish:
        key = f"listing:{row.id}"
        jobs.put(conn, "publish_listing", {"event_id": event_id}, now=now, key=key)
    return body


def impersonal(message: Json) -> Json:
    """The listing message without anything that tells who made it: it still fits the schema.

    Her story stands in the description too, so the title stands for it.
    """
    product = message["product"]
    attributes = {name: value for name, value in product["attributes"].items() if name not in _WHERE}
    told: Json = {"story": None, "description": product["title"], "attributes": attributes}
    compliance = message["compliance"] | {"fssai": None, "manufacturer": _ANYBODY, "gi": _NO_CLAIM}
    return message | {
        "seller": message["seller"] | _NOBODY,
        "seller_of_record": None,
        "product": product | told,
        "photos": [],
        "photos_pending": True,
        "voice_notes": [],
        "compliance": compliance,
        "provenance": {},
        "consent": message["consent"] | {"message_id": "erased"},
    }


def _traces(conn: Connection, seller_id: int, addresses: Collection[Row[Any]]) -> None:
    """What others were to do for her, parts of long SMS, and the line of a sheet that named her."""
    conn.execute(delete(RepTask).where(RepTask.seller_id == seller_id))
    conn.execute(delete(JoinCode).where(JoinCode.seller_id == seller_id))
    conn.execute(delete(FigureTalk).where(FigureTalk.seller_id == seller_id))
    # Who did what and when stays; the values, which may be her name, do not.
    known_as = {seller_id} | earlier(conn, seller_id)
    conn.execute(update(Audit).where(Audit.seller_id.in_(known_as)).values(before=None, after=None))
    written = [row.address for row in addresses]
    conn.execute(delete(SmsPart).where(SmsPart.address.in_(written)))
    numbers = {address.rpartition(":")[2] for address in written}
    ways: list[str] = [way for number in numbers for way in (number, f"whatsapp:{number}")]
    hers: ColumnElement[bool] = StartRow.address.in_(ways)
    conn.execute(update(StartRow).where(hers).values(address=None, facts=None))


def _who(
    conn: Connection, seller_id: int, addresses: Collection[Row[Any]], secret_key: str, now: datetime
) -> None:
    """Her talk, her card, her addresses, her consent: the bare answers and times are what the law needs."""
    stopped_at = conn.scalar(select(Seller.stopped_at).where(Seller.id == seller_id))
    for row in addresses:
        for each in filter(None, (row.address, row.user_id)):
            tombstones.lay(conn, secret_key, each, row.stopped_at or stopped_at, now)
    conn.execute(delete(Conversation).where(Conversation.seller_id == seller_id))
    seller_card.forget(conn, seller_id)
    conn.execute(delete(Address).where(Address.seller_id == seller_id))
    given = update(Consent).where(Consent.seller_id == seller_id)
    conn.execute(given.where(Consent.given, Consent.withdrawn_at.is_(None)).values(withdrawn_at=now))
    conn.execute(given.values(language="", channel="", message_id=""))
    conn.execute(update(Seller).where(Seller.id == seller_id).values(language="hi", stopped_at=now))

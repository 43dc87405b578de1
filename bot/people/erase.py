"""A person is erased: rows first, all in one transaction; the bytes that nobody else names come after.

What stays: that she agreed, to which notice and when; her listings as products that nobody made, withdrawn;
the ids of her latest messages, by which the provider's repeats are known; ids in the audit; a hash of each
number of hers, so that no start writes to her again.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, or_, select, update

from bot import forgotten, jobs, offers, seller_card
from bot.handoff.unnamed import withdrawal, without_person
from bot.media.renditions import recipe
from bot.messages import Json
from bot.settings import Settings
from models import (
    Address,
    Audit,
    Consent,
    Conversation,
    FigureTalk,
    JobRow,
    Listing,
    ListingEvent,
    Media,
    Message,
    PhotoOffer,
    Rendition,
    RepTask,
    Seller,
    SmsPart,
    StartRow,
    Transcription,
)

TASK, BYTES = "erase_person", "erase_bytes"
REPEATED = timedelta(days=2)
"""A provider may give us a message again for so long; its id must be known, or it would begin a talk."""
COPIES = ("shop", "thumbnail", "speech")
OF_ONE = ("media_id", "message_id", "seller_id")
PUBLISHES = "publish_listing"


def ask(conn: Connection, seller_id: int, now: datetime, last_word: bool) -> None:
    """Put the job in the caller's transaction. `last_word`: it lets her last message go out first."""
    payload = {"seller_id": seller_id, "asked_at": now.isoformat(), "last_word": last_word}
    jobs.put(conn, TASK, payload, now=now, unique_key=f"erase:{seller_id}")


def erase(conn: Connection, settings: Settings, seller_id: int, now: datetime, job_id: int = 0) -> list[str]:
    """Erase her in the caller's transaction; the names of bytes that were hers. Twice changes no more."""
    # A turn of hers that is thought out meanwhile finds its talk gone, and is thought out anew.
    held = select(Conversation.seller_id).where(Conversation.seller_id == seller_id).with_for_update()
    conn.execute(held).all()
    shown = _withdraw(conn, settings, seller_id, now)
    _drop_offers(conn, seller_id)
    _cancel_jobs(conn, seller_id, job_id)
    _delete_at_provider(conn, seller_id, now)
    names = shown | _drop_media(conn, seller_id)
    _drop_messages(conn, seller_id, now)
    _drop_addresses(conn, settings, seller_id, now)
    _keep_bare(conn, seller_id, now)
    return sorted(names)


def _withdraw(conn: Connection, settings: Settings, seller_id: int, now: datetime) -> set[str]:
    """Her listings are taken back; none of their versions tells of her any more. The pictures they showed."""
    shown: set[str] = set()
    rows = conn.execute(
        select(Listing.__table__).where(Listing.seller_id == seller_id).with_for_update()
    ).all()
    for row in rows:
        events = select(ListingEvent.sequence, ListingEvent.body).where(ListingEvent.listing_id == row.id)
        for event in conn.execute(events).all():
            bare = {"body": without_person(event.body)}
            conn.execute(update(ListingEvent).where(ListingEvent.sequence == event.sequence).values(**bare))
        shown |= {photo["sha256"] for photo in row.message["photos"]}
        shown |= {p["shown"]["sha256"] for p in row.slots.get("photos") or () if p.get("shown")}
        live = row.status != "withdrawn"
        message = withdrawal(row.message, now) if live else without_person(row.message)
        plain = {name: row.slots.get(name) for name in ("listing_id", "listing_number", "category")}
        kept = {"message": message, "version": message["version"], "status": "withdrawn", "slots": plain}
        kept["photos_pending"] = message["photos_pending"]
        conn.execute(
            update(Listing).where(Listing.id == row.id).values(**kept, provenance={}, updated_at=now)
        )
        if live:
            _tell_backend(conn, settings, message, now)
    return shown


def _tell_backend(conn: Connection, settings: Settings, message: Json, now: datetime) -> None:
    names = ("event_id", "listing_id", "version", "event")
    row = {name: message[name] for name in names} | {"body": message, "occurred_at": now}
    conn.execute(ListingEvent.__table__.insert(), row)
    if settings.queue_url:
        key = f"listing:{message['listing_id']}"
        jobs.put(conn, PUBLISHES, {"event_id": message["event_id"]}, now=now, key=key)


def _drop_offers(conn: Connection, seller_id: int) -> None:
    """Photos that she sent for others and that others sent for her."""
    hers = select(Listing.id).where(Listing.seller_id == seller_id)
    either = or_(PhotoOffer.sender_id == seller_id, PhotoOffer.listing_id.in_(hers))
    for offer_id in conn.scalars(select(PhotoOffer.id).where(either)).all():
        offers.end(conn, offer_id, "refused")
        _cancel(conn, JobRow.payload["offer"].as_string() == offer_id)
    conn.execute(delete(PhotoOffer).where(either))


def _cancel_jobs(conn: Connection, seller_id: int, job_id: int) -> None:
    """No job of hers runs any more; one that is running loses its lease, and what it did is taken back."""
    owned: dict[str, Select[Any]] = {
        "media_id": select(Media.id).where(Media.seller_id == seller_id),
        "message_id": select(Message.id).where(Message.seller_id == seller_id),
    }
    for name in OF_ONE:
        value = JobRow.payload[name].as_integer()
        mine = value.in_(owned[name]) if name in owned else value == seller_id
        _cancel(conn, and_(mine, JobRow.id != job_id))


def _cancel(conn: Connection, which: Any) -> None:
    conn.execute(delete(JobRow).where(which, JobRow.lane == jobs.lane_of(conn)))


def _delete_at_provider(conn: Connection, seller_id: int, now: datetime) -> None:
    urls = conn.scalars(select(Media.url).where(Media.seller_id == seller_id, Media.url.is_not(None))).all()
    jobs.put_many(conn, [jobs.NewJob("delete_media", {"url": url}) for url in urls], now=now)


def _drop_media(conn: Connection, seller_id: int) -> set[str]:
    """Photos, notes, what was made of them, and what was spoken or drawn for her alone."""
    hers = select(Media.id).where(Media.seller_id == seller_id)
    sources = set(
        conn.scalars(select(Media.sha256).where(Media.seller_id == seller_id, Media.sha256.is_not(None)))
    )
    spoken, sheets = _made_for(conn, seller_id)
    conn.execute(delete(Transcription).where(Transcription.media_id.in_(hers)))
    conn.execute(delete(Media).where(Media.seller_id == seller_id))
    others = set(conn.scalars(select(Media.sha256).where(Media.sha256.in_(sources))))
    copies = and_(Rendition.kind.in_(COPIES), Rendition.source.in_(sources - others))
    prompts = and_(Rendition.kind.not_in(COPIES), Rendition.sha256.in_(spoken))
    made = delete(Rendition).where(or_(copies, prompts, Rendition.source.in_(sheets)))
    names = sources | spoken | set(conn.scalars(made.returning(Rendition.sha256)))
    return {name for name in names if name}


def _made_for(conn: Connection, seller_id: int) -> tuple[set[str], set[str]]:
    """The sounds that only her messages carry, by name; the sheets that were drawn for her, by source."""
    out = (Message.direction == "out", Message.seller_id == seller_id)
    audio, image = Message.body["audio"].as_string(), Message.body["image"].as_string()
    spoken = set(conn.scalars(select(audio).where(*out, audio.is_not(None))))
    shared = select(audio).where(
        Message.seller_id != seller_id, Message.direction == "out", audio.in_(spoken)
    )
    drawn = conn.scalars(select(image).where(*out, image.like("sheet:%"))).all()
    sheets = {recipe(text.removeprefix("sheet:").split("+")) for text in drawn}
    return spoken - set(conn.scalars(shared)), sheets


def _drop_messages(conn: Connection, seller_id: int, now: datetime) -> None:
    """All that was said. Of the latest from her the ids stay, for the provider may bring them once more."""
    hers = Message.seller_id == seller_id
    young = and_(Message.direction == "in", Message.created_at > now - REPEATED)
    others = select(Media.message_id).where(Media.seller_id != seller_id)  # photos of hers that another took
    conn.execute(delete(Message).where(hers, ~or_(young, Message.id.in_(others))))
    bare: Json = {"address": "", "body": {}, "events": None, "error": None, "status": "received"}
    conn.execute(update(Message).where(hers).values(**bare))


def _drop_addresses(conn: Connection, settings: Settings, seller_id: int, now: datetime) -> None:
    table = Address.__table__
    rows = conn.execute(select(table).where(table.c.seller_id == seller_id)).all()
    stopped = conn.scalar(select(Seller.stopped_at).where(Seller.id == seller_id))
    marks = [(name, row.stopped_at or stopped) for row in rows for name in (row.address, row.user_id)]
    forgotten.remember(conn, settings.secret_key, marks, now)
    numbers = {row.address.rpartition(":")[2] for row in rows} | {row.address for row in rows}
    conn.execute(delete(SmsPart).where(SmsPart.address.in_(numbers)))
    asked = update(StartRow).where(StartRow.address.in_(numbers | {f"whatsapp:{n}" for n in numbers}))
    conn.execute(asked.values(address=None, facts=None))
    conn.execute(delete(Address).where(table.c.seller_id == seller_id))


def _keep_bare(conn: Connection, seller_id: int, now: datetime) -> None:
    """Her talk, her card and her tasks go; of what must be proved only the fact stays."""
    conn.execute(delete(RepTask).where(RepTask.seller_id == seller_id))
    conn.execute(delete(FigureTalk).where(FigureTalk.seller_id == seller_id))
    seller_card.forget(conn, seller_id)
    conn.execute(delete(Conversation).where(Conversation.seller_id == seller_id))
    agreed = Consent.seller_id == seller_id
    still = (agreed, Consent.given, Consent.withdrawn_at.is_(None))
    conn.execute(update(Consent).where(*still).values(withdrawn_at=now))
    conn.execute(update(Consent).where(agreed).values(message_id="", channel="", language=""))
    conn.execute(
        update(Audit).where(Audit.seller_id == seller_id).values(about=None, before=None, after=None)
    )
    conn.execute(update(Seller).where(Seller.id == seller_id).values(language="hi", stopped_at=None))

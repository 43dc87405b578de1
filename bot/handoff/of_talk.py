"""From what the talk decided to listing messages: the hand-over of a draft, and changes after it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, bindparam, select

from bot.engine.catalogue import Catalogue
from bot.handoff.given import ConsentFacts, ListingInput, Photo, SellerFacts, VoiceNote
from bot.handoff.hand_over import hand_over
from bot.handoff.listing import build
from bot.language.lexicon import Lexicon
from bot.media.links import link
from bot.messages import Json
from bot.talk import Talk
from models import Consent, Listing, Media, Rendition

SHOWN = 10
PHOTO_FIELDS = ("id", "sha256", "width", "height", "role")
_TRANSCRIPT = re.compile(r"^voice:(\d+)$")

_rendition = Rendition.__table__.c
_SHOP_PICTURES = select(_rendition.source, _rendition.sha256, _rendition.width, _rendition.height).where(
    _rendition.kind == "shop", _rendition.source.in_(bindparam("sources", expanding=True))
)
_consents = Consent.__table__
_LAST_CONSENT = (
    select(_consents.c.version, _consents.c.at, _consents.c.channel, _consents.c.message_id)
    .where(_consents.c.seller_id == bindparam("seller"), _consents.c.given)
    .order_by(_consents.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Maker:
    """Whose listing it is, and the parts of the house that a listing message is made with."""

    seller_id: int
    key: str
    language: str
    catalogue: Catalogue
    lexicon: Lexicon
    sign: Callable[[str], str]
    publish: bool

    @classmethod
    def of(cls, talk: Talk, seller_id: int, key: str, language: str) -> Maker:
        """This seller with the parts of the house that are open."""
        settings = talk.settings
        return cls(
            seller_id=seller_id,
            key=key,
            language=language,
            catalogue=talk.library.catalogue,
            lexicon=talk.lexicon,
            sign=lambda sha256: link(settings, sha256),
            publish=bool(settings.queue_url),
        )


def hand_over_draft(conn: Connection, maker: Maker, event: Json, now: datetime) -> Json:
    """The draft becomes a listing: `event` holds its slots and who said what. Returns the listing message."""
    given = _input(conn, maker, event["slots"], event["provenance"], now)
    return hand_over(conn, maker.seller_id, given, publish=maker.publish)


def shown_draft(conn: Connection, maker: Maker, event: Json, now: datetime) -> Json:
    """The listing message that the hand-over of this draft would make; nothing is written."""
    return build(_input(conn, maker, event["slots"], event["provenance"], now))


def change_listing(conn: Connection, maker: Maker, event: Json, now: datetime) -> Json | None:
    """The next version of a listing: `event` holds its id and the changed slots, None for one taken away.

    None, and nothing is written, if it is not hers or she took it back: only she offers it again, anew.
    """
    row = conn.execute(
        select(Listing.__table__)
        .where(Listing.id == event["listing_id"], Listing.seller_id == maker.seller_id)
        .where(Listing.status != "withdrawn")
        .with_for_update()
    ).first()
    if row is None:
        return None
    slots = {slot: value for slot, value in (row.slots | event["changes"]).items() if value is not None}
    known = {slot: entry for slot, entry in event["provenance"].items() if slot in event["changes"]}
    renamed = {"price": "new_price", "stock": "new_stock"}
    for slot in event["changes"].keys() & renamed.keys():
        if renamed[slot] in event["provenance"]:
            known[slot] = event["provenance"][renamed[slot]]
    given = _input(conn, maker, slots, {**row.provenance, **known}, now, event["change"], row.message)
    return hand_over(conn, maker.seller_id, given, publish=maker.publish)


def listings_of(conn: Connection, seller_id: int) -> list[Json]:
    """The latest listings of a seller, newest first, as the flow `my_listings` shows them."""
    table = Listing.__table__
    rows = conn.execute(
        select(table.c.id, table.c.number, table.c.status, table.c.slots)
        .where(table.c.seller_id == seller_id, table.c.status == "live")
        .order_by(table.c.number.desc())
        .limit(SHOWN)
    )
    return [
        {
            "id": row.id,
            "number": row.number,
            "title": str(row.slots.get("product_name") or row.slots.get("category")),
            "price": row.slots.get("price"),
            "price_per": row.slots.get("price_per"),
            "stock": row.slots.get("stock"),
            "status": "sold_out" if row.slots.get("stock") == 0 else row.status,
            "slots": row.slots,
        }
        for row in rows
    ]


def _input(
    conn: Connection,
    maker: Maker,
    slots: Json,
    provenance: Mapping[str, Mapping[str, Any]],
    now: datetime,
    event: Any = "listing.completed",
    previous: Json | None = None,
) -> ListingInput:
    return ListingInput(
        event=event,
        event_id=str(uuid4()),
        listing_id=slots["listing_id"],
        number=int(slots["listing_number"]),
        now=now,
        slots=slots,
        seller=SellerFacts(maker.key, maker.language),
        consent=_consent(conn, maker.seller_id),
        catalogue=maker.catalogue,
        lexicon=maker.lexicon,
        sign=maker.sign,
        provenance=provenance,
        photos=_photos(conn, slots.get("photos") or []),
        voice_notes=_voice_notes(conn, provenance),
        previous=previous,
    )


def _photos(conn: Connection, photos: Sequence[Json]) -> tuple[Photo, ...]:
    """Her photos as the shop shows them: what is in the original (its place, its phone) stays with us.

    `shown` is a picture that a rep had turned or cut; otherwise it is the one made of the whole photo.
    """
    rows = conn.execute(_SHOP_PICTURES, {"sources": [photo["sha256"] for photo in photos]}).all()
    made = {row.source: {"sha256": row.sha256, "width": row.width, "height": row.height} for row in rows}
    return tuple(
        Photo(
            **{name: photo[name] for name in PHOTO_FIELDS}
            | {name: value for name, value in _shown(photo, made).items() if name in PHOTO_FIELDS},
            warnings=tuple(photo.get("warnings") or ()),
        )
        for photo in photos
    )


def _shown(photo: Json, made: Mapping[str, Json]) -> Json:
    found: Json = photo.get("shown") or made.get(photo["sha256"], {})
    return found


def _consent(conn: Connection, seller_id: int) -> ConsentFacts:
    row = conn.execute(_LAST_CONSENT, {"seller": seller_id}).one()
    return ConsentFacts(row.version, row.at, row.channel, row.message_id)


def _voice_notes(conn: Connection, provenance: Mapping[str, Mapping[str, Any]]) -> tuple[VoiceNote, ...]:
    """The notes that answers were taken from; a transcript comes in under the id of its note."""
    slots: dict[int, str] = {}
    for slot, entry in provenance.items():
        match = _TRANSCRIPT.match(str(entry.get("message_id") or ""))
        if match:
            slots.setdefault(int(match[1]), slot)
    if not slots:
        return ()
    table = Media.__table__
    rows = conn.execute(
        select(table).where(table.c.id.in_(slots), table.c.sha256.is_not(None)).order_by(table.c.id)
    )
    return tuple(
        VoiceNote(row.id, row.sha256, row.seconds or 0.0, slots[row.id], row.transcript, row.transcribed_by)
        for row in rows
    )

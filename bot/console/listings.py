"""Listings as reps see them: a list to filter, one with its versions, and what a rep may change of it.

A rep never changes what the maker asks for it, how many there are, or her consent: that goes by her talk.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, select

from bot import jobs
from bot.console import audit, scope
from bot.console.pages import Page, page
from bot.console.sessions import Who
from bot.handoff.of_talk import Maker, change_listing
from bot.language.album import ROLES
from bot.messages import Json
from bot.talk import Talk
from models import Listing, ListingEvent, Rep, Seller, SellerCard
from models.database import writing

_listing, _card, _seller, _event = (
    Listing.__table__,
    SellerCard.__table__,
    Seller.__table__,
    ListingEvent.__table__,
)
STATES = ("live", "withdrawn", "photos_pending")
TURNS = (90, 180, 270)
MOST_CUT = 45
"""Per cent that may be cut off one side."""
LONGEST_USER = 64
SHEET = 10
"""Photos on a contact sheet."""
AT_ONCE = 200


class Refused(Exception):
    """Nothing was changed; `word` says why: gone, withdrawn, changed, wrong."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


@dataclass(frozen=True, slots=True)
class Filter:
    """What to show; empty is everything."""

    craft: str = ""
    district: str = ""
    block: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """One listing: its row, whose it is, its versions with what changed, reps by their stamp."""

    row: Row[Any]
    versions: Sequence[Json]
    names: dict[str, str]

    @property
    def message(self) -> Json:
        return dict(self.row.message)


def listed(conn: Connection, who: Who, wanted: Filter, after: str | None) -> Page[Row[Any]]:
    """A page of listings, the newest first."""
    names = ("id", "number", "status", "version", "category", "photos_pending", "updated_at", "slots")
    query = seen(who, *(_listing.c[name] for name in names)).where(*_conditions(wanted))
    return page(conn, query, (_listing.c.number,), after, newest_first=True)


def messages(conn: Connection, who: Who, wanted: Filter) -> Iterator[Json]:
    """The latest messages of all that are wanted, the newest first, read some at a time."""
    after: int | None = None
    while True:
        query = seen(who, _listing.c.message).where(*_conditions(wanted))
        if after is not None:
            query = query.where(_listing.c.number < after)
        rows = conn.execute(query.order_by(_listing.c.number.desc()).limit(AT_ONCE)).all()
        yield from (dict(row.message) for row in rows)
        if len(rows) < AT_ONCE:
            return
        after = rows[-1].message["number"]


def one(conn: Connection, who: Who, listing_id: str) -> Shown | None:
    """This listing; None for one that the rep may not see, or nobody's."""
    row = conn.execute(seen(who, _listing).where(_listing.c.id == listing_id)).first()
    if row is None:
        return None
    bodies = conn.execute(
        select(_event.c.version, _event.c.event, _event.c.occurred_at, _event.c.body)
        .where(_event.c.listing_id == listing_id)
        .order_by(_event.c.version)
    ).all()
    before: Json = {}
    versions = []
    for each in bodies:
        changed = changes(before, each.body) if before else []
        what = {"version": each.version, "event": each.event, "at": each.occurred_at}
        versions.append(what | {"changed": changed})
        before = each.body
    return Shown(row, versions[::-1], _names(conn, row))


UNSAID = {"event", "event_id", "version", "occurred_at", "provenance"}
"""Parts of a message that are new in each version."""


def changes(before: Json, after: Json, prefix: str = "") -> list[str]:
    """The names of the fields that differ: `product.stock`, `photos`."""
    found = []
    for name in sorted((before.keys() | after.keys()) - (set() if prefix else UNSAID)):
        old, new = before.get(name), after.get(name)
        if isinstance(old, dict) and isinstance(new, dict):
            found += changes(old, new, f"{prefix}{name}.")
        elif old != new and not _same_pictures(old, new):
            found.append(f"{prefix}{name}")
    return found


def _same_pictures(old: Any, new: Any) -> bool:
    """The addresses of pictures and sounds are signed anew each time."""
    plain = [
        [{key: value for key, value in each.items() if key != "url"} for each in side]
        for side in (old, new)
        if isinstance(side, list) and all(isinstance(each, dict) for each in side)
    ]
    return len(plain) == 2 and plain[0] == plain[1]


@dataclass(frozen=True, slots=True)
class Desk:
    """What a change needs: the rep, the house, and the version she was looking at."""

    db: Engine
    talk: Talk
    who: Who
    listing_id: str
    version: int
    now: datetime


def arrange(desk: Desk, ids: Sequence[int], roles: dict[int, str | None]) -> None:
    """The photos in this order and with these roles; those that are not named are taken out."""
    if len(set(ids)) != len(ids) or any(role not in (*ROLES, None) for role in roles.values()):
        raise Refused("wrong")

    def change(row: Row[Any]) -> Json:
        here = {int(photo["id"]): photo for photo in row.slots.get("photos") or []}
        if not set(ids) <= here.keys():
            raise Refused("wrong")
        return {"photos": [here[each] | {"role": roles.get(each, here[each].get("role"))} for each in ids]}

    _write(desk, "photos_arranged", change, {"photos": len(ids)})


def check(desk: Desk, field: str, claim: str = "", user: str = "") -> None:
    """A person stands for a suggestion: `hsn`, `gst_rate`, or `gi` with her authorised user's number."""

    def change(row: Row[Any]) -> Json:
        checked = dict(row.slots.get("checked") or {})
        category = desk.talk.library.catalogue.get(row.category)
        if category is None or field not in ("hsn", "gst_rate", "gi"):
            raise Refused("wrong")
        if field == "gi":
            if claim not in category.gi or not 0 < len(user) <= LONGEST_USER:
                raise Refused("wrong")
            checked["gi"] = {"value": claim, "user": user, "by": desk.who.stamp}
        else:
            value = getattr(category, field)
            if not value:
                raise Refused("wrong")
            checked[field] = {"value": value, "by": desk.who.stamp}
        return {"checked": checked}

    _write(desk, "listing_checked", change, {"field": field})


def sheet_of_photos(photos: Sequence[Json]) -> str | None:
    """The name of the contact sheet of these photos, as bubbles name pictures; None without photos."""
    return "sheet:" + "+".join(photo["sha256"] for photo in photos[:SHEET]) if photos else None


def draw_sheet(desk: Desk) -> None:
    """Have the contact sheet drawn, as a job."""
    with writing(desk.db) as conn:
        row = _row(conn, desk)
        photos = [photo["sha256"] for photo in (row.slots.get("photos") or [])[:SHEET]]
        if not photos:
            raise Refused("wrong")
        key = f"sheet:{desk.listing_id}"
        jobs.put(conn, "draw_sheet", {"photos": photos}, now=desk.now, unique_key=key)


def reshape(desk: Desk, photo_id: int, turn: int, cut: Sequence[int]) -> None:
    """Have one photo turned (degrees, clockwise) and cut (per cent off left, top, right, bottom)."""
    good = len(cut) == 4 and all(0 <= each <= MOST_CUT for each in cut) and turn in (0, *TURNS)
    if not good or (turn == 0 and not any(cut)):
        raise Refused("wrong")
    with writing(desk.db) as conn:
        row = _row(conn, desk)
        photo = next((each for each in row.slots.get("photos") or [] if int(each["id"]) == photo_id), None)
        if photo is None:
            raise Refused("wrong")
        # From the original, so that the same tap again is the same wish; she turns what she sees.
        whole_turn = ((photo.get("shown") or {}).get("turn", 0) + turn) % 360
        wish = {"listing_id": desk.listing_id, "photo": photo_id, "turn": whole_turn, "cut": list(cut)}
        key = f"listing:{desk.listing_id}"
        jobs.put(conn, "reshape_photo", wish | {"by": desk.who.stamp}, now=desk.now, key=key)
        after = {"photo": photo_id, "turn": turn, "cut": list(cut)}
        audit.record(
            conn,
            desk.who.id,
            "photo_reshaped",
            desk.now,
            seller_id=row.seller_id,
            listing_id=row.id,
            after=after,
        )


def _write(desk: Desk, what: str, change: Any, after: Json) -> None:
    """The next version, in one transaction; Refused when it is not the one that was looked at."""
    with writing(desk.db) as conn:
        row = _row(conn, desk)
        changed: Json = change(row)
        before = {name: row.slots.get(name) for name in changed}
        if changed == before:
            return
        source = {"by": desk.who.stamp, "channel": "console", "message_id": None, "said": None}
        known = {name: source | {"confirmed": True} for name in changed}
        event = {"listing_id": row.id, "change": "listing.updated", "changes": changed, "provenance": known}
        change_listing(conn, Maker.of(desk.talk, row.seller_id, row.key, row.language), event, desk.now)
        was = {"version": row.version} | (
            {"photos": len(before["photos"] or [])} if "photos" in changed else {}
        )
        audit.record(
            conn,
            desk.who.id,
            what,
            desk.now,
            seller_id=row.seller_id,
            listing_id=row.id,
            before=was,
            after=after,
        )


def _row(conn: Connection, desk: Desk) -> Row[Any]:
    query = seen(desk.who, _listing).where(_listing.c.id == desk.listing_id)
    row = conn.execute(query.with_for_update(of=_listing)).first()
    if row is None:
        raise Refused("gone")
    if row.status == "withdrawn":
        raise Refused("withdrawn")
    if row.version != desk.version:
        raise Refused("changed")
    return row


def seen(who: Who, *columns: Any) -> Select[Any]:
    """Listings of the people she may see, with their cards."""
    joined = _listing.join(_card, _card.c.seller_id == _listing.c.seller_id).join(
        _seller, _seller.c.id == _listing.c.seller_id
    )
    card = (_card.c.name, _card.c.village, _card.c.block, _card.c.district, _card.c.phone_last4)
    hers = (_seller.c.key, _seller.c.language, _seller.c.stopped_at)
    return select(*columns, *card, *hers).select_from(joined).where(scope.sees(who))


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.craft:
        found.append(_listing.c.category == wanted.craft)
    if wanted.district:
        found.append(_card.c.district == wanted.district)
    if wanted.block:
        found.append(_card.c.block == wanted.block)
    if wanted.state == "photos_pending":
        found.append(_listing.c.photos_pending)
    elif wanted.state in STATES:
        found.append(_listing.c.status == wanted.state)
    return found


def _names(conn: Connection, row: Row[Any]) -> dict[str, str]:
    """The names of the reps who are behind its values."""
    stamps = {str(entry.get("by")) for entry in row.provenance.values()}
    stamps |= {str(each.get("by")) for each in (row.slots.get("checked") or {}).values()}
    ids = [int(stamp[4:]) for stamp in stamps if stamp.startswith("rep:") and stamp[4:].isdigit()]
    found = conn.execute(select(Rep.id, Rep.name).where(Rep.id.in_(ids))) if ids else ()
    return {f"rep:{each.id}": each.name for each in found}

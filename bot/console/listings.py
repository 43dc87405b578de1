"""Listings as reps see them: a list to filter, and one with its versions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, func, select

from bot.console import scope
from bot.console.pages import Page, page, walk
from bot.console.sessions import Who
from bot.messages import Json
from bot.seller_card import key_of
from models import Listing, ListingEvent, Rep, Seller, SellerCard

_listing, _card, _seller, _event = (
    Listing.__table__,
    SellerCard.__table__,
    Seller.__table__,
    ListingEvent.__table__,
)
STATES = ("live", "withdrawn", "photos_pending")
MOST_BLOCKS = 200
"""Of more than that many nobody chooses one."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What to show; empty is everything. `block` is a name, in any script."""

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


def messages(db: Engine, who: Who, wanted: Filter) -> Iterator[Json]:
    """The latest messages of all that are wanted, the newest first, for a file."""
    query = seen(who, _listing.c.message, _listing.c.number).where(*_conditions(wanted))
    for row in walk(db, query, (_listing.c.number,), newest_first=True):
        yield dict(row.message)


def blocks(conn: Connection, who: Who, district: str) -> list[str]:
    """The blocks of the people she sees in this district, else in all of hers; an admin must name one."""
    if not district and who.role == "admin":
        return []
    name = func.min(_card.c.block)
    query = select(name).where(scope.sees(who), _card.c.block_key != "")
    if district:
        query = query.where(_card.c.district == district)
    return list(conn.scalars(query.group_by(_card.c.block_key).order_by(name).limit(MOST_BLOCKS)))


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


def seen(who: Who, *columns: Any) -> Select[Any]:
    """A query of the listings of the people she may see, with their cards."""
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
        found.append(_card.c.block_key == key_of(wanted.block))
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

"""What a rep changes of a listing: each change is a new version, made on the one that was looked at.

A rep never changes what the maker asks for it, how many there are, or her consent: that goes by her talk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row

from bot import jobs
from bot.console import audit
from bot.console.listings import seen
from bot.console.sessions import Who
from bot.handoff.of_talk import Maker, change_listing
from bot.language.album import ROLES
from bot.messages import Json
from bot.talk import Talk
from models import Listing
from models.database import writing

_listing = Listing.__table__
TURNS = (90, 180, 270)
MOST_CUT = 45
"""Per cent that may be cut off one side."""
LONGEST_USER = 64
SHEET = 10
"""Photos on a contact sheet."""


class Refused(Exception):
    """Nothing was changed; `word` says why: gone, withdrawn, changed, wrong, or as in `filling`.

    `text` says it in words where the talk has some.
    """

    def __init__(self, word: str, text: str = "") -> None:
        super().__init__(word)
        self.word = word
        self.text = text


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

    write(desk, "photos_arranged", change, {"photos": len(ids)})


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

    write(desk, "listing_checked", change, {"field": field})


def sheet_of_photos(photos: Sequence[Json]) -> str | None:
    """The name of the contact sheet of these photos, as bubbles name pictures; None without photos."""
    return "sheet:" + "+".join(photo["sha256"] for photo in photos[:SHEET]) if photos else None


def draw_sheet(desk: Desk) -> None:
    """Have the contact sheet drawn, as a job."""
    with writing(desk.db) as conn:
        row = _locked(conn, desk)
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
        row = _locked(conn, desk)
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


def write(
    desk: Desk,
    what: str,
    change: Callable[[Row[Any]], Json],
    after: Json,
    *,
    said: str | None = None,
    confirmed: bool = True,
) -> None:
    """The next version, in one transaction; Refused when it is not the one that was looked at.

    `said` are the words in which the rep gave it; `confirmed`: it needs no yes of its maker.
    """
    with writing(desk.db) as conn:
        row = _locked(conn, desk)
        changed = change(row)
        before = {name: row.slots.get(name) for name in changed}
        if changed == before:
            return
        source = {"by": desk.who.stamp, "channel": "console", "message_id": None, "said": said}
        known = {name: source | {"confirmed": confirmed} for name in changed}
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


def _locked(conn: Connection, desk: Desk) -> Row[Any]:
    query = seen(desk.who, _listing).where(_listing.c.id == desk.listing_id)
    row = conn.execute(query.with_for_update(of=_listing)).first()
    if row is None:
        raise Refused("gone")
    if row.status == "withdrawn":
        raise Refused("withdrawn")
    if row.version != desk.version:
        raise Refused("changed")
    return row

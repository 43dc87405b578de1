"""Listings: a list to filter and to take home as a file; the page of one, with what may be changed of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.console import changing, filling
from bot.console import listings as found
from bot.console.changing import Desk, Refused
from bot.console.listings import Filter
from bot.console.retaking import ask_for_photo, waiting
from bot.handoff.exporters.cells import csv_lines
from bot.handoff.exporters.listings import TABLES, ondc_item
from bot.hours import day_of
from bot.language.album import ROLES
from bot.language.speak import group_digits
from bot.rep_visits import photo_problems
from bot.web.access import signed_in
from bot.web.console.given import Wrong, sought, text, whole
from bot.web.console.guard import me
from bot.web.console.names import craft, my_districts, part_word, why
from bot.web.console.room import console, said, show
from bot.web.console.signed import picture, stored
from bot.web.console.told import Typed, told
from bot.web.console.words import t
from bot.web.house import house
from models.database import reading

ONE = "/listings/<string(length=36):listing_id>"
LARGEST = 2**31
MOST_PHOTOS = 20
MOST_TYPED = 2 * filling.LONGEST
"""Of what was refused for its length, as much is given back."""
TOLD = {"changed": "listing_changed", "withdrawn": "listing_taken_back"}
"""Refusals that the page itself explains."""
ANY_PHOTO = 2**62


@console.get("/listings")
@signed_in("rep")
def listings() -> ResponseReturnValue:
    """A page of them."""
    opened, wanted = house(), _wanted()
    with reading(opened.db) as conn:
        page = found.listed(conn, me(), wanted, request.args.get("after"))
        blocks = found.blocks(conn, me(), wanted.district)
    catalogue = opened.talk.library.catalogue
    return show(
        "listings.html",
        page=page,
        filter=wanted,
        crafts={key: craft(key) for key in catalogue.categories},
        states=found.STATES,
        districts=my_districts(me()),
        blocks=blocks,
        craft=craft,
        now=opened.clock(),
    )


@console.get("/listings.<any(csv, flipkart, ondc):shape>")
@signed_in("rep")
def listings_file(shape: str) -> ResponseReturnValue:
    """All that the filter shows, in the shape of one file, sent while it is read page by page."""
    opened = house()
    all_of_them = found.messages(opened.db, me(), _wanted())
    lines: Iterable[str]
    if shape == "ondc":
        lines = (json.dumps(ondc_item(each), ensure_ascii=False) + "\n" for each in all_of_them)
    else:
        table = TABLES[shape]
        lines = csv_lines(table.head, (table.row(each) for each in all_of_them))
    kind, ending = ("application/x-ndjson", "jsonl") if shape == "ondc" else ("text/csv", "csv")
    answer = Response(lines, mimetype=kind)
    name = f"sangwari-{shape}-{day_of(opened.clock())}.{ending}"
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer


@console.get(ONE)
@signed_in("rep")
def listing(listing_id: str) -> ResponseReturnValue:
    """One listing: its photos, who said what and when, what is to be checked, its versions."""
    return _page(listing_id)


@console.post(f"{ONE}/photos")
@signed_in("rep")
def arrange(listing_id: str) -> ResponseReturnValue:
    """Order, roles, and which stay: `place-<id>` is a number, or empty to take it out; `role-<id>`."""
    places, roles = {}, {}
    for name in list(request.form)[: 3 * MOST_PHOTOS]:
        what, _, photo = name.partition("-")
        if not (photo.isascii() and photo.isdigit() and len(photo) < 19):
            continue
        if what == "place" and text(name, 3):
            places[int(photo)] = whole(name, 999)
        elif what == "role":
            roles[int(photo)] = text(name, 16) or None
    ids = sorted(places, key=lambda photo: (places[photo], photo))
    return _do(listing_id, lambda desk: changing.arrange(desk, ids, {each: roles.get(each) for each in ids}))


@console.post(f"{ONE}/shape")
@signed_in("rep")
def reshape(listing_id: str) -> ResponseReturnValue:
    """Turn a photo or cut its sides."""
    photo, turn = whole("photo", ANY_PHOTO), whole("turn", 270)
    cut = [whole(f"cut-{side}", 100) for side in ("left", "top", "right", "bottom")]
    return _do(listing_id, lambda desk: changing.reshape(desk, photo, turn, cut), "shape_later")


@console.post(f"{ONE}/sheet")
@signed_in("rep")
def contact_sheet(listing_id: str) -> ResponseReturnValue:
    """Have the contact sheet drawn."""
    return _do(listing_id, changing.draw_sheet, "shape_later")


@console.post(f"{ONE}/retake")
@signed_in("rep")
def retake(listing_id: str) -> ResponseReturnValue:
    """Ask its maker for a new photo: for `photo`, or one more where that is empty."""
    opened, reason = house(), text("reason", 32)
    photo = whole("photo", ANY_PHOTO) if text("photo", 19) else None
    try:
        came = ask_for_photo(opened.db, opened.talk, me(), listing_id, photo, reason, opened.clock())
    except Refused as refused:
        return _refused(listing_id, refused)
    return redirect(said(url_for("console.listing", listing_id=listing_id), f"retake_{came}"), 303)


@console.post(f"{ONE}/check")
@signed_in("rep")
def check(listing_id: str) -> ResponseReturnValue:
    """Stand for what is suggested."""
    field, claim, user = text("field", 16), text("claim", 64), text("user", 64)
    return _do(listing_id, lambda desk: changing.check(desk, field, claim, user))


@console.post(f"{ONE}/fact")
@signed_in("rep")
def fact(listing_id: str) -> ResponseReturnValue:
    """One fact of the product, filled in or corrected, or with `nothing` taken away."""
    slot = text("slot", 64)
    if request.form.get("nothing"):
        return _do(listing_id, lambda desk: filling.take_away(desk, slot), typed=Typed(slot, ""))
    sent = request.form.get("value", "")
    typed = Typed(slot, "".join(each for each in sent if each.isprintable() or each == "\n")[:MOST_TYPED])
    try:
        value = text("value", filling.LONGEST, least=1)
    except Wrong as wrong:
        return _page(listing_id, 400, typed=replace(typed, wrong=t(wrong.word)))
    return _do(listing_id, lambda desk: filling.fill(desk, slot, value), typed=typed)


def _do(
    listing_id: str, deed: Callable[[Desk], None], word: str = "saved", typed: Typed | None = None
) -> ResponseReturnValue:
    """Do it and look at the listing again; `typed` is what would be lost where it is refused."""
    opened, version = house(), whole("version", LARGEST)
    desk = Desk(opened.db, opened.talk, me(), listing_id, version, opened.clock())
    try:
        deed(desk)
    except Refused as refused:
        return _refused(listing_id, refused, typed)
    taken = f"fact-{listing_id}-{typed.slot}" if typed else ""
    return redirect(said(url_for("console.listing", listing_id=listing_id), word, taken), 303)


def _refused(listing_id: str, refused: Refused, typed: Typed | None = None) -> ResponseReturnValue:
    if refused.word == "gone":
        abort(404)
    if refused.word in TOLD:
        return _page(listing_id, 409, TOLD[refused.word], typed)
    if typed is None or refused.word == "wrong":
        raise Wrong("listing", "wrong_other")
    return _page(listing_id, 400, typed=replace(typed, wrong=why(refused.word, refused.text)))


def _page(
    listing_id: str, status: int = 200, wrong: str | None = None, typed: Typed | None = None
) -> ResponseReturnValue:
    opened = house()
    with reading(opened.db) as conn:
        shown = found.one(conn, me(), listing_id)
        photos = (shown.row.slots.get("photos") or []) if shown else []
        sheet = picture(conn, changing.sheet_of_photos(photos))
        asked = waiting(conn, listing_id, opened.clock())
    if shown is None:
        abort(404)
    category = opened.talk.library.catalogue.get(shown.row.category)
    known, unknown = told(shown, typed)
    return show(
        "listing.html",
        status,
        shown=shown,
        contact_sheet=sheet,
        row=shown.row,
        message=shown.message,
        wrong=wrong,
        known=known,
        unknown=unknown,
        longest=filling.LONGEST,
        parts=lambda changed: list(dict.fromkeys(map(part_word, changed))),
        stored=stored,
        craft=craft,
        rupees=lambda money: f"₹{group_digits(money['amount'], money=True)}" if money else "–",
        roles=ROLES,
        claims=category.gi if category else (),
        turns=changing.TURNS,
        asked=asked,
        problems=photo_problems(opened.talk),
        now=opened.clock(),
    )


def _wanted() -> Filter:
    return Filter(sought("craft", 64), sought("district"), sought("block", 160), sought("state", 16))

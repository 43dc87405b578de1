"""Two entries of one person with two phones: the other is looked up by its number, shown, and made one."""

from __future__ import annotations

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.console import scope
from bot.people.merge import NotNow, merge
from bot.web.access import signed_in
from bot.web.console.another import chosen, looked_up
from bot.web.console.guard import me
from bot.web.console.room import console, said, show
from bot.web.house import house
from models.database import reading, writing

PLACE = "/people/<string(length=32):key>/merge"


@console.get(PLACE)
@signed_in("rep")
def merge_form(key: str) -> ResponseReturnValue:
    """Whose other entry it may be, by `q`, figures of its number; with the key `other` what would be done."""
    other_key = request.args.get("other", "")
    with reading(house().db) as conn:
        her = scope.person(conn, me(), key) or abort(404)
        other = chosen(conn, key, other_key) if other_key else None
        q, rows = looked_up(conn, key)
    return show("merge.html", her=her, other=other, rows=rows, q=q, now=house().clock())


@console.post(PLACE)
@signed_in("rep")
def merge_people(key: str) -> ResponseReturnValue:
    """This entry stays, and the other becomes part of it; 404 unless the rep may see both."""
    opened, place = house(), url_for("console.person", key=key)
    with reading(opened.db) as conn:
        her = scope.person(conn, me(), key) or abort(404)
        other = chosen(conn, key, request.form.get("other", ""))
    try:
        with writing(opened.db) as conn:
            done = merge(conn, her.id, other.id, me().stamp, opened.clock())
    except NotNow:
        return redirect(said(place, "not_merged"), 303)
    return redirect(said(place, "merged" if done else "not_merged"), 303)

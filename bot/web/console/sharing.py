"""A phone that two hold: the other is looked up by her number, shown, and marked to speak there too."""

from __future__ import annotations

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.console import scope, sharing
from bot.console.sharing import Phone
from bot.web.access import signed_in
from bot.web.console.another import chosen, looked_up
from bot.web.console.guard import me
from bot.web.console.room import console, said, show
from bot.web.house import house
from models.database import reading, writing

PLACE = "/people/<string(length=32):key>/share"


@console.get(PLACE)
@signed_in("rep")
def share_form(key: str) -> ResponseReturnValue:
    """Her phones and who speaks there; `q` looks for another, `other` and `phone` show what would be done."""
    other_key = request.args.get("other", "")
    with reading(house().db) as conn:
        her = scope.person(conn, me(), key) or abort(404)
        phones = sharing.phones(conn, me(), her)
        other = chosen(conn, key, other_key) if other_key else None
        phone = _phone(phones, request.args.get("phone", "")) if other else None
        q, rows = looked_up(conn, key)
    return show("share.html", her=her, phones=phones, other=other, phone=phone, rows=rows, q=q)


@console.post(PLACE)
@signed_in("rep")
def share_phone(key: str) -> ResponseReturnValue:
    """Both speak there from now on, or with `back` the other no more; 404 unless the rep may see both."""
    opened, place = house(), url_for("console.share_form", key=key)
    deed, word = (sharing.take_back, "not_shared") if "back" in request.form else (sharing.share, "shared")
    with writing(opened.db) as conn:
        her = scope.person(conn, me(), key) or abort(404)
        other = chosen(conn, key, request.form.get("other", ""))
        phone = _phone(sharing.phones(conn, me(), her), request.form.get("phone", ""))
        done = deed(conn, me(), her, other, phone.number, opened.clock())
    return redirect(said(place, word if done else "share_not_now"), 303)


def _phone(phones: list[Phone], end: str) -> Phone:
    """The one of her phones that ends so."""
    return next((each for each in phones if each.last4 == end), None) or abort(404)

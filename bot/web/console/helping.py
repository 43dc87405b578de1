"""What a rep does for one person, from whatever list she stands on: call her, ask again."""

from __future__ import annotations

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.console import calling
from bot.console.ask_again import ask_again
from bot.console.preferring import write_there
from bot.web.access import signed_in
from bot.web.console.given import Wrong, text, way_back
from bot.web.console.guard import me
from bot.web.console.room import console, said, show
from bot.web.house import house
from models.database import writing


@console.post("/people/<string:key>/call")
@signed_in("rep")
def call(key: str) -> ResponseReturnValue:
    """Her numbers, whole, to be called with a tap; that they were shown is written down."""
    opened = house()
    with writing(opened.db) as conn:
        found = calling.numbers(conn, me(), key, opened.clock())
    if found is None:
        abort(404)
    return show("call.html", her=found, next=_back())


@console.post("/people/<string:key>/again")
@signed_in("rep")
def again(key: str) -> ResponseReturnValue:
    """The open question is asked once more."""
    opened = house()
    came = ask_again(opened.db, opened.talk, me(), key, opened.clock())
    if came is None:
        abort(404)
    return redirect(said(_back(), came), 303)


@console.post("/people/<string:key>/prefers")
@signed_in("rep")
def prefers(key: str) -> ResponseReturnValue:
    """The channel on which she is written to unasked; empty: where she last wrote."""
    opened, channel = house(), text("channel", 16) or None
    try:
        with writing(opened.db) as conn:
            found = write_there(conn, me(), key, channel, opened.clock())
    except ValueError:
        raise Wrong("channel", "wrong_other") from None
    if not found:
        abort(404)
    return redirect(said(url_for("console.person", key=key), "saved"), 303)


def _back() -> str:
    return way_back(request.form.get("next", ""), url_for("console.today"))

"""Coming in and going out."""

from __future__ import annotations

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user

from bot.console import audit, sessions
from bot.console.sign_in import Knock
from bot.console.sign_in import sign_in as knock
from bot.web.access import came_from, public, signed_in
from bot.web.console.given import way_back
from bot.web.console.guard import SignedIn, me, somebody
from bot.web.console.room import console, show
from bot.web.console.words import LANGUAGES
from bot.web.house import house
from models.database import writing

_AGENTS = ("Android", "iPhone", "Windows", "Macintosh", "Linux")


@console.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """The door. `lang` chooses its language."""
    if request.args.get("lang") in LANGUAGES:
        session["language"] = request.args["lang"]
    if somebody():
        return redirect(url_for("console.today"), 303)
    return show("sign_in.html", next=_next(request.args.get("next", "")), wrong=False)


@console.post("/sign-in")
@public
def come_in() -> ResponseReturnValue:
    """Her number and password open a session; whatever is wrong with them is answered the same."""
    opened, form = house(), request.form
    phone, password = form.get("phone", "")[:40], form.get("password", "")
    tried = Knock(phone, password, came_from(), _agent())
    token = knock(opened.db, opened.settings.secret_key, tried, opened.clock())
    found = sessions.find(opened.db, token, opened.clock()) if token else None
    if found is None:
        return show("sign_in.html", 401, next=_next(form.get("next", "")), wrong=True)
    # Nothing of the time before is kept: a cookie that somebody else has set is worth nothing.
    session.clear()
    session.permanent = True
    session["language"] = found.language
    login_user(SignedIn(found))
    return redirect(url_for("console.password") if found.must_change else _next(form.get("next", "")), 303)


@console.post("/sign-out")
@signed_in("rep", before_change=True)
def sign_out() -> ResponseReturnValue:
    """This session is over; with `everywhere` all of hers are."""
    opened, who = house(), me()
    everywhere = request.form.get("everywhere") == "1"
    with writing(opened.db) as conn:
        if everywhere:
            sessions.end_all(conn, who.id)
        sessions.end(conn, who.token)
        audit.record(conn, who.id, "signed_out", opened.clock(), after={"everywhere": everywhere})
    logout_user()
    session.clear()
    session["language"] = who.language
    answer = redirect(url_for("console.sign_in"), 303)
    # What was typed and not sent is hers, and the phone may be somebody else's next.
    answer.headers["Clear-Site-Data"] = '"storage"'
    return answer


def _next(wanted: str) -> str:
    return way_back(wanted, url_for("console.today"))


def _agent() -> str:
    """What kind of machine it is, and no more."""
    told = request.headers.get("User-Agent", "")
    return next((name for name in _AGENTS if name in told), "other")

"""What a rep says of herself: her password and the language of her console."""

from __future__ import annotations

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from bot.console import own
from bot.web.access import signed_in
from bot.web.console.guard import me
from bot.web.console.room import console, show
from bot.web.console.words import LANGUAGES
from bot.web.house import house


@console.get("/password")
@signed_in("rep", before_change=True)
def password() -> ResponseReturnValue:
    """Change it; with one that was given to her there is nothing else to see."""
    return show("password.html", wrong=None)


@console.post("/password")
@signed_in("rep", before_change=True)
def change_password() -> ResponseReturnValue:
    """A new one, typed twice. All her other sessions are over then."""
    form, opened = request.form, house()
    new = form.get("new", "")
    if new != form.get("again", ""):
        return show("password.html", 400, wrong="password_differs")
    wrong = own.change_password(
        opened.db, opened.settings.secret_key, me(), form.get("old", ""), new, opened.clock()
    )
    if wrong:
        return show("password.html", 400, wrong=f"password_{wrong}")
    return redirect(url_for("console.today"), 303)


@console.get("/me")
@signed_in("rep")
def myself() -> ResponseReturnValue:
    """Her name, places and role, and what she can set."""
    return show("me.html", languages=LANGUAGES)


@console.post("/language")
@signed_in("rep", before_change=True)
def choose_language() -> ResponseReturnValue:
    """The language of her console, from now on and on every machine."""
    chosen = request.form.get("language")
    if chosen in LANGUAGES:
        own.choose_language(house().db, me(), chosen)
        session["language"] = chosen
    return redirect(url_for("console.password" if me().must_change else "console.myself"), 303)

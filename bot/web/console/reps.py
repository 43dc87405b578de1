"""The reps: who helps where, their passwords, and the end of an account."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.console import accounts
from bot.console.accounts import BadAccount, NewRep
from bot.console.scope import RANKS
from bot.messages import Json
from bot.starts.person import BadPerson, mobile
from bot.web.access import signed_in
from bot.web.console.given import Wrong, text
from bot.web.console.guard import me
from bot.web.console.names import my_districts
from bot.web.console.room import console, said, show
from bot.web.house import house
from models.database import reading

MOST_BLOCKS = 20


@console.get("/reps")
@signed_in("admin")
def reps() -> ResponseReturnValue:
    """All of them, those who may do nothing any more at the end."""
    with reading(house().db) as conn:
        found = accounts.everybody(conn)
    return show("reps.html", reps=found)


@console.get("/reps/new")
@signed_in("admin")
def new_rep() -> ResponseReturnValue:
    """Her number, name, role and places."""
    return _form({}, {})


@console.post("/reps/new")
@signed_in("admin")
def add_rep() -> ResponseReturnValue:
    """A new rep, with a password that is shown once; with a known number that rep is changed."""
    wrong: dict[str, str] = {}
    given: Json = {"role": request.form.get("role", ""), "districts": request.form.getlist("district")}
    for name, least in (("phone", 1), ("name", 1), ("blocks", 0)):
        try:
            given[name] = text(name, 60 if least else 400, least=least)
        except Wrong as bad:
            wrong[name] = bad.word
    wrong |= _wrong_choices(given, "phone" in wrong)
    if wrong:
        return _form(given, wrong)
    blocks = tuple(part.strip() for part in given["blocks"].split(",") if part.strip())[:MOST_BLOCKS]
    new = NewRep(given["phone"], given["name"], given["role"], tuple(given["districts"]), blocks)
    try:
        made = accounts.add(house().db, house().talk.lexicon, new, me().id)
    except BadPerson:
        return _form(given, {"blocks": "wrong_too_long"})
    return show("password_once.html", rep=made)


@console.post("/reps/<int:rep_id>/reset")
@signed_in("admin")
def reset_rep(rep_id: int) -> ResponseReturnValue:
    """Another password for once; she is signed out everywhere."""
    opened = house()
    try:
        made = accounts.reset(opened.db, opened.settings.secret_key, _known(rep_id), me().id)
    except BadAccount:
        abort(404)
    return show("password_once.html", rep=made)


@console.post("/reps/<int:rep_id>/disable")
@signed_in("admin")
def disable_rep(rep_id: int) -> ResponseReturnValue:
    """She may do nothing any more. Nobody does that to herself: there would be no admin left."""
    if rep_id == me().id:
        abort(400)
    try:
        accounts.disable(house().db, _known(rep_id), me().id)
    except BadAccount:
        abort(404)
    return redirect(said(url_for("console.reps"), "done"), 303)


def _known(rep_id: int) -> int:
    return rep_id if rep_id < 2**62 else 0


def _wrong_choices(given: Json, no_phone: bool) -> dict[str, str]:
    wrong = {}
    if not no_phone:
        try:
            mobile(given["phone"])
        except BadPerson:
            wrong["phone"] = "wrong_phone"
    if given["role"] not in RANKS:
        wrong["role"] = "wrong_choice"
    known = my_districts(me())
    if any(each not in known for each in given["districts"]):
        wrong["district"] = "wrong_choice"
    elif not given["districts"] and given["role"] != "admin":
        wrong["district"] = "wrong_empty"
    return wrong


def _form(given: Json, wrong: dict[str, str]) -> ResponseReturnValue:
    values: Any = {"given": given, "wrong": wrong, "roles": tuple(RANKS), "districts": my_districts(me())}
    return show("new_rep.html", 400 if wrong else 200, **values)

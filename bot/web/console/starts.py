"""Beginning a flow for one who is new, a sheet of people, or a whole list: shown first, then begun."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.console import people, starting
from bot.console.outlook import outlook
from bot.starts import STARTABLE
from bot.starts.person import CHANNELS, BadPerson, Person, facts, mobile
from bot.starts.sheet import COLUMNS, BadSheet, Line, check, lines
from bot.web.access import signed_in
from bot.web.console.given import Wrong, form_key, text
from bot.web.console.guard import me
from bot.web.console.names import my_districts
from bot.web.console.people import wanted
from bot.web.console.room import console, said, show
from bot.web.house import house
from models.database import reading, writing

FIRST = STARTABLE[0]


@console.get("/people/new")
@signed_in("rep")
def new_person() -> ResponseReturnValue:
    """Her number, and what is known of her."""
    return _new_form({}, {})


@console.post("/people/new")
@signed_in("rep")
def add_person() -> ResponseReturnValue:
    """She is greeted on her number, as if she had written herself; what was given for her is read to her."""
    wrong: dict[str, str] = {}
    given = {name: _taken(name, wrong) for name in ("phone", "name", "village", "district", "channel")}
    try:
        phone = mobile(given["phone"])
    except BadPerson:
        wrong["phone"] = "wrong_phone"
    if given["channel"] not in CHANNELS:
        wrong["channel"] = "wrong_choice"
    if given["district"] and given["district"] not in my_districts(me()):
        wrong["district"] = "wrong_choice"
    if wrong:
        return _new_form(given, wrong)
    known = {"seller_name": given["name"], "village": given["village"], "district": given["district"]}
    her = Person(phone, given["channel"], facts(known, house().talk.lexicon))
    start_id = _prepare(FIRST, [Line(1, her)])
    with writing(house().db) as conn:
        seen = starting.seen(conn, me(), start_id)
        if seen and seen.counts.get("started"):
            starting.begin(conn, me(), start_id, house().clock())
    return redirect(said(url_for("console.start", start_id=start_id), "kept", "new"), 303)


@console.get("/people/import")
@signed_in("rep")
def sheet() -> ResponseReturnValue:
    """A sheet of people."""
    return show("sheet.html", wrong=None, columns=sorted(COLUMNS), key=secrets.token_hex(8))


@console.post("/people/import")
@signed_in("rep")
def read_sheet() -> ResponseReturnValue:
    """What would come of it, line by line; nobody is written to yet."""
    sent = request.files.get("sheet")
    if sent is None or not sent.filename:
        return _sheet_form("wrong_no_file", "")
    with _on_disk(sent.read()) as path:
        try:
            if check(path) > starting.MOST:
                return _sheet_form("wrong_many", "")
            start_id = _prepare(FIRST, lines(path, house().talk.lexicon))
        except BadSheet as bad:
            return _sheet_form("wrong_sheet", str(bad))
    return redirect(url_for("console.start", start_id=start_id), 303)


@console.get("/people/start")
@signed_in("rep")
def start_form() -> ResponseReturnValue:
    """For whom, and what: the people of a list, or one of them by `key`."""
    filtered, key = wanted(), request.args.get("key", "")
    with reading(house().db) as conn:
        her = starting.one(conn, me(), key) if key else None
        if key and her is None:
            abort(404)
        count = 1 if key else people.count(conn, me(), filtered, starting.MOST)
    values: Any = {"filter": filtered, "her": her, "count": count, "flows": STARTABLE}
    return show("start_form.html", **values, most=starting.MOST, form=secrets.token_hex(8))


@console.post("/people/start")
@signed_in("rep")
def prepare_start() -> ResponseReturnValue:
    """All who are meant are written down, to be looked at before anything begins."""
    flow, key = request.form.get("flow"), request.args.get("key") or None
    if flow not in STARTABLE:
        abort(400)
    with reading(house().db) as conn:
        her = starting.one(conn, me(), key) if key else None
        if key and her is None:
            abort(404)
        meant = list(starting.of_one(conn, her) if her else starting.of_people(conn, me(), wanted()))
    if len(meant) > starting.MOST:
        abort(400)
    return redirect(url_for("console.start", start_id=_prepare(flow, meant)), 303)


@console.get("/starts/<int:start_id>")
@signed_in("rep")
def start(start_id: int) -> ResponseReturnValue:
    """What would come of it, or how far it is."""
    opened = house()
    with reading(opened.db) as conn:
        seen = (starting.seen(conn, me(), start_id) if start_id < 2**62 else None) or abort(404)
        ahead = outlook(conn, opened.talk, me(), seen.start, opened.clock())
    return show(
        "start.html",
        seen=seen,
        ahead=ahead,
        our_number=opened.settings.twilio_whatsapp_from.removeprefix("whatsapp:"),
    )


@console.post("/starts/<int:start_id>/begin")
@signed_in("rep")
def begin_start(start_id: int) -> ResponseReturnValue:
    """It begins: from now on they are written to, one after the other."""
    with writing(house().db) as conn:
        if start_id >= 2**62 or not starting.begin(conn, me(), start_id, house().clock()):
            abort(404)
    return redirect(said(url_for("console.start", start_id=start_id), "kept"), 303)


def _prepare(flow: str, meant: Iterable[Line]) -> int:
    return starting.prepare(house().db, me(), flow, form_key(), meant, house().clock())


def _taken(name: str, wrong: dict[str, str]) -> str:
    try:
        return text(name, 60, least=1 if name == "phone" else 0)
    except Wrong as bad:
        wrong[name] = bad.word
        return ""


def _new_form(given: dict[str, str], wrong: dict[str, str]) -> ResponseReturnValue:
    values: Any = {"given": given, "wrong": wrong, "districts": my_districts(me()), "channels": CHANNELS}
    return show("new_person.html", 400 if wrong else 200, **values, key=secrets.token_hex(8))


def _sheet_form(wrong: str, reason: str) -> ResponseReturnValue:
    values: Any = {"wrong": wrong, "reason": reason, "columns": sorted(COLUMNS)}
    return show("sheet.html", 400, **values, key=secrets.token_hex(8))


@contextmanager
def _on_disk(data: bytes) -> Iterator[Path]:
    """The sheet as a file, as it is read everywhere."""
    handle, name = tempfile.mkstemp(suffix=".csv")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        yield Path(name)
    finally:
        Path(name).unlink()

"""The people a rep may see: a list to look somebody up in, and the page of one."""

from __future__ import annotations

from flask import abort, request
from flask.typing import ResponseReturnValue

from bot.console import people as found
from bot.console.people import Filter
from bot.console.person import person as look_at
from bot.web.access import signed_in
from bot.web.console.given import sought
from bot.web.console.guard import me
from bot.web.console.names import answer, my_districts, slot_word
from bot.web.console.room import console, show
from bot.web.house import house
from models.database import reading


def wanted() -> Filter:
    """Whom the address of the page asks for."""
    return Filter(sought("q"), sought("district"), sought("group", 160))


@console.get("/people")
@signed_in("rep")
def people() -> ResponseReturnValue:
    """A page of them; `q` is a name in any script, a village, a group, or figures of a number."""
    opened, filtered = house(), wanted()
    with reading(opened.db) as conn:
        page = found.listed(conn, me(), filtered, request.args.get("after"))
    part = "people_list.html" if "HX-Request" in request.headers else "people.html"
    now = opened.clock()
    return show(part, page=page, filter=filtered, districts=my_districts(me()), now=now)


@console.get("/people/<string(length=32):key>")
@signed_in("rep")
def person(key: str) -> ResponseReturnValue:
    """One person: where she stands, what she agreed to, what she lists, what is to be done."""
    opened = house()
    with reading(opened.db) as conn:
        her = look_at(conn, me(), key)
    if her is None:
        abort(404)
    draft = {slot_word(slot): answer(slot, value, her.draft) for slot, value in her.draft.items()}
    return show("person.html", person=her, her=her.her, draft=draft, now=opened.clock())

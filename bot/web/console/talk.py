"""One talk: read as it stands on her phone, taken over, spoken in, corrected; and practice with her."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import uuid4

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, Row, select

from bot.console import scope
from bot.console.beside import Deed, Kind, Refused, do, reach
from bot.console.conversation import Bubble, bubbles, mark
from bot.engine.given import choices, correctable
from bot.engine.wording import Wording
from bot.hours import INDIA
from bot.messages import Json
from bot.practice import real
from bot.rep_visits import LONGEST, quick_replies
from bot.web.access import signed_in
from bot.web.console.guard import me
from bot.web.console.names import why
from bot.web.console.names import wording as of_the_page
from bot.web.console.room import console, show
from bot.web.console.signed import picture, stored
from bot.web.console.words import t
from bot.web.house import house
from models import Conversation
from models.database import reading

TALK = "/talk/<key>"
MARK = re.compile(r"[0-9a-f]{32}")
LARGEST = 2**63 - 1
MOST_NEW = 60
"""Messages that one look brings; who was away longer opens the page anew."""


@console.get(TALK)
@signed_in("rep")
def talk(key: str) -> ResponseReturnValue:
    """The newest page of it, or with `before` an older one."""
    return _page(key)


@console.get(f"{TALK}/live")
@signed_in("rep")
def live(key: str) -> ResponseReturnValue:
    """What has come since the message `after`, and the newest ticks; 304 while nothing has changed."""
    opened = house()
    with reading(opened.db) as conn:
        person = _person(conn, key)
        tag = mark(conn, person.id)
        answer = Response(mimetype="text/html")
        answer.set_etag(tag)
        if tag in request.if_none_match:
            return answer.make_conditional(request)
        values = _values(conn, person, after=_number("after"), tag=tag)
    answer = show("talk_live.html", **values)
    answer.set_etag(tag)
    return answer


@console.post(f"{TALK}/take-over")
@signed_in("rep")
def take_over(key: str) -> ResponseReturnValue:
    """From now on the rep talks with her, and the bot is silent."""
    return _do(key, "take_over")


@console.post(f"{TALK}/hand-back")
@signed_in("rep")
def hand_back(key: str) -> ResponseReturnValue:
    """The bot talks again."""
    return _do(key, "hand_back")


@console.post(f"{TALK}/say")
@signed_in("rep")
def say(key: str) -> ResponseReturnValue:
    """Words of the rep's own, or a ready answer by its name."""
    quick = request.form.get("quick") or None
    return _do(key, "rep_says", quick, "" if quick else request.form.get("text", ""))


@console.post(f"{TALK}/correct")
@signed_in("rep")
def correct(key: str) -> ResponseReturnValue:
    """Another value of one slot."""
    return _do(key, "correction", request.form.get("slot", ""), request.form.get("value", ""))


@console.post(f"{TALK}/practice")
@signed_in("rep")
def practise(key: str) -> ResponseReturnValue:
    """Begin a talk for practice with her, or end it."""
    return _do(key, "practice", "end" if request.form.get("end") else "begin")


def _do(key: str, kind: Kind, slot: str | None = None, text: str = "") -> ResponseReturnValue:
    opened = house()
    with reading(opened.db) as conn:
        person = _person(conn, key)
    given = request.form.get("mark", "")
    deed = Deed(kind, given if MARK.fullmatch(given) else uuid4().hex, slot and slot[:64], _clean(text))
    refused = do(opened.db, opened.talk, me(), person.id, deed, opened.clock())
    if refused:
        return _page(key, 409, refused=refused)
    return redirect(url_for("console.talk", key=key, done=kind), 303)


def _clean(text: str) -> str:
    """Lines are kept, other control characters are not; what is too long stays so, to be refused."""
    lines = text[: LONGEST + 1].replace("\r\n", "\n").split("\n")
    return "\n".join("".join(each for each in line if each.isprintable()) for line in lines).strip()


def _page(key: str, status: int = 200, refused: Refused | None = None) -> Response:
    opened = house()
    with reading(opened.db) as conn:
        person = _person(conn, key)
        values = _values(conn, person, before=_number("before"), tag=mark(conn, person.id))
    done = request.args.get("done")
    return show(
        "talk.html",
        status,
        **values,
        refused=why(refused.reason, refused.text) if refused else None,
        form=request.form,
        done=done if done in DONE else None,
    )


DONE = ("take_over", "hand_back", "rep_says", "correction", "practice")


def _person(conn: Connection, key: str) -> Row[Any]:
    found = scope.person(conn, me(), key) if len(key) <= 32 else None
    return found or abort(404)


def _values(
    conn: Connection, person: Row[Any], *, tag: str, before: int | None = None, after: int | None = None
) -> dict[str, Any]:
    """What the page and the look at what is new have in common."""
    opened = house()
    state = conn.scalar(select(Conversation.state).where(Conversation.seller_id == person.id)) or {}
    wording = of_the_page()
    if after is not None:
        # The last ones come again: their ticks may have changed.
        found, older = bubbles(conn, person.id, wording, size=MOST_NEW)
        found = [each for place, each in enumerate(found) if each.id > after or place >= len(found) - 15]
    else:
        found, older = bubbles(conn, person.id, wording, before=before)
    way, until = reach(conn, person.id, opened.clock())
    return {
        "person": person,
        "messages": [(each, picture(conn, each.image)) for each in found],
        "older": older,
        "newest": before is None,
        "tag": tag,
        "stands": _stands(state, wording),
        "reach": way,
        "until": _until(until) if until else None,
        "mode": _mode(state, way),
        "mark": uuid4().hex,
        "quick": _quick(state),
        "correctable": _correctable(state, wording),
        "stored": stored,
        "clock_time": clock_time,
        "day": day,
        "longest": LONGEST,
        "last": found[-1].id if found else 0,
    }


def _stands(state: Json, wording: Wording) -> Json:
    """Who talks with her, and what was asked last."""
    asks = real(state).get("asks") if state else None
    return {
        "taken_over": state.get("taken_over"),
        "mine": (state.get("taken_over") or {}).get("by") == me().stamp,
        "practice": bool(state.get("practice")),
        "asks": wording.slot_name(asks) if asks else None,
    }


def _mode(state: Json, way: str) -> str:
    """What of the page hangs on the state: when it changes, the forms on the page are of yesterday."""
    taken = (state.get("taken_over") or {}).get("by", "")
    return f"{way} {taken} {bool(state.get('practice'))}"


def _quick(state: Json) -> list[tuple[str, str]]:
    """The ready answers, in the words that she will read."""
    opened = house()
    wording = opened.talk.library.wording((state.get("slots") or {}).get("language"))
    return [(name, wording.say(name, {}).text) for name in quick_replies(opened.talk)]


def _correctable(state: Json, wording: Wording) -> dict[str, Json]:
    """By slot: its name, what it holds, and its choices, if these are few."""
    if not state or state.get("practice"):
        return {}
    library, slots = house().talk.library, state["slots"]
    return {
        slot: {
            "label": wording.slot_name(slot),
            "value": slots.get(slot),
            "said": wording.value(slot, slots.get(slot), slots),
            "choices": [(each, wording.value(slot, each, slots)) for each in choices(library, slot)],
        }
        for slot in correctable(library, state)
    }


def _until(at: datetime) -> str:
    """A moment of today or tomorrow."""
    today = house().clock().astimezone(INDIA).date()
    return clock_time(at) if at.astimezone(INDIA).date() == today else f"{t('tomorrow')} {clock_time(at)}"


def clock_time(at: datetime) -> str:
    """The time of day where the sellers live."""
    return at.astimezone(INDIA).strftime("%H:%M")


def day(bubble: Bubble) -> str:
    """The day of a message there."""
    return bubble.at.astimezone(INDIA).strftime("%d.%m.%Y")


def _number(name: str) -> int | None:
    given = request.args.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None

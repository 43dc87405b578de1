"""The desk: the next voice note for this rep, its question, and a line for its words."""

from __future__ import annotations

from hashlib import sha256

from flask import Response, abort, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from bot.console import audit
from bot.console.notes import hers, speaker
from bot.desk import queue
from bot.desk.meaning import Meaning, meaning
from bot.desk.note import Note
from bot.desk.suggestions import suggestions
from bot.tasks.workshop import Workshop
from bot.web.access import signed_in
from bot.web.console.guard import me
from bot.web.console.names import slot_word, wording
from bot.web.console.room import console, show
from bot.web.console.signed import stored
from bot.web.console.words import t
from bot.web.house import house
from models.database import reading, writing

NOTE = f"/desk/<int(max={2**63 - 1}):number>"
MOST_SKIPPED = 50
"""Notes that she has put aside are remembered in her cookie, which is small."""


@console.get("/desk")
@signed_in("rep")
def desk() -> ResponseReturnValue:
    """The note in her hand, or how many wait. Looking takes none."""
    return _page()


@console.post("/desk/next")
@signed_in("rep")
def next_note() -> ResponseReturnValue:
    """The note that waits longest is hers for a while."""
    _claim()
    return redirect(url_for("console.desk"), 303)


@console.post(f"{NOTE}/words")
@signed_in("rep")
def words(number: int) -> ResponseReturnValue:
    """What she says in it; then the next one. Numbers must have been seen as the bot reads them."""
    key = _key(number)
    opened, text, claim = house(), request.form.get("text", ""), request.form.get("claim", "")
    try:
        understood = _understood(number, text)
        if understood and understood.amounts and request.form.get("seen") != _digest(text):
            return _page(409, wrong="look_again", text=text)
        queue.submit(_shop(), number, claim, _line(text))
    except queue.Refused:
        return _page(409, wrong="desk_refused", text=text)
    except queue.WrongClaim as wrong:
        return _page(409, wrong=f"claim_{wrong.reason}", text=text)
    with writing(opened.db) as conn:
        now = opened.clock()
        audit.record(conn, me().id, "note_written", now, seller_id=key, about=f"media:{number}")
    _claim()
    return redirect(url_for("console.desk", done=number), 303)


@console.post(f"{NOTE}/cannot-hear")
@signed_in("rep")
def cannot_hear(number: int) -> ResponseReturnValue:
    """Nobody can make it out; she is asked to say it again."""
    key = _key(number)
    opened = house()
    try:
        queue.cannot_hear(_shop(), number, request.form.get("claim", ""))
    except queue.WrongClaim as wrong:
        return _page(409, wrong=f"claim_{wrong.reason}")
    with writing(opened.db) as conn:
        now = opened.clock()
        audit.record(conn, me().id, "note_unheard", now, seller_id=key, about=f"media:{number}")
    _claim()
    return redirect(url_for("console.desk", done=number), 303)


@console.post(f"{NOTE}/skip")
@signed_in("rep")
def skip(number: int) -> ResponseReturnValue:
    """Somebody else may have it; it is not offered to her again in this session."""
    _key(number)
    try:
        queue.release(house().db, number, request.form.get("claim", ""))
    except queue.WrongClaim as wrong:
        return _page(409, wrong=f"claim_{wrong.reason}")
    session["skipped"] = [*_skipped(), number][-MOST_SKIPPED:]
    _claim()
    return redirect(url_for("console.desk"), 303)


@console.post(f"{NOTE}/renew")
@signed_in("rep")
def renew(number: int) -> ResponseReturnValue:
    """The page is still open: it stays hers. 409 when somebody else has it now."""
    _key(number)
    opened = house()
    try:
        queue.renew(opened.db, opened.clock(), number, request.form.get("claim", ""))
    except queue.WrongClaim as wrong:
        return {"wrong": t(_word(f"claim_{wrong.reason}"))}, 409
    return {"wrong": None}


@console.post(f"{NOTE}/heard")
@signed_in("rep")
def heard(number: int) -> ResponseReturnValue:
    """While she types: what the bot would understand, and words that she may be typing."""
    _key(number)
    text = request.form.get("text", "")[: queue.LONGEST_TEXT]
    note = _in_hand()
    if note is None or note.id != number:
        return "", 204
    near = suggestions(text, note.language, house().talk.lexicon)
    return show("desk_heard.html", understood=_understood(number, text), seen=_digest(text), near=near)


def _page(status: int = 200, wrong: str | None = None, text: str = "") -> Response:
    opened, who = house(), me()
    note = _in_hand()
    with reading(opened.db) as conn:
        waits = queue.waiting(conn, opened.clock(), hers(who))
        her = speaker(conn, who, note.id) if note else None
    return show(
        "desk.html",
        status,
        note=note,
        her=her,
        waits=waits,
        wrong=_word(wrong) if wrong else None,
        text=text[: queue.LONGEST_TEXT],
        understood=_understood(note.id, text) if note and text else None,
        seen=_digest(text),
        near=[],
        sound=stored(note.audio) if note else None,
        expects=[slot_word(slot) for slot in note.expects] if note else [],
        longest=queue.LONGEST_TEXT,
        stored=stored,
        done=request.args.get("done", "") if request.args.get("done", "").isdigit() else "",
    )


def _word(wrong: str) -> str:
    known = ("look_again", "desk_refused", "claim_claimed_again", "claim_closed")
    return wrong if wrong in known else "claim_other"


def _key(number: int) -> int:
    """Whose note it is; 404 for one that is not for this rep."""
    with reading(house().db) as conn:
        her = speaker(conn, me(), number)
    return int(her.id) if her else abort(404)


def _in_hand() -> Note | None:
    opened, who = house(), me()
    with reading(opened.db) as conn:
        return queue.in_hand(conn, opened.clock(), who.stamp, hers(who))


def _claim() -> None:
    """The next one, unless she has one in hand."""
    opened, who = house(), me()
    if _in_hand() is None:
        queue.claim(opened.db, opened.clock(), who.stamp, besides=_skipped(), only=hers(who))


def _skipped() -> list[int]:
    return [each for each in session.get("skipped", ()) if isinstance(each, int)]


def _understood(number: int, text: str) -> Meaning | None:
    """What the bot would make of it; None for nothing."""
    note = _in_hand()
    if note is None or note.id != number or not text.strip():
        return None
    return meaning(_line(text)[: queue.LONGEST_TEXT], note, house().talk, wording())


def _line(text: str) -> str:
    """Lines are only for the eye; she has said one thing."""
    return " ".join(text.split())


def _digest(text: str) -> str:
    return sha256(_line(text).encode()).hexdigest()[:16]


def _shop() -> Workshop:
    opened = house()
    channels = dict(opened.channels)
    return Workshop(opened.db, opened.settings, opened.store, channels, opened.talk, opened.clock)

"""A letter did not arrive: the next step, once; an approved template, one SMS, or a rep who calls.

Every step is a row of the outbox that names the first one in `after`. What was done with a letter stands in
its own body as `next`, written under its lock: reports may come in any order and as often as they like.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from bot import jobs, limits
from bot.channels.send_errors import send_errors
from bot.channels.ways import Reach, Way, inside, on_whatsapp, opener_of, way
from bot.hours import by_day, may_write
from bot.messages import OURS, Json
from bot.tasks import opt_out, other_form, outbox
from bot.tasks.outbox import Letter
from bot.tasks.workshop import Workshop
from models import Address, Conversation, Message, RepTask
from models.database import writing

TASK, SILENCE, GIVEN_UP = "next_step", "silence", "given_up"
ARRIVED = ("delivered", "read")
_message, _address, _conversation = Message.__table__, Address.__table__, Conversation.__table__
_rep_task = RepTask.__table__


def put(conn: Connection, message_id: int, seller_id: int, code: str, now: datetime) -> None:
    """This letter was refused or has failed: its next step is a job, in the caller's transaction."""
    payload = {"message_id": message_id, "code": code}
    key, name = f"seller:{seller_id}", f"{TASK}:{message_id}"
    jobs.put(conn, TASK, payload, now=now, key=key, unique_key=name)


def look_after(conn: Connection, letter: Letter, now: datetime) -> None:
    """It was sent, and nobody waits for it: after a set time without a delivery it goes another way."""
    wait = send_errors().silence.get(str(letter.body.get("class")))
    if wait:
        payload = {"message_id": letter.id, "code": SILENCE}
        jobs.put(conn, TASK, payload, now=now, run_at=now + wait, unique_key=f"{SILENCE}:{letter.id}")


def needless(conn: Connection, letter: Letter) -> bool:
    """Has the first letter arrived after all, or its address been stopped, before this step left?"""
    first = outbox.load(conn, letter.body["after"]) if letter.body.get("after") else None
    return first is not None and (first.stopped or first.status in ARRIVED)


def run(shop: Workshop, job: jobs.Job) -> None:
    """Take the step; what nobody asked for goes by day."""
    now, message_id, code = shop.clock(), job.payload["message_id"], str(job.payload["code"])
    with writing(shop.db) as conn:
        letter = _locked(conn, message_id)
        again_at = None
        if letter and "next" not in letter.body and not (code == SILENCE and letter.status != "sent"):
            if letter.unasked and not may_write(now):
                again_at = by_day(now, letter.seller_id)
            else:
                _move(shop, conn, letter, code, now)
        jobs.finish(conn, job)
        if again_at:
            # Without the seller's key: her answers do not wait for the morning.
            name = f"morning:{message_id}"
            jobs.put(conn, TASK, job.payload, now=now, run_at=again_at, unique_key=name)


def given_up(shop: Workshop, message_id: int) -> bool:
    """Its own job is dead: a rep calls, unless it went on or arrived. Answers whether anything changed."""
    with writing(shop.db) as conn:
        letter = _locked(conn, message_id)
        if letter is None or "next" in letter.body or letter.status in ARRIVED:
            return False
        _move(shop, conn, letter, GIVEN_UP, shop.clock())
        return True


def _locked(conn: Connection, message_id: int) -> Letter | None:
    """The letter, under its lock; the talk before it, as a turn locks."""
    whose = select(_message.c.seller_id).where(_message.c.id == message_id).scalar_subquery()
    talk = select(_conversation.c.seller_id).where(_conversation.c.seller_id == whose)
    conn.execute(talk.with_for_update()).first()
    conn.execute(select(_message.c.id).where(_message.c.id == message_id).with_for_update())
    return outbox.load(conn, message_id)


def _move(shop: Workshop, conn: Connection, letter: Letter, code: str, now: datetime) -> None:
    meant = send_errors().next(code)
    if meant == "stop":
        opt_out.stop(conn, letter.channel, letter.address, now)
    why: Json = {"why": code}
    if meant == "stop" or letter.stopped or letter.body.get("after_stop"):
        _moved(conn, letter, why | {"step": "stopped"})
    elif letter.kind == "voice":  # its words stand in the next bubble
        _moved(conn, letter, why | {"step": "written"})
    elif wrote_after(conn, letter):
        _moved(conn, letter, why | {"step": "went_on"})
    else:
        _take_step(shop, conn, letter, meant, why, now)
    if meant == "not_on_whatsapp" and letter.channel == "whatsapp" and code != meant:
        # Last, for a turn locks the talk before the address.
        _set_address(conn, letter, not_on_whatsapp_at=now)


def _take_step(
    shop: Workshop, conn: Connection, letter: Letter, meant: str, why: Json, now: datetime
) -> None:
    """The first way that is left, and the row for it."""
    if meant == "rep":  # nothing has to be worded for that: it may be what another try died of
        _moved(conn, letter, why | {"step": "rep"})
        return _ask_rep(conn, letter, str(why["why"]), now)
    opener = opener_of(letter.body.get("class"), str(letter.body.get("utter")))
    template = other_form.template(conn, shop, letter, opener) if opener else None
    phone = _sms_address(conn, shop, letter)
    there = on_whatsapp(letter.not_there_at, letter.heard_at) and meant != "not_on_whatsapp"
    reach = Reach(inside(letter.heard_at, now), there, template is not None, phone is not None)
    chosen = way(reach, _tried(letter, meant))
    if chosen == "rep" or (phone is None and template is None):
        _moved(conn, letter, why | {"step": "rep"})
        return _ask_rep(conn, letter, str(why["why"]), now)
    by_template = chosen == "template" and template is not None
    form = template if by_template else other_form.by_sms(shop, letter, opener, _is_last(conn, letter))
    assert form is not None
    if beside := _said_already(conn, letter, form["utter"]):
        return _moved(conn, letter, why | {"step": "beside", "message": beside})
    body = form | {"image": None, "audio": None, "after": letter.body.get("after", letter.id), "step": chosen}
    body |= {name: letter.body[name] for name in ("class", "args") if name in letter.body}
    to = ("whatsapp", letter.address) if by_template else ("sms", phone)
    at = _counted(conn, shop, letter.seller_id, to[0], now)
    if at is None:
        _moved(conn, letter, why | {"step": "rep", "over_limit": to[0]})
        return _ask_rep(conn, letter, str(why["why"]), now)
    message_id = _queue(conn, letter, to, body, now, at)
    _moved(conn, letter, why | {"step": chosen, "message": message_id, "utter": form["utter"]})
    if form["utter"] != letter.body.get("utter"):
        # Her talk's question was not said: a bare 1 or yes that comes next is no answer to it.
        _keep_in_mind(conn, letter.seller_id, "left_out")
    return None


def _counted(
    conn: Connection, shop: Workshop, seller_id: int, channel: str, now: datetime
) -> datetime | None:
    """When this step may leave: counted as what any turn says to her. None: her day has no room for it."""
    hers = _conversation.c.seller_id == seller_id
    row = conn.execute(select(_conversation).where(hers).with_for_update()).first()
    if row is None:
        return now
    state = dict(row.state)
    if not limits.room(state, shop.settings, channel, now):
        return None
    [at] = limits.goes_out(state, shop.settings, channel, 1, now)
    conn.execute(update(_conversation).where(hers).values(state=state, revision=row.revision + 1))
    return at


def _tried(letter: Letter, meant: str) -> set[Way]:
    if letter.channel == "sms":
        return {"free", "template", "sms"}
    if meant == "window_closed" and not letter.body.get("template"):
        return {"free"}
    return {"free", "template"}


def _queue(
    conn: Connection, letter: Letter, to: tuple[str, str | None], body: Json, now: datetime, at: datetime
) -> int:
    row = {
        "seller_id": letter.seller_id,
        "direction": "out",
        "channel": to[0],
        "address": to[1],
        "kind": "text",
        "body": body,
        "status": "queued",
        "created_at": now,
    }
    message_id = int(conn.execute(insert(_message).values(row).returning(_message.c.id)).scalar_one())
    key = f"seller:{letter.seller_id}"
    jobs.put(conn, "send_message", {"message_id": message_id}, now=now, run_at=at, key=key)
    return message_id


def _moved(conn: Connection, letter: Letter, what: Json) -> None:
    body = letter.body | {"next": what}
    conn.execute(update(_message).where(_message.c.id == letter.id).values(body=body))


def _set_address(conn: Connection, letter: Letter, **values: Any) -> None:
    here = (_address.c.channel == letter.channel, _address.c.address == letter.address)
    conn.execute(update(_address).where(*here).values(**values))


def wrote_after(conn: Connection, letter: Letter) -> bool:
    """Her own word since then shows that the talk goes on: an old question would only confuse it."""
    hers = (_message.c.seller_id == letter.seller_id, _message.c.direction == "in")
    since = (_message.c.id > letter.body.get("after", letter.id), _message.c.kind.not_in(OURS))
    return conn.execute(select(_message.c.id).where(*hers, *since).limit(1)).first() is not None


def _is_last(conn: Connection, letter: Letter) -> bool:
    """Is it the last that the talk said? Only then are its choices those of the open question."""
    ours = (_message.c.seller_id == letter.seller_id, _message.c.direction == "out")
    later = conn.scalars(select(_message.c.body).where(*ours, _message.c.id > letter.id))
    return all("after" in body for body in later)


def _said_already(conn: Connection, letter: Letter, utter: str) -> int | None:
    """The row in which a bubble of the same turn already says this."""
    ours = (_message.c.seller_id == letter.seller_id, _message.c.direction == "out")
    same = (_message.c.created_at == letter.created_at, _message.c.id != letter.id)
    for body in conn.scalars(select(_message.c.body).where(*ours, *same)):
        done = body.get("next") or {}
        if done.get("utter") == utter:
            return int(done["message"])
    return None


def _sms_address(conn: Connection, shop: Workshop, letter: Letter) -> str | None:
    """Her number as SMS writes it, if SMS can be sent and she has not stopped it."""
    if letter.channel != "whatsapp" or not shop.settings.sends_sms:
        return None
    number = letter.address.rpartition(":")[2]
    hers = (_address.c.seller_id == letter.seller_id, _address.c.channel == "sms")
    known = conn.execute(select(_address.c.address, _address.c.stopped_at).where(*hers)).all()
    stopped = {row.address for row in known if row.stopped_at}
    wanted = [number] if number.startswith("+") else []
    return next((each for each in [*wanted, *(row.address for row in known)] if each not in stopped), None)


def _ask_rep(conn: Connection, letter: Letter, code: str, now: datetime) -> None:
    """A rep calls her: one open task a seller, however many letters did not arrive."""
    hers = (_rep_task.c.seller_id == letter.seller_id, _rep_task.c.kind == "unreached")
    if conn.execute(select(_rep_task.c.id).where(*hers, _rep_task.c.done_at.is_(None))).first():
        return
    detail = {"message_id": letter.body.get("after", letter.id), "code": code}
    detail["reason"] = send_errors().means(code)
    row = {"seller_id": letter.seller_id, "kind": "unreached", "detail": detail, "created_at": now}
    conn.execute(insert(_rep_task).values(row))
    _keep_in_mind(conn, letter.seller_id, "unreached")


def _keep_in_mind(conn: Connection, seller_id: int, what: str) -> None:
    """Her next message is to know of it: a word in her talk's state, which costs that turn no statement."""
    hers = _conversation.c.seller_id == seller_id
    row = conn.execute(select(_conversation).where(hers).with_for_update()).first()
    if row:
        new = {"state": row.state | {what: True}, "revision": row.revision + 1}
        conn.execute(update(_conversation).where(hers).values(new))

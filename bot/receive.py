"""The one door: a message comes in, and in one transaction the talk takes its turn.

The turn is thought out before the transaction, on the talk as it was read, so that nobody waits for it; the
transaction begins by making sure that the talk still stands there, otherwise the turn is thought out anew.
The message, the new state, what happened, what goes out and the jobs are rows of that transaction: a crash
leaves all of it or nothing, and a message that comes twice changes nothing the second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy import Connection, Engine, bindparam, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from bot import limits, metrics, shared_phones, speaking, tombstones
from bot.brake import Brake
from bot.engine.listening import CALL
from bot.joining import Joining
from bot.known import Known, Recent
from bot.messages import BY_REP, OURS, Inbound, Json
from bot.nudging import Nudging
from bot.people import new_number
from bot.practising import Practising
from bot.rep_visits import RepVisit
from bot.talk import Talk
from bot.turn_rows import Overtaken, TurnRows
from bot.visit import Visit
from models import Address, Conversation, Message, Seller
from models.database import looking, writing_on

__all__ = ["Received", "Talk", "receive"]

log = structlog.get_logger(__name__)
_address, _seller = Address.__table__, Seller.__table__
_conversation, _message = Conversation.__table__, Message.__table__

_FIND = select(
    _seller.c.id.label("seller_id"),
    _seller.c.key,
    _address.c.stopped_at,
    _conversation.c.state,
    _conversation.c.revision,
    _conversation.c.updated_at,
    _conversation.c.last_inbound_at,
).select_from(_address.join(_seller).join(_conversation, _conversation.c.seller_id == _seller.c.id))
_SAME_CHANNEL = _address.c.channel == bindparam("channel")
_BY_ADDRESS = _FIND.where(_SAME_CHANNEL, _address.c.address == bindparam("address"))
_BY_USER = _FIND.where(_SAME_CHANNEL, _address.c.user_id == bindparam("user_id"))
_BY_NUMBER = (
    _FIND.where(tuple_(_address.c.channel, _address.c.address).in_(bindparam("ways", expanding=True)))
    .order_by(_address.c.id)
    .limit(1)
)
_NEW_SELLER = insert(_seller).returning(_seller.c.id)
_NEW_CONVERSATION = insert(_conversation)
_IN = {
    "sqlite": sqlite.insert(_message).on_conflict_do_nothing().returning(_message.c.id),
    "postgresql": postgresql.insert(_message).on_conflict_do_nothing().returning(_message.c.id),
}
_TAKEN_UP = (
    update(_message)
    .where(_message.c.id == bindparam("held"), _message.c.status == "held")
    .values(status=bindparam("new_status"), body=bindparam("new_body"), events=bindparam("new_events"))
)
_NEW_ADDRESS = {
    "sqlite": sqlite.insert(_address).on_conflict_do_nothing().returning(_address.c.id),
    "postgresql": postgresql.insert(_address).on_conflict_do_nothing().returning(_address.c.id),
}


MOST_TRIES = 20
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When somebody last wrote who was written to before she ever wrote."""
VISITS: dict[str, type[Visit]] = {"nudge": Nudging, "joined": Joining, **dict.fromkeys(BY_REP, RepVisit)}
"""Kinds that are thought out in their own way, and that may come to nothing."""
_recent: WeakKeyDictionary[Engine, Recent] = WeakKeyDictionary()
_brakes: WeakKeyDictionary[Engine, Brake] = WeakKeyDictionary()


class _Repeat(Exception):
    """This message had come before: what was begun for it, a new seller even, is taken back."""


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a message. `repeat`: it had come before, and nothing was changed.

    `seller_id` is None for a repeat of somebody who was forgotten meanwhile. `again_at`: the message waits, a
    limit was reached, and then is the time to take it up.
    """

    seller_id: int | None
    message_id: int | None
    repeat: bool
    events: Sequence[Json] = ()
    again_at: datetime | None = None


def receive(
    db: Engine,
    talk: Talk,
    inbound: Inbound,
    now: datetime,
    language: str | None = None,
    held: int | None = None,
) -> Received:
    """Take one message through the door. Raises only what the database raises: then nothing has happened.

    `language`, if the caller knows it, is that of a seller who has not chosen one yet. `held` is the row of a
    message that came before and had to wait; if it must wait on, nothing is written.
    """
    recent = _recent.get(db) or _recent.setdefault(db, Recent())
    if inbound.kind in VISITS or held is not None:
        # What may come to nothing is decided on the talk as it is, for no write would show it to be older.
        recent.forget(inbound.channel, inbound.address)
    with db.connect() as conn:
        for _ in range(MOST_TRIES):
            visit = _think(conn, talk, inbound, now, language, recent, held)
            if held is not None and visit.waits:
                return _waits_on(visit, held)
            if _about_nobody(visit):
                # A rep hears that there is nobody; of others nothing is told.
                return Received(None, None, False, visit.events if inbound.kind in BY_REP else ())
            if visit.comes_to_nothing:
                return Received(visit.known.seller_id, None, False, visit.events)
            recent.forget(inbound.channel, inbound.address)
            try:
                received = _write(conn, visit)
            except Overtaken:
                continue
            except _Repeat:
                return Received(visit.known.seller_id, None, True)
            if received.seller_id is not None and _is_the_speaker(visit):
                recent.put(inbound.channel, inbound.address, visit.known_now(received.seller_id))
            if visit.waits:
                _alarm(visit)
            return received
    raise Overtaken(f"{MOST_TRIES} other messages of this seller came first")


def _about_nobody(visit: Visit) -> bool:
    """Only a start may be the first of a talk; what else is ours comes too late for somebody who is gone."""
    known, inbound = visit.known, visit.inbound
    late = inbound.kind != "start" or known.stopped_at or inbound.seller_id
    return inbound.kind in OURS and known.seller_id is None and bool(late)


def _think(
    conn: Connection,
    talk: Talk,
    inbound: Inbound,
    now: datetime,
    language: str | None,
    recent: Recent,
    held: int | None,
) -> Visit:
    """The turn on the talk as it stands now; nothing is written."""
    brake = _brakes.get(conn.engine) or _brakes.setdefault(conn.engine, Brake())
    with looking(conn):
        known = recent.get(inbound.channel, inbound.address)
        if known is None or inbound.seller_id not in (None, known.seller_id):
            known = _known(conn, talk, inbound, now)
        if inbound.kind == "start" and known.seller_id is None:
            known = replace(known, last_inbound_at=NEVER)
        if language:
            known.state["slots"].setdefault("language", language)
        usual = Practising if known.state.get("practice") else Visit
        visit = VISITS.get(inbound.kind, usual)(
            talk, inbound, now, known, held, braked=brake.look(conn, talk.settings, now)
        )
        return speaking.thought_out(conn, visit)


def _is_the_speaker(visit: Visit) -> bool:
    """Is the next message from here hers too? What was for one of several tells nothing of it."""
    return visit.goes_on and (visit.inbound.seller_id is None or "shared" not in visit.state)


def _waits_on(visit: Visit, held: int) -> Received:
    seller_id = visit.known.seller_id or 0
    return Received(seller_id, held, False, again_at=limits.calm_at(visit.limit, visit.now, seller_id))


def _alarm(visit: Visit) -> None:
    """Operators hear of every message that waits, in numbers, and of the first of a flood in words."""
    metrics.HELD.labels(visit.limit or "queue").inc()
    if visit.events:
        inbound = visit.inbound
        log.warning("flood", limit=visit.limit, channel=inbound.channel, address=inbound.address)


def _known(conn: Connection, talk: Talk, inbound: Inbound, now: datetime) -> Known:
    """Who writes: by her address, else by the provider's id of a person who hides or changed her number.

    Whoever calls or writes from a number that is known by another way is the same person.
    """
    if inbound.seller_id is not None:
        return shared_phones.known(conn, inbound.seller_id, inbound) or Known.stranger(now)
    row = conn.execute(_BY_ADDRESS, {"channel": inbound.channel, "address": inbound.address}).first()
    if row:
        return Known(*row)
    if inbound.user_id:
        row = conn.execute(_BY_USER, {"channel": inbound.channel, "user_id": inbound.user_id}).first()
        if row:
            return Known(*row, new_address=True, moved=True)
    number = inbound.address.rpartition(":")[2]
    if number.startswith("+"):
        ways = [("whatsapp", f"whatsapp:{number}"), ("sms", number), (CALL, number)]
        row = conn.execute(_BY_NUMBER, {"ways": ways}).first()
    if row:
        return Known(*row, new_address=True)
    erased = tombstones.among(conn, talk.settings.secret_key, [inbound.address])
    stopped_at = erased.get(inbound.address)
    if erased and inbound.kind == "start":
        stopped_at = now  # who was erased is not written to before she writes herself
    return replace(Known.stranger(now), stopped_at=stopped_at)


def _write(conn: Connection, visit: Visit) -> Received:
    """The one transaction; Overtaken when another message of hers was written since the talk was read.

    _Repeat when this one was written before.
    """
    with writing_on(conn):
        seller_id = visit.known.seller_id or _make(conn, visit)
        if isinstance(visit, speaking.Entering):
            visit.taking.write(conn, seller_id, visit.now, new=visit.known.seller_id is None)
        rows = TurnRows(conn, visit, seller_id)
        rows.save_state()
        inbound, secret = visit.inbound, visit.talk.settings.secret_key
        if visit.known.moved:
            new_number.move(conn, seller_id, inbound, secret, visit.now)
        elif visit.known.new_address:
            _write_address(conn, seller_id, inbound, visit.now, inbound.user_id, visit.known.stopped_at)
        message_id = _store(conn, seller_id, visit)
        if message_id is None:
            raise _Repeat
        rows.write(message_id)
    return Received(seller_id, message_id, False, visit.events)


def _make(conn: Connection, visit: Visit) -> int:
    """A stranger becomes a seller; Overtaken when another process met her first, in the same moment."""
    inbound, now = visit.inbound, visit.now
    seller = {"key": visit.known.key, "language": "hi", "created_at": now}
    seller_id: int = conn.execute(_NEW_SELLER, seller).scalar_one()
    if not isinstance(visit, speaking.Entering):  # she comes in on a phone that is known
        _write_address(conn, seller_id, inbound, now, inbound.user_id, visit.known.stopped_at)
    tombstones.lift(conn, visit.talk.settings.secret_key, inbound.address)
    start = {"seller_id": seller_id, "state": visit.known.state, "revision": 0}
    conn.execute(_NEW_CONVERSATION, start | {"updated_at": now, "last_inbound_at": visit.heard_at})
    return seller_id


def _write_address(
    conn: Connection,
    seller_id: int,
    inbound: Inbound,
    now: datetime,
    user_id: str | None,
    stopped_at: datetime | None = None,
) -> None:
    address = {
        "seller_id": seller_id,
        "channel": inbound.channel,
        "address": inbound.address,
        "user_id": user_id,
        "stopped_at": stopped_at,
        "created_at": now,
    }
    if conn.execute(_NEW_ADDRESS[conn.dialect.name], address).first() is None:
        raise Overtaken("this address is known by now")


def _store(conn: Connection, seller_id: int, visit: Visit) -> int | None:
    """The id of the message row, new or taken up; None if this message was worked on already."""
    inbound = visit.inbound
    body: Json = {"text": inbound.text} | ({"by": inbound.by} if inbound.by else {})
    if visit.known.state.get("practice") or inbound.kind == "practice":
        body["practice"] = True
    if visit.known.state.get("taken_over") and inbound.kind not in OURS:
        body["to_rep"] = True
    if inbound.payload:
        body["payload"] = inbound.payload
    if inbound.location:
        body["location"] = list(inbound.location)
    if inbound.media_ids:
        body["media"] = list(inbound.media_ids)
    if visit.held is not None:
        if visit.put_aside and inbound.media:
            body["attachments"] = [asdict(item) for item in inbound.media]
        taken = {"held": visit.held, "new_body": body, "new_events": list(visit.events)}
        taken["new_status"] = visit.status
        return visit.held if conn.execute(_TAKEN_UP, taken).rowcount else None
    if visit.put_aside and inbound.media:
        body["attachments"] = [asdict(item) for item in inbound.media]
    values = {
        "seller_id": seller_id,
        "direction": "in",
        "channel": inbound.channel,
        "address": inbound.address,
        "provider_id": inbound.provider_id,
        "kind": inbound.kind,
        "body": {} if visit.refused else body,
        "events": None if visit.refused else list(visit.events),
        "status": visit.status,
        "created_at": visit.now,
    }
    row = conn.execute(_IN[conn.dialect.name], values).first()
    return int(row.id) if row else None

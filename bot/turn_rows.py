"""The rows of one turn, written in one transaction: state, events, what goes out, jobs, consent, listings."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, CursorResult, bindparam, delete, insert, update

from bot import call_rows, jobs, join_codes, limits, nudges, offers, photo_rows, seller_card, shared_phones
from bot.channels import ways
from bot.engine.listening import CALL
from bot.engine.turn import new_state
from bot.handoff.of_talk import Maker, change_listing, hand_over_draft
from bot.messages import OURS, Json
from bot.starts.person import Person
from bot.starts.request import Asked, queue_one
from bot.visit import Visit
from models import Address, Consent, Conversation, Media, Message, RepTask, Seller, next_number

FIRST_NUMBER = 1000
WITHOUT_PHOTOS = timedelta(days=3)
"""After this long a rep is asked to bring photos."""
LOOKING = timedelta(seconds=15)
"""After this long without a judgement of her photo she hears that we are still looking."""

_address, _seller, _conversation = Address.__table__, Seller.__table__, Conversation.__table__
_message, _media = Message.__table__, Media.__table__

_SAVE = (
    update(_conversation)
    .where(_conversation.c.seller_id == bindparam("seller"), _conversation.c.revision == bindparam("seen"))
    .values(
        state=bindparam("new_state"),
        revision=_conversation.c.revision + 1,
        updated_at=bindparam("now"),
        last_inbound_at=bindparam("heard_at"),
    )
)
_SAVE_MOVED = _SAVE.values({name: bindparam(f"new_{name}") for name in ("flow", "asks", "asks_since")})
_OUT = insert(_message)
_LET_GO = update(_message).where(
    _message.c.seller_id == bindparam("mine"),
    _message.c.status.in_(shared_phones.WAITS),
    _message.c.direction == "in",
)
_ANSWERED = update(RepTask.__table__).where(
    RepTask.seller_id == bindparam("mine"), RepTask.kind == "silent", RepTask.done_at.is_(None)
)
_REACHED = update(RepTask.__table__).where(
    RepTask.seller_id == bindparam("mine"), RepTask.kind == "unreached", RepTask.done_at.is_(None)
)
_CONSENT = insert(Consent.__table__)
_REP_TASK = insert(RepTask.__table__)
_MEDIA = insert(_media)
_RELEASE = (
    update(_media)
    .where(_media.c.seller_id == bindparam("mine"), _media.c.status == "held")
    .values(status="waiting")
    .returning(_media.c.id)
)
_STOPPED = [
    update(_address).where(_address.c.seller_id == bindparam("mine")).values(stopped_at=bindparam("at")),
    update(_seller).where(_seller.c.id == bindparam("mine")).values(stopped_at=bindparam("at")),
]


class Overtaken(Exception):
    """Another message of this seller was written in between: think again, on the talk as it is now."""


class TurnRows:
    """Writes what a visit found out: `save_state`, then (by the caller) the message itself, then `write`."""

    def __init__(self, conn: Connection, visit: Visit, seller_id: int) -> None:
        self.conn = conn
        self.visit = visit
        self.now = visit.now
        self.seller_id = seller_id
        self.message_id = 0
        self.jobs: list[jobs.NewJob] = list(visit.jobs)
        self.stopping = False
        self._heard = False
        self._moments = iter(visit.moments)

    @property
    def opening(self) -> bool:
        """Does this speak to her first? Then the sender may need an approved text."""
        return self.visit.inbound.kind == "start"

    def write(self, message_id: int) -> None:
        """All rows but the state and the message of this id."""
        visit = self.visit
        self.message_id = message_id
        self._write_card()
        if visit.starting:
            self._stopped(at=False)
        if visit.again_at:
            self._take_up(visit.again_at)
        if visit.offer and visit.offer.number is not None:
            offers.begin(self.conn, self.seller_id, visit.offer, self.now)
            at = self.now + offers.LASTS
            self.jobs.append(jobs.NewJob("expire_offer", {"offer": visit.offer.id}, run_at=at))
        if not visit.put_aside and visit.inbound.media:
            self._write_media()
        if visit.inbound.kind == "missed_call" and not visit.waits and visit.known.stopped_at is None:
            self.jobs.append(call_rows.ring_back(self.seller_id, missed=True, now=self.now))
        for event in visit.events:
            if event["event"] == "custom":
                self._do(event)
        if self._heard:
            self.conn.execute(_REACHED.values(done_at=self.now), {"mine": self.seller_id})
        if visit.faulty:
            self._rep_task("error", {"message_id": self.message_id})
        self._say()
        self._watch()
        if self.jobs:
            jobs.put_many(self.conn, self.jobs, now=self.now)

    def save_state(self) -> None:
        """First of all: raises Overtaken unless the talk still stands where it was read."""
        visit = self.visit
        state = visit.state
        slots = state["slots"]
        # `unreached`: a rep was to call her, for nothing arrived; her own word shows that we are heard.
        self._heard = visit.inbound.kind not in OURS and state.pop("unreached", False)
        if state["asks"] == "confirm_listing" and "listing_number" not in slots:
            slots["listing_id"] = str(uuid4())
            slots["listing_number"] = FIRST_NUMBER + next_number(self.conn, "listing")
        kept = shared_phones.emptied(state) if visit.refused else state
        moved = seller_card.moved(visit.known.state, kept, self.now)
        saved = self.conn.execute(
            _SAVE_MOVED if moved else _SAVE,
            {
                "seller": self.seller_id,
                "seen": visit.known.revision,
                "new_state": kept,
                "now": self.now,
                "heard_at": visit.heard_at,
                **{f"new_{name}": value for name, value in moved.items()},
            },
        )
        if saved.rowcount != 1:
            raise Overtaken("the talk went on meanwhile")

    def _write_card(self) -> None:
        """What lists show of her, where this turn has changed it."""
        visit = self.visit
        new: Json = {}
        if visit.known.seller_id is None:
            new["phone_last4"] = seller_card.last4(visit.inbound.address)
        if visit.inbound.kind == "start" and visit.by.startswith("rep:"):
            new["rep_id"] = int(visit.by.removeprefix("rep:"))
        after = new_state() if visit.refused else visit.state
        seller_card.write(self.conn, self.seller_id, visit.known.state, after, new)

    def _take_up(self, at: datetime) -> None:
        """Look then at the messages that wait, and not when it was thought before."""
        mine, key = self.seller_id, f"take_up:{self.seller_id}"
        jobs.cancel(self.conn, key)
        self.jobs.append(jobs.NewJob("take_up", {"seller_id": mine}, run_at=at, unique_key=key))

    def _watch(self) -> None:
        """A draft begins, or goes on after reminders: from now on its silence is looked after."""
        visit, key = self.visit, nudges.unique_key(self.seller_id)
        if visit.reset:
            jobs.cancel(self.conn, key)
        if visit.reset.get("rep"):
            self.conn.execute(_ANSWERED.values(done_at=self.now), {"mine": self.seller_id})
        writes = not self.stopping and (visit.known.stopped_at is None or visit.starting)
        begins = not visit.watched or visit.starting or visit.reset
        if writes and begins and nudges.watched(visit.state):
            at, payload = self.now + nudges.FIRST, {"seller_id": self.seller_id}
            self.jobs.append(jobs.NewJob("nudge", payload, run_at=at, unique_key=key))

    def _write_media(self) -> None:
        offer = self.visit.offer
        # Photos for somebody else's listing need no consent of the phone that they come from.
        consented = self.visit.consented or offer is not None
        for position, item in enumerate(self.visit.inbound.media):
            if item.kind == "other":
                continue
            row = {
                "seller_id": self.seller_id,
                "message_id": self.message_id,
                "position": position,
                "kind": item.kind,
                "url": item.url,
                "content_type": item.content_type[:160],
                "asks": offer.mark if offer else self.visit.known.state["asks"],
                "status": "waiting" if consented else "held",
                "created_at": self.now,
            }
            media_id = _new_id(self.conn.execute(_MEDIA, row))
            if consented:
                self.jobs.append(jobs.NewJob("fetch_media", {"media_id": media_id}))
                if item.kind == "photo" and offer is None:
                    self._look_in(LOOKING)

    def _look_in(self, later: timedelta) -> None:
        """Judging a photo takes a moment; if it takes longer, she is told so."""
        mine = self.seller_id
        at, key = self.now + later, f"looking:{mine}"
        self.jobs.append(jobs.NewJob("still_looking", {"seller_id": mine}, run_at=at, unique_key=key))

    def _do(self, event: Json) -> None:
        """What the house does about one thing that the talk decided."""
        what = event["do"]
        if what == "consent":
            self._record_consent(event)
        elif what == "stop":
            self._stopped(at=True)
        elif what == "rep_task":
            detail = {name: event[name] for name in ("slot", "since", "limit") if event.get(name)}
            self._rep_task(event["kind"], detail)
        elif what == "accept_photos":
            self._accept_photos(event["ids"])
        elif what == "hand_over":
            message = hand_over_draft(self.conn, self._maker(), event, self.now)
            if message["photos_pending"]:
                listing, at = {"listing_id": message["listing_id"]}, self.now + WITHOUT_PHOTOS
                self.jobs.append(jobs.NewJob("photos_pending", listing, run_at=at))
        elif what == "change_listing":
            change_listing(self.conn, self._maker(), event, self.now)
        elif what in photo_rows.DEEDS:
            self.jobs += photo_rows.do(self.conn, self._maker(), self.visit.inbound, event, self.now)
        elif what == "expire_draft":
            left = {"seller_id": self.seller_id, "before": self.now.isoformat()}
            self.jobs.append(jobs.NewJob("drop_draft_media", left))
        elif what in ("erase", "join_code", "join_wrong", "join"):
            self._who_she_is(what, event)
        elif what == "start":
            asked = Asked(f"message:{self.visit.inbound.provider_id}", "", event["flow"], event["by"], 1)
            queue_one(self.conn, asked, Person(event["phone"], event["channel"]), self.now)

    def _who_she_is(self, what: str, event: Json) -> None:
        """She is to be erased; or her two phones are to be one."""
        mine, inbound = self.seller_id, self.visit.inbound
        if what == "erase":
            self.jobs.append(jobs.NewJob("erase_person", {"seller_id": mine}, unique_key=f"erase:{mine}"))
        elif what == "join_code":
            join_codes.keep(self.conn, mine, event["code"], self.now)
        elif what == "join_wrong":
            join_codes.wrong(self.conn, event["who"], self.now)
        elif other := join_codes.take(self.conn, event["code"], self.now):
            place = {"channel": inbound.channel, "address": inbound.address}
            self.jobs.append(jobs.NewJob("join_people", {"people": [mine, other], **place}))

    def _accept_photos(self, ids: list[int]) -> None:
        """Refused at first, taken in the end: from now on they count among her photos."""
        hers = update(_media).where(_media.c.id.in_(ids), _media.c.seller_id == self.seller_id)
        self.conn.execute(hers.values(status="ready"))

    def _maker(self) -> Maker:
        language = self.visit.state["slots"].get("language", "hi")
        return Maker.of(self.visit.talk, self.seller_id, self.visit.known.key, language)

    def _record_consent(self, event: Json) -> None:
        inbound = self.visit.inbound
        row = {
            "seller_id": self.seller_id,
            "version": event["version"],
            "given": event["given"],
            "language": self.visit.state["slots"].get("language", "hi"),
            "channel": inbound.channel,
            "message_id": inbound.provider_id,
            "at": self.now,
        }
        self.conn.execute(_CONSENT, row)
        if self.visit.refused:
            return self._forget()
        if not event["given"]:
            return self._rep_task("notice_refused", {"version": event["version"]})
        released = sorted(self.conn.scalars(_RELEASE, {"mine": self.seller_id}))
        self.jobs += [jobs.NewJob("fetch_media", {"media_id": media_id}) for media_id in released]

    def _forget(self) -> None:
        """After a refusal nothing of her words is kept, only the ids of her messages and the refusal."""
        conn, mine = self.conn, self.seller_id
        gone = delete(_media).where(_media.c.seller_id == mine).returning(_media.c.url)
        for url in conn.scalars(gone):
            if url:
                self.jobs.append(jobs.NewJob("delete_media", {"url": url}))
        hers = (_message.c.seller_id == mine, _message.c.direction == "in")
        conn.execute(update(_message).where(*hers).values(body={}, events=None, status="received"))
        at = self.now + call_rows.HANGING_UP if self.visit.inbound.channel == CALL else None
        self.jobs.append(
            jobs.NewJob("forget_refused", {"seller_id": mine}, run_at=at, unique_key=f"forget:{mine}")
        )

    def _stopped(self, at: bool) -> None:
        """Stop binds the person and all her addresses; a start word lifts it."""
        self.stopping = at
        if at and (limits.holds(self.visit.known.state) or "shared" in self.visit.known.state):
            # What was said before a stop is no wish to begin again.
            self.conn.execute(_LET_GO.values(status="received"), {"mine": self.seller_id})
        for statement in _STOPPED:
            self.conn.execute(statement, {"mine": self.seller_id, "at": self.now if at else None})

    def _rep_task(self, kind: str, detail: Json) -> None:
        row = {"seller_id": self.seller_id, "kind": kind, "detail": detail, "created_at": self.now}
        self.conn.execute(_REP_TASK, row)

    def _say(self) -> None:
        for event in self.visit.events:
            if event["event"] == "bot":
                if self.visit.inbound.channel == CALL:
                    self._say_on_call(event)
                    continue
                if event.get("speak") and not self.opening:
                    self._send(self._aloud(event))
                self._send(self._outgoing(event))

    def _send(self, row: Json) -> None:
        message_id = _new_id(self.conn.execute(_OUT, row))
        key = f"seller:{self.seller_id}"
        payload, at = {"message_id": message_id}, next(self._moments)
        self.jobs.append(jobs.NewJob("send_message", payload, key=key, run_at=at))

    def _aloud(self, event: Json) -> Json:
        """The voice bubble of a turn: what it says is made to sound when it is sent."""
        row = self._outgoing(event)
        silent: Json = {"text": "", "buttons": [], "image": None}
        spoken: Json = {"language": event["spoken_in"], "speak": event["speak"]}
        body = row["body"] | silent | spoken
        body.pop("parts", None)
        return row | {"kind": "voice", "body": body}

    def _say_on_call(self, event: Json) -> None:
        """The call itself asks for it; its sounds are made meanwhile."""
        unheard = self.visit.inbound.kind in OURS or self.visit.held is not None
        row = call_rows.spoken(self._outgoing(event), event, None if unheard else self.now)
        message_id = _new_id(self.conn.execute(_OUT, row))
        self.jobs.append(jobs.NewJob("make_prompts", {"message_id": message_id}))
        if unheard:
            self.jobs.append(call_rows.ring_back(self.seller_id, missed=False, now=self.now))

    def _outgoing(self, event: Json) -> Json:
        inbound, state = self.visit.inbound, self.visit.state
        body = {
            "utter": event["utter"],
            "text": event["text"],
            "language": state["slots"].get("language") or state.get("language_heard") or "hi",
            "buttons": event["buttons"],
            "image": event.get("image"),
            "audio": None,
        }
        if event.get("practice"):
            body["practice"] = True
        if event.get("by"):
            body["by"] = event["by"]
        if len(event.get("parts") or ()) > 1:
            body["parts"] = event["parts"]
        if self.stopping:
            body["after_stop"] = True
        if inbound.kind == "nudge":
            product = None if event.get("discreet") else state["slots"].get("product_name")
            body |= {"class": "reminder", "args": {"product_name": product}}
        if inbound.kind == "retake" and event.get("args"):
            body |= {"class": ways.REQUEST, "args": event["args"]}
        if self.opening:
            body["class"] = "opening"
        return {
            "seller_id": self.seller_id,
            "direction": "out",
            "channel": inbound.channel,
            "address": inbound.address,
            "kind": "text",
            "body": body,
            "status": "queued",
            "created_at": self.now,
        }


def _new_id(result: CursorResult[Any]) -> int:
    """The id that the database gave to the row just inserted."""
    key = result.inserted_primary_key
    assert key is not None
    return int(key[0])

"""One message inside its transaction: understand it, let the engine turn, write down all that follows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from bot import jobs
from bot.engine.hear import hear
from bot.engine.turn import new_state, turn
from bot.handoff.of_talk import Maker, change_listing, hand_over_draft, listings_of
from bot.media.links import link
from bot.messages import Inbound, Json, Turn
from bot.talk import Talk
from models import Address, Consent, Conversation, Media, Message, RepTask, Seller, TurnEvent, next_number

log = structlog.get_logger()

FIRST_NUMBER = 1000
ALBUM_GAP_S = 10
OURS = ("media_ready",)
"""Kinds that our workers send: they are no word of hers and open no window."""

_address, _seller, _conversation = Address.__table__, Seller.__table__, Conversation.__table__
_message, _media, _turn_event = Message.__table__, Media.__table__, TurnEvent.__table__

_SAVE = (
    update(_conversation)
    .where(_conversation.c.seller_id == bindparam("seller"))
    .values(
        state=bindparam("new_state"),
        revision=_conversation.c.revision + 1,
        updated_at=bindparam("now"),
        last_inbound_at=bindparam("heard_at"),
    )
)
_OUT = insert(_message).returning(_message.c.id, sort_by_parameter_order=True)
_EVENTS = insert(_turn_event)


class Visit:
    """One message of one seller; her conversation is locked. `take_turn` does it all and returns the events."""

    def __init__(
        self, conn: Connection, talk: Talk, inbound: Inbound, now: datetime, seller: Row[Any], message_id: int
    ) -> None:
        self.conn = conn
        self.talk = talk
        self.inbound = inbound
        self.now = now
        self.seller_id: int = seller.seller_id
        self.seller = seller
        self.state: Json = seller.state
        self.message_id = message_id
        self.jobs: list[jobs.NewJob] = []
        self.stopping = False

    @property
    def consented(self) -> bool:
        slots = self.state["slots"]
        return bool(slots.get("consent")) and slots.get("consent_version") == self.talk.notice_version

    def take_turn(self) -> Sequence[Json]:
        """Understand, let the engine turn, and write down all that follows."""
        commands = self._commands()
        if self.seller.stopped_at is not None:
            if not any(command["command"] == "start" for command in commands):
                return ()
            self._lift_stop()
        silent = self._keep_media()
        if silent:
            self._save(self.state, [])
            return ()
        result = self._turn(commands)
        events = [self._after(event) for event in result.events]
        state = self._forgotten(result.state, events)
        self._say(events)
        self._save(state, events)
        return events

    def _commands(self) -> list[Json]:
        inbound = self.inbound
        if inbound.kind == "media_ready":
            return self._media_commands()
        if inbound.kind == "voice":
            return [{"command": "voice_kept"}]
        if inbound.kind in ("other", "location"):
            return [{"command": "other_message"}]
        return self._hear(inbound.text, inbound.payload)

    def _hear(self, text: str, payload: str | None = None) -> list[Json]:
        try:
            return hear(self.talk.lexicon, self.state, text, payload)
        except Exception:
            log.exception("understanding failed", message_id=self.message_id)
            return [{"command": "cannot_handle"}]

    def _media_commands(self) -> list[Json]:
        """Judged photos with their captions, and what a person or a machine heard in a voice note."""
        rows = self.conn.execute(select(_media).where(_media.c.id.in_(self.inbound.media_ids)).order_by(_media.c.id))
        photos, troubles, captions = [], [], []
        waiting = 0
        for row in rows:
            waiting += row.kind == "photo"
            verdict = row.verdict or {}
            if row.kind == "photo" and row.status == "ready":
                photos.append(_photo(row))
            elif row.status in ("refused", "failed"):
                troubles.extend(verdict.get("problems") or ["failed"])
            captions.append(row.message_id)
        self.state["photos_waiting"] = max(0, self.state.get("photos_waiting", 0) - waiting)
        text = self.inbound.text or self._captions(captions)
        commands: list[Json] = self._hear(text) if text else []
        if photos or troubles:
            commands.insert(0, {"command": "add_photos", "photos": photos, "troubles": troubles})
        return commands

    def _captions(self, message_ids: Sequence[int]) -> str:
        query = select(_message.c.body).where(_message.c.id.in_(message_ids), _message.c.kind == "photo")
        texts = [body.get("text", "") for body in self.conn.scalars(query.order_by(_message.c.id))]
        return "\n".join(dict.fromkeys(text for text in texts if text))

    def _keep_media(self) -> bool:
        """Write down what is attached. True when nothing is to be said now: an album is answered once, later."""
        if not self.inbound.media:
            return False
        held = not self.consented
        rows = [
            {
                "seller_id": self.seller_id,
                "message_id": self.message_id,
                "position": position,
                "kind": item.kind,
                "url": item.url,
                "content_type": item.content_type[:160],
                "status": "held" if held else "waiting",
                "created_at": self.now,
            }
            for position, item in enumerate(self.inbound.media)
            if item.kind != "other"
        ]
        if not rows:
            return False
        ids = self.conn.scalars(insert(_media).returning(_media.c.id, sort_by_parameter_order=True), rows).all()
        photos = sum(row["kind"] == "photo" for row in rows)
        self.state["photos_waiting"] = self.state.get("photos_waiting", 0) + photos
        if held:
            just_now = (self.now - self.seller.updated_at).total_seconds() < ALBUM_GAP_S
            return bool(self.state["asks"]) and just_now
        self.jobs += [jobs.NewJob("fetch_media", {"media_id": media_id}) for media_id in ids]
        return photos == len(rows)

    def _turn(self, commands: Sequence[Json]) -> Turn:
        source = {
            "by": "seller",
            "channel": self.inbound.channel,
            "message_id": self.inbound.provider_id,
            "seller_id": self.seller_id,
            "text": self.inbound.text,
        }
        library, act = self.talk.library, self.talk.act
        facts = self._facts(commands)
        try:
            return turn(library, self.state, commands, self.now, act, source, facts)
        except Exception:
            # A fault of ours must not be sent again and again: she hears of it, and so does a rep.
            log.exception("turn failed", message_id=self.message_id)
            self._rep_task("error", {"message_id": self.message_id})
            said = library.wording(self.state["slots"].get("language")).say("utter_internal_error", {})
            event = {"event": "bot", "utter": "utter_internal_error", "text": said.text, "buttons": []}
            return Turn(self.state, [event])

    def _facts(self, commands: Sequence[Json]) -> Json:
        facts = self.talk.facts() | {"photos_waiting": self.state.get("photos_waiting") or None}
        wanted = any(command.get("flow") == "my_listings" for command in commands)
        if wanted or any(frame["flow"] == "my_listings" for frame in self.state["stack"]):
            facts["listings"] = listings_of(self.conn, self.seller_id)
        slots = self.state["slots"]
        if self.state["asks"] == "confirm_listing" and "listing_number" not in slots:
            slots["listing_id"] = str(uuid4())
            slots["listing_number"] = FIRST_NUMBER + next_number(self.conn, "listing")
        return facts

    def _after(self, event: Json) -> Json:
        """What the house does about one event of the turn."""
        what = event.get("do") if event["event"] == "custom" else None
        if what == "consent":
            self._record_consent(event)
        elif what == "stop":
            self._stop()
        elif what == "rep_task":
            self._rep_task(event["kind"], {k: v for k, v in event.items() if k in ("slot",) and v})
        elif what == "hand_over":
            hand_over_draft(self.conn, self._maker(), event, self.now)
        elif what == "change_listing":
            change_listing(self.conn, self._maker(), event, self.now)
        return event

    def _maker(self) -> Maker:
        settings = self.talk.settings
        return Maker(
            seller_id=self.seller_id,
            key=self.seller.key,
            language=self.state["slots"].get("language", "hi"),
            catalogue=self.talk.library.catalogue,
            lexicon=self.talk.lexicon,
            sign=lambda sha256: link(settings, sha256),
            publish=bool(settings.queue_url),
        )

    def _record_consent(self, event: Json) -> None:
        language = self.state["slots"].get("language", "hi")
        self.conn.execute(
            insert(Consent.__table__).values(
                seller_id=self.seller_id,
                version=event["version"],
                given=event["given"],
                language=language,
                channel=self.inbound.channel,
                message_id=self.inbound.provider_id,
                at=self.now,
            )
        )
        if event["given"]:
            self._release_held_media()

    def _release_held_media(self) -> None:
        held = (_media.c.seller_id == self.seller_id, _media.c.status == "held")
        ids = self.conn.scalars(update(_media).where(*held).values(status="waiting").returning(_media.c.id)).all()
        self.jobs += [jobs.NewJob("fetch_media", {"media_id": media_id}) for media_id in sorted(ids)]

    def _forgotten(self, state: Json, events: Sequence[Json]) -> Json:
        """After a refusal nothing of her words is kept, only the ids of her messages and the refusal itself."""
        if not any(event.get("do") == "consent" and not event["given"] for event in events):
            return state
        conn, mine = self.conn, self.seller_id
        conn.execute(delete(_media).where(_media.c.seller_id == mine))
        conn.execute(delete(_turn_event).where(_turn_event.c.seller_id == mine))
        conn.execute(
            update(_message).where(_message.c.seller_id == mine, _message.c.direction == "in").values(body={})
        )
        self.jobs.append(jobs.NewJob("forget_refused", {"seller_id": mine}, unique_key=f"forget:{mine}"))
        return new_state()

    def _stop(self) -> None:
        self.stopping = True
        for table, mine in ((_address, _address.c.seller_id), (_seller, _seller.c.id)):
            self.conn.execute(update(table).where(mine == self.seller_id).values(stopped_at=self.now))

    def _lift_stop(self) -> None:
        for table, mine in ((_address, _address.c.seller_id), (_seller, _seller.c.id)):
            self.conn.execute(update(table).where(mine == self.seller_id).values(stopped_at=None))

    def _rep_task(self, kind: str, detail: Json) -> None:
        self.conn.execute(
            insert(RepTask.__table__).values(
                seller_id=self.seller_id, kind=kind, detail=detail, created_at=self.now
            )
        )

    def _say(self, events: Sequence[Json]) -> None:
        language = self.state["slots"].get("language", "hi")
        rows = [
            {
                "seller_id": self.seller_id,
                "direction": "out",
                "channel": self.inbound.channel,
                "address": self.inbound.address,
                "kind": "text",
                "body": {
                    "utter": event["utter"],
                    "text": event["text"],
                    "language": language,
                    "buttons": event["buttons"],
                    "image": event.get("image"),
                    "audio": None,
                }
                | ({"after_stop": True} if self.stopping else {}),
                "status": "queued",
                "created_at": self.now,
            }
            for event in events
            if event["event"] == "bot"
        ]
        if not rows:
            return
        key = f"seller:{self.seller_id}"
        for message_id in self.conn.scalars(_OUT, rows):
            self.jobs.append(jobs.NewJob("send_message", {"message_id": message_id}, key=key))

    def _save(self, state: Json, events: Sequence[Json]) -> None:
        heard_at = self.seller.last_inbound_at if self.inbound.kind in OURS else self.now
        self.conn.execute(
            _SAVE, {"seller": self.seller_id, "new_state": state, "now": self.now, "heard_at": heard_at}
        )
        if events:
            row = {"seller_id": self.seller_id, "message_id": self.message_id, "created_at": self.now}
            self.conn.execute(_EVENTS, row | {"events": list(events)})
        if self.jobs:
            jobs.put_many(self.conn, self.jobs, now=self.now)


def _photo(row: Row[Any]) -> Json:
    """A judged photo as the talk keeps it."""
    return {
        "id": row.id,
        "sha256": row.sha256,
        "width": row.width,
        "height": row.height,
        "role": None,
        "warnings": list((row.verdict or {}).get("problems") or []),
    }

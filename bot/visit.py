"""One message of one seller, thought out: what she wants, how the talk turns, what is to be written then.

Nothing is written here. The thinking happens before the transaction, on the talk as it was read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, Row, select

from bot import jobs, join_codes, limits, nudges, offered, offers, own_copy, taken_over
from bot.arrived import captions, has_pictures, photo, said_of
from bot.engine.hear import hear, hear_note
from bot.engine.listening import CALL
from bot.engine.notes import find
from bot.engine.render import in_one_bubble
from bot.engine.turn import turn
from bot.handoff.of_talk import listings_of
from bot.known import Known
from bot.language.private_numbers import without_private_numbers
from bot.limits import Limit
from bot.messages import OURS, Inbound, Json, Turn
from bot.starts.rep_words import heard
from bot.starts.turn import beginning
from bot.talk import Talk
from models import Media, Message
from models.message import MessageStatus

log = structlog.get_logger()

ALBUM_GAP_S = 10
A_STOP = 40
"""Code points: a word that stops everything is the whole message, and is heard in every flood."""
AWAY = timedelta(hours=12)
"""Silent for so long, she hears where the talk stands before it goes on."""
_message, _media = Message.__table__, Media.__table__


class Visit:
    """After `think`: `state` and `events` are what to write; `starting` lifts a stop; `faulty`: we failed.

    `silent`: what came is no answer and gets none, or another than words: a missed call is rung back.
    `waits`: it is kept and not worked on yet, by `limit` if not behind others, `again_at` is when to look at
    it; `held`: the id of one that waited until now. `braked`: nobody may be written to. `status`: of the row.
    `watched`: a draft was looked after before; `reset`: the reminders that her word has ended. `moments`:
    when each bubble may go.
    """

    def __init__(
        self,
        talk: Talk,
        inbound: Inbound,
        now: datetime,
        known: Known,
        held: int | None = None,
        braked: bool = False,
    ) -> None:
        self.talk = talk
        self.inbound = replace(inbound, text=without_private_numbers(inbound.text))
        self.now = now
        self.known = known
        self.state: Json = known.state
        self.events: Sequence[Json] = ()
        self.starting = False
        self.faulty = False
        self.silent = False
        self.held = held
        self.braked = braked
        self.waits = False
        self.limit: Limit | None = None
        self.status: MessageStatus = "received"
        self.again_at: datetime | None = None
        self.reset: Json = {}
        self.watched = nudges.watched(known.state)
        self.moments: Sequence[datetime] = ()
        self.by = "seller"
        self.offer: offers.Offer | None = None
        self.jobs: list[jobs.NewJob] = []

    @property
    def consented(self) -> bool:
        """Had she agreed to the notice in force before this message?"""
        slots = self.known.state["slots"]
        return bool(slots.get("consent")) and slots.get("consent_version") == self.talk.notice_version

    @property
    def refused(self) -> bool:
        """Did this message say no, and had she never agreed before? Then nothing of hers is kept."""
        said_no = any(event.get("do") == "consent" and not event["given"] for event in self.events)
        return said_no and self.known.state["slots"].get("consent_version") is None

    @property
    def put_aside(self) -> bool:
        """Is it only kept now: too many came, or nobody has said yet who speaks?"""
        return self.waits or self.status == "unclaimed"

    @property
    def goes_on(self) -> bool:
        """Is what is known of her after this message just what was known before, with a new state?"""
        stops = any(event.get("do") == "stop" for event in self.events)
        return not (stops or self.starting or self.refused or self.known.new_address)

    @property
    def comes_to_nothing(self) -> bool:
        """Is there nothing to be written, and was there no message?"""
        return False

    def known_now(self, seller_id: int) -> Known:
        """What is known of her once this message is written."""
        return replace(
            self.known,
            seller_id=seller_id,
            state=self.state,
            revision=self.known.revision + 1,
            updated_at=self.now,
            last_inbound_at=self.heard_at,
        )

    @property
    def heard_at(self) -> datetime:
        """When she last wrote herself; what our own workers send is no word of hers."""
        ours = self.inbound.kind in OURS or self.held is not None
        return self.known.last_inbound_at if ours else self.now

    def think(self, conn: Connection) -> None:
        """Understand the message and let the engine turn; `conn` only reads."""
        if self.inbound.kind in OURS or not self._must_wait():
            self._take(conn)
        said = [event for event in self.events if event["event"] == "bot"]
        bubbles = len(said) + sum(bool(event.get("speak")) for event in said)
        channel, settings = self.inbound.channel, self.talk.settings
        if channel == CALL:  # what is spoken there is not sent
            bubbles = 0
        self.moments = limits.goes_out(self.state, settings, channel, bubbles, self.now)

    def _must_wait(self) -> bool:
        """A message too many, or one behind others that wait, is only kept; of the first she is told."""
        state, settings = self.state, self.talk.settings
        self.limit = "everybody" if self.braked else limits.reached(state, settings, self.now)
        queued = self.held is None and limits.holds(state) > 0
        if (self.limit is None and not queued) or self._stops():
            limits.came(state, settings, self.now)
            if self.held is not None:
                limits.taken_up(state)
            return False
        self.waits = True
        if self.held is None:
            self.events = self._hold()
        return True

    def _hold(self) -> Sequence[Json]:
        """Keep the message; what is to be told to her and to a rep."""
        state, limit, events = self.state, self.limit, list[Json]()
        self.status = "held" if limits.holds(state) < limits.MOST_HELD else "passed"
        self.again_at = limits.hold(state, limit, self.now, self.known.seller_id or 0)
        if limits.first_time(state, "alarmed", limit):
            events.append({"event": "custom", "do": "rep_task", "kind": "flood", "limit": limit})
        spoken_to = self.known.stopped_at is None and not state.get("taken_over")
        if spoken_to and limits.first_time(state, "told", limit):
            events.append(self.say("utter_too_fast" if limit == "minute" else "utter_enough_today"))
        return events

    def _stops(self) -> bool:
        inbound = self.inbound
        if inbound.kind != "text" or len(inbound.text) > A_STOP:
            return False
        return any(command.get("flow") == "stop" for command in self._hear(inbound.text))

    def say(self, utter: str, args: Json | None = None) -> Json:
        """One response outside of any flow, as an event."""
        language = self.state["slots"].get("language") or self.state.get("language_heard")
        wording = self.talk.library.wording(language)
        said = wording.say(utter, self.talk.facts(), args, self.inbound.channel)
        return {"event": "bot", "utter": utter, "text": said.text, "buttons": []}

    def _take(self, conn: Connection) -> None:
        told = self.known.stopped_at is None and (
            heard(conn, self.talk, self.inbound, self.known.state)
            or join_codes.said(conn, self.talk, self.inbound, self.state, self.known.seller_id, self.now)
        )
        if told:
            self.events = told
            return
        if self.known.stopped_at is None and self._offered(conn):
            return
        inbound, hers = self.inbound, self.inbound.kind not in OURS
        self.reset = self.state.pop("nudges", {}) if hers else {}
        if self.state.get("taken_over") and self._only_listens():
            return
        unheard = hers and self.state.pop("unheard", False)
        if unheard:
            # What she has not been asked she cannot have answered.
            self.state.update(asks=None, collect=None)
        commands: Sequence[Json] = self._begun(conn) if inbound.kind == "start" else self._commands(conn)
        left_out = hers and self.state.pop("left_out", False)
        if (unheard or self.reset.get("alone")) and inbound.kind == "text":
            commands = nudges.meant(self.state, commands)
        if left_out and inbound.kind == "text":
            commands = nudges.led_back(self.state, inbound.text, commands)
        if self.known.stopped_at is not None:
            self.starting = any({"list_product", "restart"} & {c["command"], c.get("flow")} for c in commands)
            if not self.starting:
                return
            commands = [{"command": "started"}, {"command": "start_flow", "flow": "list_product"}]
        if self.silent or self._told_code(conn, commands) or self._answered_with_the_album():
            return
        place = own_copy.told(self.talk, inbound, self.state, self.known.key, commands)
        result = self._turn(conn, [{"command": "go_on"}] if place else commands)
        said = in_one_bubble(place, result.events) if place else result.events
        self.state, self.events = result.state, [*self.events, *said]
        self._after(commands)

    def _after(self, commands: Sequence[Json]) -> None:
        """What the house does besides: a rep hears of a flood, and a stop ends what waits."""
        if commands[:1] == [{"command": "media_tomorrow"}]:
            task = {"event": "custom", "do": "rep_task", "kind": "flood", "limit": "media"}
            self.events = [*self.events, task]
        if any(event.get("do") == "stop" for event in self.events):
            limits.forget_held(self.state)
            self.state.pop("taken_over", None)

    def _told_code(self, conn: Connection, commands: Sequence[Json]) -> bool:
        """The word for a second phone is answered with a code, outside of any flow."""
        told = join_codes.told(conn, self.talk, self.inbound, self.state, commands)
        self.events = told or self.events
        return bool(told)

    def _only_listens(self) -> bool:
        """A rep talks with her: what comes is kept, nothing is said. A stop is heard, a call goes on."""
        inbound = self.inbound
        if inbound.channel == CALL or self._stops():
            return False
        self.silent = True
        if inbound.kind == "media_ready" and inbound.payload is None:
            taken_over.keep(self.state, inbound.media_ids)
        self._answered_with_the_album()
        return True

    def _offered(self, conn: Connection) -> bool:
        """Photos for somebody's listing, and the word that they come: no part of this phone's own talk."""
        if self.inbound.kind == "media_ready":
            heard = (conn, self.talk, self.inbound, self.known)
            events, all_of_it = offered.looked_at(*heard, photo, lambda rows: said_of(rows)[0])
            self.events = events
            return all_of_it
        self.offer, said = offered.begun(conn, self.talk, self.inbound, self.known)
        self.events = said or self.events
        return bool(self.offer or said)

    def _begun(self, conn: Connection) -> list[Json]:
        """A flow that somebody else begins for her; to one who has said stop nothing is said."""
        name = self.inbound.provider_id
        if name.startswith(offers.MARK):
            self.state["slots"]["offer_id"] = name.removeprefix(offers.MARK)
            return [{"command": "start_flow", "flow": "photos_offered"}]
        asked = beginning(conn, name)
        self.silent = asked is None or self.known.stopped_at is not None
        if asked is None or self.silent:
            return []
        self.by = asked.by
        return [{"command": "given", "slots": asked.facts}, {"command": "start_flow", "flow": asked.flow}]

    def _commands(self, conn: Connection) -> list[Json]:
        inbound = self.inbound
        if inbound.kind == "media_ready":
            return self._media_commands(conn)
        if inbound.kind == "missed_call":
            self.silent = True
            return []
        nudges.begins_anew(self.state, self.known.last_inbound_at)
        voice = {"note": inbound.provider_id} if inbound.kind == "voice" else {}
        if inbound.media and inbound.kind in ("voice", "photo") and not self.consented:
            return [{"command": "media_held", **voice}]
        if inbound.kind == "voice":
            by_a_person = self.talk.settings.transcriber == "desk"
            return [{"command": "voice_kept" if by_a_person else "voice_listening", **voice}]
        if inbound.kind in ("other", "location"):
            return [{"command": "other_message"}]
        return self._hear(inbound.text, inbound.payload)

    def _hear(self, text: str, payload: str | None = None) -> list[Json]:
        try:
            return hear(self.talk.lexicon, self.state, text, payload)
        except Exception:
            log.exception("understanding_failed", message=self.inbound.provider_id)
            return [{"command": "internal_error"}]

    def _media_commands(self, conn: Connection) -> list[Json]:
        """Judged photos with their captions, and what a person or a machine heard in a voice note."""
        rows = conn.execute(
            select(_media, _message.c.provider_id, _message.c.body)
            .join(_message, _message.c.id == _media.c.message_id)
            .where(_media.c.id.in_(self.inbound.media_ids), offered.OWN)
            .order_by(_media.c.id)
        ).all()
        # What was sent for practice belongs to no listing, and the other way round.
        ours = [row for row in rows if bool(row.body.get("practice")) == bool(self.state.get("practice"))]
        if len(ours) < len(rows):
            rows = ours
            self.silent = not rows
        if self.inbound.payload == "looking":
            return [{"command": "still_looking"}]
        if self.inbound.payload == "tomorrow":
            return [{"command": "media_tomorrow"}]
        if rows and rows[0].kind == "voice":
            if rows[0].body.get("to_rep") and not find(self.state, rows[0].provider_id):
                self.silent = True  # the bot asked nothing that it could answer
                return []
            return self._note_commands(rows[0])
        for row in rows:
            if find(self.state, row.provider_id):  # it came as a voice note, and is a picture by its bytes
                return [{"command": "voice_trouble", "note": row.provider_id, "problem": "unreadable"}]
        photos = [photo(row) for row in rows if row.kind == "photo" and row.status == "ready"]
        refused = [photo(row) for row in rows if row.status == "refused" and has_pictures(row)]
        troubles, advice = said_of(rows)
        arrived = sum(row.kind == "photo" for row in rows)
        self.state["photos_waiting"] = max(0, self.state.get("photos_waiting", 0) - arrived)
        text = self.inbound.text or captions(conn, [row.message_id for row in rows])
        commands = self._hear(text) if text else []
        if photos or troubles:
            album = {"photos": photos, "refused": refused, "troubles": troubles, "advice": advice}
            commands = [{"command": "add_photos", **album}, *commands]
        return commands

    def _note_commands(self, row: Row[Any]) -> list[Json]:
        """What became of a voice note: its words, no words, or a person who will write them down.

        Words for a product that she has given up or handed over meanwhile change nothing; a rep reads them.
        """
        note = find(self.state, row.provider_id)
        if note and note.get("dropped"):
            self.state["notes"].remove(note)
            self.silent = True
            if row.status == "ready" and row.transcript:
                self.events = [
                    {"event": "custom", "do": "rep_task", "kind": "late_note", "slot": note["open"]}
                ]
            return []
        verdict = row.verdict or {}
        if row.status == "ready":
            text, sure = self.inbound.text, verdict.get("confidence")
            try:
                return [hear_note(self.talk.lexicon, self.state, row.provider_id, text, sure)]
            except Exception:
                log.exception("understanding_failed", message=self.inbound.provider_id)
                return [{"command": "internal_error"}]
        problems = verdict.get("problems") or [None]
        if row.status == "stored":
            name = "voice_kept" if self.inbound.payload == "desk" else "voice_advice"
            return [{"command": name, "note": row.provider_id, "problem": problems[0]}]
        return [{"command": "voice_trouble", "note": row.provider_id, "problem": problems[0]}]

    def _answered_with_the_album(self) -> bool:
        """Count the photos on their way. True when nothing is said now: an album gets one answer, later."""
        photos = sum(item.kind == "photo" for item in self.inbound.media)
        if not photos:
            return False
        self.state["photos_waiting"] = self.state.get("photos_waiting", 0) + photos
        if self.consented:
            return photos == sum(item.kind != "other" for item in self.inbound.media)
        # Of photos that come together before consent the first is answered, by the question that is open.
        last, self.state["held_at"] = self.state.get("held_at"), self.now.timestamp()
        return last is not None and self.now.timestamp() - last < ALBUM_GAP_S

    def _turn(self, conn: Connection, commands: Sequence[Json], written: bool = False) -> Turn:
        source = {
            "by": self.by,
            "channel": self.inbound.channel,
            "message_id": self.inbound.provider_id,
            "seller_id": self.known.key,
            "text": self.inbound.text,
            "spoke": self.inbound.kind == "voice",
            "typed": self.inbound.kind == "text" and any(letter.isalpha() for letter in self.inbound.text),
            "written": written,
            "away": self.inbound.kind not in OURS and self.now - self.known.last_inbound_at > AWAY,
        }
        facts = self._facts(conn, commands)
        try:
            return turn(self.talk.library, self.state, commands, self.now, self.talk.act, source, facts)
        except Exception:
            # A fault of ours must not come back with every retry of the provider: she and a rep hear of it.
            log.exception("turn_failed", message=self.inbound.provider_id)
            self.faulty = True
            return Turn(self.state, [self.say("utter_internal_error")])

    def _facts(self, conn: Connection, commands: Sequence[Json]) -> Json:
        facts = self.talk.facts() | {"photos_waiting": self.state.get("photos_waiting") or None}
        wanted = any(command.get("flow") == "my_listings" for command in commands)
        running = any(frame["flow"] == "my_listings" for frame in self.state["stack"])
        if (wanted or running) and self.known.seller_id is not None:
            facts["listings"] = listings_of(conn, self.known.seller_id)
        if offer := self.state["slots"].get("offer_id"):
            facts |= offers.facts(conn, offer, self.known.seller_id, self.now)
        return facts

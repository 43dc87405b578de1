"""What a rep does in somebody's talk, thought out like any message on the talk as it stands.

What cannot be done leaves no row: the one event is `{"event": "refused", "reason", "text"}`. `reason` is
stopped, unknown, practice, taken_over, no_consent, media, not_taken_over, window, sms, empty, not_hers,
not_understood, same, fault, night, gone, already, enough, full, brake, or the response that refused the
value, and then `text` says why.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy import Connection

from bot import jobs, practice, retakes, taken_over
from bot.actions.values import MOST_PHOTOS
from bot.engine.given import correctable, judged, read
from bot.engine.stack import LISTING
from bot.hours import may_write
from bot.messages import Json
from bot.talk import Talk
from bot.visit import Visit

LONGEST = 1000
"""Code points of what a rep says in one message."""
QUICK = "utter_rep_quick_"
"""Responses that a rep may say with one tap begin so."""


class RepVisit(Visit):
    """The visit of a rep, or of the clock in her place."""

    _refused = False

    @property
    def comes_to_nothing(self) -> bool:
        return self._refused or not self.events

    def _take(self, conn: Connection) -> None:
        self.by = self.inbound.by or self.by
        if self.known.seller_id is None:
            return self._refuse("unknown")
        if self.known.stopped_at is not None:
            return self._refuse("stopped")
        if self.state.get("practice") and self.inbound.kind != "practice":
            return self._refuse("practice")
        DEEDS[self.inbound.kind](self, conn, self.known.seller_id)
        if self.faulty:
            self._refuse("fault")
        return None

    def _refuse(self, reason: str, text: str = "") -> None:
        self._refused, self.faulty = True, False
        self.events = [{"event": "refused", "reason": reason, "text": text}]

    def _free(self, conn: Connection, seller_id: int) -> bool:
        """May free words go to her now?"""
        if self.inbound.channel != "whatsapp":
            return self.inbound.channel == "sms"
        until = taken_over.free_until(conn, seller_id)
        return until is not None and self.now < until

    def _facts(self, conn: Connection, commands: Sequence[Json]) -> Json:
        facts = super()._facts(conn, commands)
        return facts | {"rep": self.inbound.text} if self.inbound.kind == "take_over" else facts

    def _take_over(self, conn: Connection, seller_id: int) -> None:
        """She hears once who talks with her now."""
        had = self.state.get("taken_over") or {}
        if had.get("by") == self.by:
            return
        said: list[Json] = []
        if self._free(conn, seller_id):
            said = (
                self._said(conn, {"command": "taken_over"})
                if self.consented
                else [self.say("utter_taken_over", {"rep": self.inbound.text})]
            )
        taken_over.begin(self.state, self.by, self.inbound.text, self.now)
        self.events = [{"event": "taken_over", "by": self.by}, *said]
        self._ends_by_itself("hand_back", taken_over.unique_key(seller_id), taken_over.SILENT)

    def _ends_by_itself(self, kind: str, key: str, after: timedelta) -> None:
        """Nothing of this lasts when nobody looks after it."""
        payload, at = {"seller_id": self.known.seller_id, "kind": kind}, self.now + after
        self.jobs.append(jobs.NewJob("end_by_itself", payload, run_at=at, unique_key=key))

    def _hand_back(self, conn: Connection, seller_id: int) -> None:
        """The bot talks again: one line, and the question that was open; by itself at night no word."""
        taken = self.state.pop("taken_over", None)
        if taken is None:
            return
        said: list[Json] = []
        if self._free(conn, seller_id) and (self.inbound.by or may_write(self.now)):
            said = self._said(conn, {"command": "handed_back"})
        else:
            self.state["unheard"] = True
        if taken["media"]:
            late = {"seller_id": seller_id, "media": taken["media"]}
            self.jobs.append(jobs.NewJob("tell_late", late))
        self.events = [{"event": "handed_back", "by": self.inbound.by}, *said]

    def _practise(self, conn: Connection, seller_id: int) -> None:
        """A talk for practice begins, while the real one waits; or ends, and the real one goes on."""
        if self.inbound.payload == "end":
            return self._end_practice(conn, seller_id)
        reason = self._no_practice(conn, seller_id)
        if reason:
            return self._refuse(reason)
        self.state = practice.begin(self.state, self.by, self.now)
        said = self._said(conn, {"command": "start_flow", "flow": LISTING})
        mark = self.say("utter_practice_mark")["text"]
        said = [practice.marked(event, mark) for event in (self.say("utter_practice_begins"), *said)]
        self.events = [{"event": "practice_begun", "by": self.by}, *practice.kept_inside(said)]
        self._ends_by_itself("practice", practice.unique_key(seller_id), practice.LASTS)

    def _no_practice(self, conn: Connection, seller_id: int) -> str | None:
        """Why not now: photos and notes of the real talk must not fall into the one for practice."""
        state = self.state
        if self.inbound.channel != "whatsapp":
            return "sms"
        if state.get("practice"):
            return "practice"
        if state.get("taken_over"):
            return "taken_over"
        if not self.consented:
            return "no_consent"
        if state.get("photos_waiting") or any(not note.get("dropped") for note in state.get("notes", ())):
            return "media"
        return None if self._free(conn, seller_id) else "window"

    def _end_practice(self, conn: Connection, seller_id: int) -> None:
        if not self.state.get("practice"):
            return
        self.state = practice.over(self.state)
        said: list[Json] = []
        if self._free(conn, seller_id) and (self.inbound.by or may_write(self.now)):
            mark = self.say("utter_practice_mark")["text"]
            said = [practice.marked(self.say("utter_practice_over"), mark)]
            if self.state["asks"] is not None:
                said += self._said(conn, {"command": "go_on"})
        else:
            self.state["unheard"] = True
        self.events = [{"event": "practice_ended", "by": self.inbound.by}, *said]

    def _rep_says(self, conn: Connection, seller_id: int) -> None:
        """Words of the rep's own, or a ready one in her language."""
        taken = self.state.get("taken_over")
        if not taken or taken["by"] != self.by:
            return self._refuse("not_taken_over")
        if not self._free(conn, seller_id):
            return self._refuse("window")
        quick, text = self.inbound.payload, self.inbound.text.strip()
        if quick is None and self.inbound.channel == "sms":
            # In India only registered texts go by SMS.
            return self._refuse("sms")
        if quick is None and not 0 < len(text) <= LONGEST:
            return self._refuse("empty")
        if quick is not None and quick not in quick_replies(self.talk):
            return self._refuse("unknown")
        said: Json = {"event": "bot", "utter": "rep_says", "text": text, "buttons": []}
        self.events = [(self.say(quick) if quick else said) | {"by": self.by}]
        taken["at"] = self.now.timestamp()
        return None

    def _correct(self, conn: Connection, seller_id: int) -> None:
        """Another value than the bot understood: it is read to her, and counts with her yes."""
        slot, text = self.inbound.payload or "", self.inbound.text.strip()
        library, state, act = self.talk.library, self.state, self.talk.act
        if slot not in correctable(library, state):
            return self._refuse("not_hers")
        told = 0 < len(text) <= LONGEST
        value = read(library, self.talk.lexicon, slot, text, state["slots"].get("language")) if told else None
        if value is None:
            return self._refuse("not_understood")
        if state["slots"].get(slot) == value:
            return self._refuse("same")
        command = {"command": "correct_for_her", "slot": slot, "value": value, "said": text}
        refusal = judged(library, state, command, self.now, act, self._facts(conn, ())).refusal
        if refusal:
            return self._refuse(*refusal)
        said = self._said(conn, command)
        if self.state.get("taken_over") or not self._free(conn, seller_id):
            said = [event for event in said if event["event"] != "bot"]
            self.state["unheard"] = True
        self.events = [{"event": "corrected", "by": self.by, "slot": slot}, *said]
        return None

    def _ask_photo(self, conn: Connection, seller_id: int) -> None:
        """One line that asks for a photo of a listing. It is no question: her talk stands where it stood."""
        listing_id, _, again = (self.inbound.payload or "").partition(":")
        photo_id, reason = int(again) if again.isdecimal() else None, self.inbound.text
        listing = retakes.wanted(conn, listing_id, seller_id)
        photos = listing.slots.get("photos") or [] if listing else []
        old = next((photo for photo in photos if photo["id"] == photo_id), None)
        if listing is None or (again and old is None) or reason not in photo_problems(self.talk):
            return self._refuse("gone")
        if refused := self._no_photo(conn, seller_id, listing_id, photo_id, len(photos)):
            return self._refuse(refused)
        args = {"number": listing.number, "photo_problem": reason}
        said = self.say("utter_retake_photo" if old else "utter_another_photo", args) | {"args": args}
        if old and self.inbound.channel == "whatsapp":
            said["image"] = f"photo:{old['sha256']}"
        wish = {"listing_id": listing_id, "photo_id": photo_id, "reason": reason, "by": self.by}
        self.events = [{"event": "custom", "do": "ask_photo", **wish}, said]
        return None

    def _no_photo(
        self, conn: Connection, seller_id: int, listing_id: str, photo_id: int | None, there: int
    ) -> str | None:
        """Why she is not asked for it now."""
        if self.state.get("taken_over"):
            return "taken_over"
        if not self.consented:
            return "no_consent"
        if any(each.photo_id == photo_id for each in retakes.open_of(conn, listing_id, self.now)):
            return "already"
        if not may_write(self.now):
            return "night"
        if photo_id is None and there >= MOST_PHOTOS:
            return "full"
        if self.braked:
            return "brake"
        return "enough" if retakes.many_today(conn, seller_id, self.now) else None

    def _said(self, conn: Connection, command: Json) -> list[Json]:
        """The events of a turn, which becomes the talk's state."""
        result = self._turn(conn, [command])
        self.state = result.state
        self.state.pop("unheard", None)
        return list(result.events)


def quick_replies(talk: Talk) -> list[str]:
    """The names of the ready answers, in the order of the file."""
    return [name for name in talk.library.wording(None).responses if name.startswith(QUICK)]


def photo_problems(talk: Talk) -> list[str]:
    """What may be wrong with a photo that is asked for again, in the order of the file."""
    return list(talk.library.wording(None).words["values"]["photo_problem"])


DEEDS: dict[str, Callable[[RepVisit, Connection, int], None]] = {
    "take_over": RepVisit._take_over,
    "hand_back": RepVisit._hand_back,
    "rep_says": RepVisit._rep_says,
    "correction": RepVisit._correct,
    "practice": RepVisit._practise,
    "retake": RepVisit._ask_photo,
}

"""One message of a seller who practises: each bubble is marked, and no row is left to work on."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from bot import practice
from bot.messages import Json
from bot.visit import Visit

REAL = ("stop", "privacy", "own_copy", "join_phones")
"""Wishes that are never play."""


class Practising(Visit):
    """The visit while `state["practice"]` is set. Notes are heard by a machine or not at all."""

    def think(self, conn: Connection) -> None:
        super().think(conn)
        if self.state.get("practice") or self.ended:
            self.events, self.faulty = practice.kept_inside(self.events), False

    ended = False
    """Did this message end the practice, and say nothing of the real talk?"""

    def _offered(self, conn: Connection) -> bool:
        """Photos for somebody else's listing are no play either: here such a word is one like any other."""
        return False

    def _take(self, conn: Connection) -> None:
        inbound = self.inbound
        if self._is_real():
            self.state = practice.over(self.state)
            return super()._take(conn)
        if inbound.kind == "text" and practice.enough(inbound.text):
            return self._end(conn, "utter_practice_over")
        if inbound.kind == "start":
            self.silent = True
            return None
        if inbound.kind == "voice" and self.talk.settings.transcriber == "desk":
            self.inbound = replace(inbound, media=())
            self.events = [self._marked(self.say("utter_practice_voice"))]
            return None
        super()._take(conn)
        handed_over = next((event for event in self.events if event.get("do") == "hand_over"), None)
        if handed_over:
            self._end(conn, "utter_practice_done")
            self.state = practice.told(self.state, handed_over, self.now)
            return None
        if practice.finished(self.state) and not self.silent:
            return self._end(conn, "utter_practice_over")
        self.events = [self._marked(event) for event in self.events]
        return None

    def _is_real(self) -> bool:
        """A stop, a wish to be forgotten, and whatever comes another way than she practises."""
        inbound = self.inbound
        if inbound.channel != "whatsapp":
            return True
        if inbound.kind not in ("text", "button"):
            return False
        return any(command.get("flow") in REAL for command in self._hear(inbound.text, inbound.payload))

    def _end(self, conn: Connection, utter: str) -> None:
        """One last word, and the question of her real talk, if one is open."""
        last = self._marked(self.say(utter))
        self.ended = True
        self.state = practice.over(self.state)
        self.reset = self.state.pop("nudges", {})
        said: list[Json] = []
        if self.state["asks"] is not None:
            result = self._turn(conn, [{"command": "go_on"}])
            self.state, said = result.state, list(result.events)
        self.events = [last, *said]

    def _marked(self, event: Json) -> Json:
        return practice.marked(event, self.say("utter_practice_mark")["text"])

"""A reminder, thought out like any message: nothing is said where the talk has moved on meanwhile."""

from __future__ import annotations

from typing import get_args

from sqlalchemy import Connection

from bot import nudges
from bot.engine.forgotten import without_draft
from bot.messages import Json
from bot.starts.preferred import WRITTEN
from bot.visit import Visit


class Nudging(Visit):
    """The visit of a silent draft by the worker: a reminder to her, or at last a task for a rep."""

    @property
    def comes_to_nothing(self) -> bool:
        return not (self.events or self.faulty)

    def _take(self, conn: Connection) -> None:
        known, state = self.known, self.state
        if self.inbound.payload in get_args(nudges.OldDraft):
            self._end_old(conn)
            return
        if self.inbound.payload is not None:
            self._ask_for_a_rep(conn)
            return
        step = nudges.next_step(state, known.updated_at, known.seller_id or 0)
        if step is None or known.stopped_at or nudges.ours(state) or not step.due(self.now) or self.braked:
            return
        since = nudges.silent_since(state, known.updated_at)
        before: Json = state.get("nudges") or {}
        if step.to_rep or self.inbound.channel not in WRITTEN:
            detail = {"slot": state["asks"], "since": since.isoformat()}
            self.events = [{"event": "custom", "do": "rep_task", "kind": "silent", **detail}]
            state["nudges"] = before | {"rep": True}
            return
        alone = self._remind(conn)
        self.state["nudges"] = {
            "sent": before.get("sent", 0) + 1,
            "since": since.timestamp(),
            "alone": alone,
        }

    def _end_old(self, conn: Connection) -> None:
        """The last word on a draft of half a year ago; days after it the draft goes without a word."""
        known, state = self.known, self.state
        due = nudges.end_of_old(state, known.last_inbound_at, self.now)
        if due != self.inbound.payload or known.stopped_at or self.braked or state.get("taken_over"):
            return
        if due == "expire":
            self.state = without_draft(self.talk.library, state)
            self.events = [{"event": "custom", "do": "expire_draft"}]
            return
        before: Json = state.get("nudges") or {}
        result = self._turn(conn, [{"command": "nudge_last"}], written=True)
        if self.faulty:
            return
        told = {"rep": True, "alone": True, "last_word": self.now.timestamp()}
        self.state, self.events = result.state, list(result.events)
        self.state["nudges"] = before | told

    def _ask_for_a_rep(self, conn: Connection) -> None:
        """A rep wants it: the same question, whenever the last reminder was; it counts as none."""
        known, before = self.known, self.state.get("nudges") or {}
        if known.stopped_at or nudges.ours(self.state) or self.braked:
            return
        if not nudges.reminded_of(self.state):
            result = self._turn(conn, [{"command": "repeat"}])
            # A new price that waits for her yes is not read out unasked: who holds the phone now?
            if not (self.faulty or nudges.names_money(result.events)):
                self.state, self.events = result.state, list(result.events)
            return
        since = nudges.silent_since(self.state, known.updated_at).timestamp()
        alone = self._remind(conn)
        self.state["nudges"] = before | {"sent": before.get("sent", 0), "since": since, "alone": alone}

    def _remind(self, conn: Connection) -> bool:
        """Say what is kept and ask again; or only the first. Answers whether the question was left out."""
        closed = self.inbound.channel == "whatsapp" and self.now - self.known.last_inbound_at > nudges.WINDOW
        result = self._turn(conn, [{"command": "nudge"}])
        alone = closed or not nudges.asks_about_it(self.state) or nudges.names_money(result.events)
        if alone:
            result = self._turn(conn, [{"command": "nudge_alone"}], written=closed)
        # An excuse for a fault of ours is no reminder: of that only a rep hears.
        self.state, self.events = result.state, [] if self.faulty else list(result.events)
        return alone

"""One line to a person whose two phones have become one seller; the talk stands where it stood."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.visit import Visit

LINES = ("utter_joined", "utter_joined_two_drafts")


class Joining(Visit):
    """The visit of the worker that tells her: nothing after a stop, or while a rep talks with her."""

    @property
    def comes_to_nothing(self) -> bool:
        return not self.events

    def _take(self, conn: Connection) -> None:
        unknown = self.known.seller_id is None or self.inbound.payload not in LINES
        if unknown or self.known.stopped_at is not None or self.state.get("taken_over") or self.braked:
            return
        self.events = [self.say(str(self.inbound.payload))]

"""Who writes, as far as the service knows: the seller behind an address and where her talk stands."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from bot.engine.turn import new_state
from bot.messages import Json, copy_json

REMEMBERED = 300
"""Talks kept in memory by one process; about 4 kB each."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of who writes, as it was read. `seller_id` None: she has never written before.

    `new_address`: she is known, but by another address. `moved`: by her provider's id, so that one is left.
    """

    seller_id: int | None
    key: str
    stopped_at: datetime | None
    state: Json
    revision: int
    updated_at: datetime
    last_inbound_at: datetime
    new_address: bool = False
    moved: bool = False

    @classmethod
    def stranger(cls, now: datetime) -> Known:
        return cls(None, uuid4().hex, None, new_state(), 0, now, now)


class Recent:
    """The talks that this process wrote last, so that the next message need not read them again.

    It may be behind: whoever writes the talk elsewhere raises its `revision`, and what was thought out on an
    older one is not written. So this saves a read and decides nothing.
    """

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, str], Known] = OrderedDict()

    def get(self, channel: str, address: str) -> Known | None:
        """A copy that may be changed."""
        with self._lock:
            known = self._known.get((channel, address))
            if known is None:
                return None
            self._known.move_to_end((channel, address))
        return replace(known, state=copy_json(known.state))

    def put(self, channel: str, address: str, known: Known) -> None:
        """Remember; the state is ours from now on."""
        with self._lock:
            self._known[channel, address] = known
            self._known.move_to_end((channel, address))
            while len(self._known) > self._most:
                self._known.popitem(last=False)

    def forget(self, channel: str, address: str) -> None:
        with self._lock:
            self._known.pop((channel, address), None)

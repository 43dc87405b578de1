"""What every channel offers: prove who sent it, read it, send, look up what was sent.

A channel knows one provider's words and nothing of talks, databases or Flask.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.messages import Inbound, Outbound

Params = Mapping[str, str]
"""The form a provider posts. Repeated names matter only to `verify`, which takes the mapping as it came."""

LADDER = ("queued", "sending", "sent", "delivered", "read")
FINAL = ("failed", "undelivered")


@dataclass(frozen=True, slots=True)
class Status:
    """What the provider says became of one message of ours; `status` is in LADDER or FINAL."""

    provider_id: str
    status: str
    error: str | None = None

    def follows(self) -> tuple[str, ...]:
        """The states this one may replace: callbacks repeat and overtake, a state never goes back."""
        if self.status in FINAL:
            return LADDER[:3]
        return LADDER[: LADDER.index(self.status)]


class SendError(Exception):
    """The provider did not take a message.

    `code` is the provider's own (or `http-503`, `timeout` …). `retryable`: the same call may work later.
    `unknown`: it may have been taken all the same, so look it up before sending again.
    """

    def __init__(self, code: str, retryable: bool, reason: str, unknown: bool = False) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.retryable = retryable
        self.reason = reason
        self.unknown = unknown


class Channel(Protocol):
    """One way to reach people. `name` is what stands in `Inbound.channel` and in the database."""

    @property
    def name(self) -> str: ...

    def verify(self, url: str, params: Params, signature: str) -> bool:
        """Did the provider sign this call to `url` (our public address, never the Host header)?"""
        ...

    def parse(self, params: Params, now: datetime) -> list[Inbound]:
        """The messages in one call; unknown parameters are ignored, missing ones have defaults."""
        ...

    def status(self, params: Params) -> Status | None:
        """What a status callback says, or None when it says nothing we keep."""
        ...

    def send(self, outbound: Outbound, template: str | None = None) -> str:
        """Hand one bubble to the provider and return its id; raises SendError.

        `template` is the provider's id of a stored message with buttons, else they are numbered text.
        """
        ...

    def find_sent(self, outbound: Outbound, since: datetime) -> list[str]:
        """Ids of messages like this one that the provider took since then, oldest first; raises SendError."""
        ...

    def recent_inbound(
        self, since: datetime, unseen: Callable[[Collection[str]], Collection[str]]
    ) -> Iterator[Inbound]:
        """What came in since then, oldest first, of the ids that `unseen` picks; raises SendError."""
        ...

    def delete_media(self, url: str) -> None:
        """Remove one attachment at the provider; already gone is fine; raises SendError."""
        ...

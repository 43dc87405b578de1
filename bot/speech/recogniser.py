"""A voice note to text by the machine that TRANSCRIBER names. Without one, and when it fails: the desk."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Protocol

import structlog

from bot.settings import Settings
from bot.speech.hearing import Heard, Note, NotHeard

FAILURES, REST_S = 5, 300.0
"""After so many failures in a row the machine is left alone for so many seconds."""

log = structlog.get_logger(__name__)
_opening = threading.Lock()


class Recogniser(Protocol):
    """One way to hear. Raises NotHeard; threads share it."""

    def hear(self, note: Note) -> Heard:
        """The words of the note; empty when there are none."""

    def close(self) -> None:
        """Let go of its processes and connections."""


class Machine:
    """A recogniser with a door: `at_once` notes at a time, and none while it rests after many failures."""

    def __init__(
        self, recogniser: Recogniser, at_once: int = 1, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._recogniser = recogniser
        self._places = threading.BoundedSemaphore(at_once)
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._rests_until = 0.0

    @contextmanager
    def place(self) -> Iterator[bool]:
        """Is it our turn? Nobody waits here: the worker has other work than to stand in a queue."""
        free = self._places.acquire(blocking=False)
        try:
            yield free
        finally:
            if free:
                self._places.release()

    def hear(self, note: Note) -> Heard:
        """The words of the note; raises NotHeard, at once while it rests."""
        if self._clock() < self._rests_until:
            raise NotHeard("resting")
        try:
            heard = self._recogniser.hear(note)
        except NotHeard as error:
            self._failed(str(error))
            raise
        with self._lock:
            self._failures = 0
        return heard

    def close(self) -> None:
        """End what it started."""
        self._recogniser.close()

    def _failed(self, reason: str) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES:
                # One more failure after the rest, and it rests again.
                self._rests_until = self._clock() + REST_S
                log.error("transcriber_rests", seconds=REST_S, failures=self._failures, reason=reason)


def machine(settings: Settings) -> Machine | None:
    """The machine of these settings, one a process; None where people write notes down."""
    if settings.transcriber == "desk":
        return None
    with _opening:
        return _open(settings)


@cache
def _open(settings: Settings) -> Machine:
    if settings.transcriber == "sherpa":
        from bot.speech.sherpa import Sherpa

        at_once = settings.transcriber_at_once
        return Machine(Sherpa(Path(settings.transcriber_model), at_once), at_once)
    from bot.speech.http import Service

    return Machine(
        Service(settings.transcriber_url, settings.transcriber_token), settings.transcriber_at_once
    )

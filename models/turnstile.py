"""Writers of one SQLite file, one after the other: threads and processes queue in the kernel, nobody polls.

SQLite's own waiting sleeps and tries again (up to 100 ms a time), so a busy neighbour can keep a writer out
for long. Two advisory file locks make a fair queue instead: who waits for the room stands in the door, so
the one who just left the room cannot slip in first. The kernel frees both when a process dies.
"""

from __future__ import annotations

import fcntl
import os
import threading
import weakref
from collections import deque
from pathlib import Path


class FairLock:
    """A lock that threads get in the order they asked for it."""

    def __init__(self) -> None:
        self._state = threading.Lock()
        self._held = False
        self._queue: deque[threading.Lock] = deque()

    def acquire(self) -> None:
        """Wait for our turn."""
        with self._state:
            if not self._held:
                self._held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._queue.append(turn)
        turn.acquire()

    def release(self) -> None:
        """Hand the lock to the thread that waits longest, if one does."""
        with self._state:
            if self._queue:
                self._queue.popleft().release()
            else:
                self._held = False


class Turnstile:
    """One writer of `database` at a time, over all threads and processes of this machine."""

    def __init__(self, database: Path) -> None:
        self._threads = FairLock()
        self._door = self._open(f"{database}.door")
        self._room = self._open(f"{database}.room")

    def _open(self, name: str) -> int:
        file = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        weakref.finalize(self, os.close, file)
        return file

    def __enter__(self) -> None:
        self._threads.acquire()
        fcntl.flock(self._door, fcntl.LOCK_EX)
        fcntl.flock(self._room, fcntl.LOCK_EX)
        fcntl.flock(self._door, fcntl.LOCK_UN)

    def __exit__(self, *_: object) -> None:
        fcntl.flock(self._room, fcntl.LOCK_UN)
        self._threads.release()

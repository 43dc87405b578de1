"""A worker in a process of its own, for tests that kill it: `python -m tests.worker_process URL LEASE_S`.

Its one task, `note`, takes its time and then writes a row into the table `ran` (n, key, pid),
which the test made.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Engine, text

from bot import jobs
from bot.jobs import Job
from bot.settings import Settings
from bot.tasks import TASKS
from bot.tasks.workshop import Workshop
from bot.worker import Worker, stop_on_signals
from models.database import connect, writing


def open_workshop(db: Engine, clock: Any = lambda: datetime.now(UTC)) -> Workshop:
    """A workshop with a database and a clock; the tasks of these tests need no more."""
    nothing = cast(Any, None)
    return Workshop(db=db, settings=Settings(), store=nothing, channels={}, talk=nothing, clock=clock)


def note(shop: Workshop, job: Job) -> None:
    """Say on standard output that it started, take `seconds`, write and finish in one transaction."""
    print(job.payload["n"], flush=True)
    time.sleep(job.payload.get("seconds", 0))
    with writing(shop.db) as conn:
        conn.execute(
            text("INSERT INTO ran (n, key, pid) VALUES (:n, :key, :pid)"),
            {"n": job.payload["n"], "key": job.key, "pid": os.getpid()},
        )
        jobs.finish(conn, job)


def ignore(shop: Workshop, job: Job) -> None:
    """Finish and do nothing."""
    with writing(shop.db) as conn:
        jobs.finish(conn, job)


if __name__ == "__main__":
    TASKS.update(note=note, reconcile=ignore)
    Worker(open_workshop(connect(sys.argv[1])), lease_s=float(sys.argv[2])).run(stop_on_signals())

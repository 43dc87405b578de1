"""`app.py work` with a lease that does not make a test wait, and a queue of the test's own:
`python -m tests.killed_worker LEASE_S QUEUE`."""

from __future__ import annotations

import sys
from functools import partial

import bot.worker
from bot.handoff import publisher
from bot.logs import configure
from bot.serve import work
from bot.settings import Settings

if __name__ == "__main__":
    configure()
    bot.worker.Worker = partial(bot.worker.Worker, lease_s=float(sys.argv[1]))  # type: ignore[misc,assignment]
    publisher.QUEUE = sys.argv[2]
    sys.exit(work(Settings.from_environment()))

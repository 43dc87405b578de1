"""A worker that only looks after drafts, at another hour of another day:
`python -m tests.nudging_worker FOLDER DATABASE NOW`."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.tasks import TASKS
from bot.worker import Worker, stop_on_signals
from models.database import connect
from tests.open_rooms import loaded_talk, settings_for, workshop
from tests.worker_process import ignore

LEASE_S = 1.0

if __name__ == "__main__":
    folder, database, moment = sys.argv[1:]
    ahead = datetime.fromisoformat(moment) - datetime.now(UTC)
    TASKS.update(send_message=ignore, reconcile=ignore)
    shop = workshop(settings_for(Path(folder)), connect(database), loaded_talk())
    print("ready", flush=True)
    Worker(replace(shop, clock=lambda: datetime.now(UTC) + ahead), lease_s=LEASE_S).run(stop_on_signals())

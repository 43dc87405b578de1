"""A worker with real channels in its own process: `python -m tests.sending_worker FOLDER DATABASE TWILIO`."""

from __future__ import annotations

import sys
from pathlib import Path

from bot.worker import Worker, stop_on_signals
from models.database import connect
from tests.open_rooms import settings_for, workshop

LEASE_S = 1.0

if __name__ == "__main__":
    folder, database, twilio = sys.argv[1:]
    settings = settings_for(Path(folder), twilio_base_url=twilio)
    Worker(workshop(settings, connect(database)), lease_s=LEASE_S).run(stop_on_signals())

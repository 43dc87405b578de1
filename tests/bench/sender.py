"""A worker to measure: `python -m tests.bench.sender FOLDER DATABASE CARRIER`, all threads as shipped."""

from __future__ import annotations

import sys
from pathlib import Path

from bot.serve import WORKERS
from bot.worker import run_together, stop_on_signals
from models.database import connect
from tests.open_rooms import settings_for, workshop

if __name__ == "__main__":
    folder, database, carrier = sys.argv[1:]
    stop = stop_on_signals()
    settings = settings_for(Path(folder), twilio_base_url=carrier)
    run_together(workshop(settings, connect(database)), "bench", WORKERS, stop)

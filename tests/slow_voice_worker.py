"""A worker whose voice never comes to an end: `python -m tests.slow_voice_worker FOLDER DATABASE TWILIO`."""

from __future__ import annotations

import sys
from pathlib import Path

from bot.speech import espeak
from bot.worker import Worker, stop_on_signals
from models.database import connect
from tests.open_rooms import settings_for, workshop

SPEAKS_ON = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(60)"

if __name__ == "__main__":
    folder, database, twilio = sys.argv[1:]
    espeak.PROGRAM = (sys.executable, "-c", SPEAKS_ON, f"{folder}/speaking")
    espeak.PATIENCE_S = 60.0
    settings = settings_for(Path(folder), twilio_base_url=twilio)
    Worker(workshop(settings, connect(database))).run(stop_on_signals())

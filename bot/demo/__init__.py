"""`app.py demo`: a whole listing from real photos and a voice note, through the signed webhook to the queue.

The service really runs, in processes of its own; only the phone company is played here.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine

from bot.channels import open_channels
from bot.demo.carrier import Carrier
from bot.demo.server import DemoFailed, is_ready, rehearsal, serving
from bot.demo.talk import Seller, handed_over, has_real_talks, until
from bot.handoff.publisher import QUEUE
from bot.media.store import MediaStore
from bot.settings import Settings
from bot.talk import Talk
from bot.tasks.transcribe import submit
from bot.tasks.workshop import Workshop
from models.database import connect, migrate

LOG_LINES = 20
ACCOUNT = "AC" + "0" * 32


def demo(settings: Settings) -> int:
    """Print the talk, then the listing message; 1 with the reason when something did not happen in time."""
    token = secrets.token_hex(16)
    with TemporaryDirectory(prefix="sangwari-demo-") as folder, Carrier(ACCOUNT, token) as carrier:
        log = Path(folder) / "service.log"
        ours = rehearsal(settings, Path(folder), carrier.url, ACCOUNT, token)
        try:
            _run(ours, carrier, log)
        except DemoFailed as reason:
            sys.stderr.write(f"{_tail(log)}the demo did not come to its end: {reason}\n")
            return 1
    return 0


def _run(settings: Settings, carrier: Carrier, log: Path) -> None:
    db = connect(settings.database_url)
    try:
        migrate(db)
        if has_real_talks(db):
            # Its worker would send what waits there to the carrier of the demo.
            raise DemoFailed("the database of DATABASE_URL has talks with real people")
        with serving(settings, log) as process:
            _list_one(settings, carrier, db, process)
    finally:
        db.dispose()


def _list_one(settings: Settings, carrier: Carrier, db: Engine, process: subprocess.Popen[bytes]) -> None:
    def alive() -> bool:
        return process.poll() is None

    until(lambda: is_ready(settings), "the service did not start", alive)
    seller = Seller(settings, carrier, db, _say)
    listing_id = seller.list_one(partial(submit, _desk(settings, db), by="desk"), alive)
    if settings.queue_url:
        until(lambda: handed_over(db, listing_id)[1] is not None, "the queue took no listing", alive)
    message, published_at = handed_over(db, listing_id)
    if published_at:
        _say(f"  (on the queue {QUEUE} since {published_at:%H:%M:%S} UTC as event {message['event_id']})")
    else:
        _say("  (QUEUE_URL names no queue: the listing waits for GET /api/v1/listings)")
    _say(json.dumps(message, ensure_ascii=False, indent=2))


def _desk(settings: Settings, db: Engine) -> Workshop:
    """Where the person sits who writes down what was said."""
    return Workshop(
        db=db,
        settings=settings,
        store=MediaStore(settings.media_url),
        channels=open_channels(settings),
        talk=Talk.load(settings),
        clock=lambda: datetime.now(UTC),
    )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _tail(log: Path) -> str:
    """The last lines of what the service logged: there stands why."""
    lines = log.read_text(errors="replace").splitlines(keepends=True) if log.exists() else []
    return "".join(lines[-LOG_LINES:])

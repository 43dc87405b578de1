"""`app.py person …`: all that is kept of one person, printed; or erased for good."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from bot.messages import Json
from bot.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine


class Refused(Exception):
    """It cannot be done; the message says why."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What follows `app.py person`."""
    deeds = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    export = deeds.add_parser("export", help="all that is kept of her, as one JSON document")
    export.add_argument("--media", metavar="DIR", help="write her photos and voice notes there as files")
    erase = deeds.add_parser("erase", help="erase her; what stays is told in docs/people.md")
    erase.add_argument("--yes", action="store_true", help="do not ask")
    for each in (export, erase):
        each.add_argument("who", metavar="PHONE|KEY")


def run(settings: Settings, given: argparse.Namespace) -> Json:
    """Do it; what is printed. Refused says why not."""
    from bot.people.who import seller_of
    from models.database import connect, migrate, reading

    db = connect(settings.database_url)
    migrate(db)
    try:
        with reading(db) as conn:
            seller_id = seller_of(conn, given.who)
        if seller_id is None:
            raise Refused("nobody is known by that number or key")
        if given.what == "export":
            return _export(db, settings, seller_id, given.media)
        return _erase(db, settings, seller_id, given)
    finally:
        db.dispose()


def _export(db: Engine, settings: Settings, seller_id: int, folder: str | None) -> Json:
    from bot.media.store import MediaStore
    from bot.people.export import export, write_media
    from models.database import reading

    with reading(db) as conn:
        found = export(conn, seller_id)
    if folder:
        for name in write_media(found, MediaStore(settings.media_url), Path(folder)):
            sys.stderr.write(f"{name}: not in the store any more\n")
    return found


def _erase(db: Engine, settings: Settings, seller_id: int, given: argparse.Namespace) -> Json:
    """The job is in the table before anything goes: cut off here, a worker of the service ends it."""
    from bot import jobs
    from bot.media.store import MediaStore
    from bot.people import erase
    from bot.tasks import TASKS
    from bot.tasks.workshop import Workshop
    from models.database import writing

    if not given.yes and not _typed(given.who):
        raise Refused("nothing was erased")
    with writing(db) as conn:
        erase.ask(conn, seller_id, datetime.now(UTC), last_word=False)
    talk: Any = None  # these tasks never speak
    shop = Workshop(
        db, settings, MediaStore(settings.media_url), {}, cast(Any, talk), lambda: datetime.now(UTC)
    )
    while claimed := jobs.claim(db, shop.clock(), kinds=(erase.TASK, erase.BYTES)):
        for job in claimed:
            TASKS[job.kind](shop, job)
    return {"erased": seller_id}


def _typed(who: str) -> bool:
    sys.stderr.write(f"Everything that is kept of {who} goes, and her listings are withdrawn.\n")
    sys.stderr.write("This cannot be undone. Type the number or key again:\n")
    return sys.stdin.readline().strip() == who

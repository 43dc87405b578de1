"""`app.py person …`: what we hold of one person, given to her or erased; two entries of hers made one."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.messages import Json
from bot.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

ERASE = "erase"
MERGE = "merge"
"""What is typed to confirm."""


class Refused(Exception):
    """It cannot be done, or was not confirmed; the message says why."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What follows `app.py person`."""
    deeds = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    give = deeds.add_parser("export", help="everything we hold of her, as one JSON object")
    give.add_argument("--media", type=Path, metavar="DIR", help="write her photos and notes there too")
    erase = deeds.add_parser("erase", help="everything we hold of her goes, for good")
    erase.add_argument("--yes", action="store_true", help="without asking")
    joined = deeds.add_parser(
        "merge", help="two entries of one person become one; they cannot be parted again"
    )
    joined.add_argument("who", metavar="PHONE|KEY", help="her number, or her key: this entry stays")
    joined.add_argument("gone", metavar="PHONE|KEY", help="her other number, or its key")
    joined.add_argument("--by", default="operator", metavar="rep:ID", help="who knows that they are one")
    joined.add_argument("--yes", action="store_true", help="without asking")
    for each in (give, erase):
        each.add_argument("who", metavar="PHONE|KEY", help="her number, or her key")


def run(settings: Settings, given: argparse.Namespace) -> Json:
    """Do it; what is printed. Refused says why not."""
    from bot.people.find import Unknown, seller_by
    from models.database import connect, migrate, reading

    db = connect(settings.database_url)
    migrate(db)
    try:
        with reading(db) as conn:
            seller_id = seller_by(conn, given.who)
            gone = seller_by(conn, given.gone) if given.what == "merge" else seller_id
        if given.what == "merge":
            return _merge(db, seller_id, gone, given.by, given.yes)
        if given.what == "export":
            return _export(db, settings, seller_id, given.media)
        return _erase(db, settings, seller_id, given.yes)
    except Unknown as error:
        raise Refused(str(error)) from None
    finally:
        db.dispose()


def _export(db: Engine, settings: Settings, seller_id: int, folder: Path | None) -> Json:
    from bot.media.store import MediaStore
    from bot.people.export import export
    from models.database import reading

    with reading(db) as conn:
        found = export(conn, seller_id)
    names = {str(row["sha256"]) for row in found["media"] if row["sha256"]}
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        store = MediaStore(settings.media_url)
        for name in sorted(names):
            try:
                (folder / name).write_bytes(store.read(name))
            except FileNotFoundError:
                sys.stderr.write(f"{name}: not in the store\n")
    return found


def _erase(db: Engine, settings: Settings, seller_id: int, sure: bool) -> Json:
    from bot import jobs
    from bot.people.erase import erase
    from models.database import writing

    if not sure:
        sys.stderr.write(f"Everything we hold of her goes for good. Type {ERASE} to go on:\n")
        if sys.stdin.readline().strip() != ERASE:
            raise Refused("nothing was erased")
    now = datetime.now(UTC)
    publish, secret = bool(settings.queue_url), settings.secret_key
    with writing(db) as conn:
        done = erase(conn, seller_id, "operator", now, secret_key=secret, publish=publish)
        waits = jobs.due(conn, "erase_bytes", now)
    return {"erased": done, "bytes_waiting_for_the_worker": waits}


def _merge(db: Engine, keep: int, gone: int, by: str, sure: bool) -> Json:
    from bot.people.merge import NotNow, merge
    from models.database import writing

    if keep == gone:
        raise Refused("both are the same person already")
    if not sure:
        sys.stderr.write(f"Two people become one for good. Type {MERGE} to go on:\n")
        if sys.stdin.readline().strip() != MERGE:
            raise Refused("nobody was merged")
    try:
        with writing(db) as conn:
            if by != "operator":
                _known_rep(conn, by)
            done = merge(conn, keep, gone, by, datetime.now(UTC))
    except NotNow as error:
        raise Refused(f"not now: {error}") from None
    return {"merged": done is not None, **(done or {})}


def _known_rep(conn: Connection, by: str) -> None:
    """Refused unless this is `rep:<id>` of somebody who is one."""
    from sqlalchemy import select

    from models import Rep

    number = by.removeprefix("rep:")
    known = by.startswith("rep:") and number.isascii() and number.isdigit() and len(number) < 19
    if not known or conn.scalar(select(Rep.id).where(Rep.id == int(number))) is None:
        raise Refused(f"there is no {by}")

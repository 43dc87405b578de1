"""`app.py rep …`: who may help whom, and the passwords of the console."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from bot.messages import Json
from bot.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

ROLES = ("rep", "lead", "admin")


class Refused(Exception):
    """It cannot be done; the message says why."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """What follows `app.py rep`."""
    deeds = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    add = deeds.add_parser("add", help="a new rep, or another name, role or places for one that is there")
    add.add_argument("--name", required=True)
    add.add_argument("--district", action="append", metavar="NAME", default=[], help="may be repeated")
    add.add_argument(
        "--block", action="append", metavar="NAME", default=[], help="only these; may be repeated"
    )
    add.add_argument("--role", choices=ROLES, default="rep", help="rep, lead of her districts, or admin")
    reset = deeds.add_parser("reset-password", help="a new one-time password; she is signed out everywhere")
    disable = deeds.add_parser("disable", help="she may do nothing any more, neither here nor by WhatsApp")
    for each in (add, reset, disable):
        each.add_argument("--phone", required=True, help="the number she writes from")
    for each in (add, reset):
        each.add_argument("--password-stdin", action="store_true", help="take it from standard input")


def run(settings: Settings, given: argparse.Namespace) -> Json:
    """Do it; what is printed. Refused says why not."""
    from bot.console.accounts import BadAccount
    from bot.starts.person import BadPerson
    from models.database import connect, migrate

    db = connect(settings.database_url)
    migrate(db)
    try:
        return _do(db, settings, given)
    except (BadPerson, BadAccount) as error:
        raise Refused(str(error)) from None
    finally:
        db.dispose()


def _do(db: Engine, settings: Settings, given: argparse.Namespace) -> Json:
    from bot.actions.reference import lexicon
    from bot.console import accounts

    if given.what == "disable":
        return accounts.disable(db, accounts.numbered(db, given.phone), None)
    password = sys.stdin.readline().rstrip("\r\n") if given.password_stdin else None
    if given.what == "reset-password":
        rep_id = accounts.numbered(db, given.phone)
        return accounts.reset(db, settings.secret_key, rep_id, None, password)
    new = accounts.NewRep(given.phone, given.name, given.role, tuple(given.district), tuple(given.block))
    return accounts.add(db, lexicon(), new, None, password)

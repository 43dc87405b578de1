"""`app.py dead …`: jobs that nobody tries any more, looked at and put back."""

from __future__ import annotations

import argparse
import json
import sys

from bot.settings import Settings


def arguments(parser: argparse.ArgumentParser) -> None:
    """What follows `app.py dead`."""
    parser.add_argument("what", choices=("list", "retry"))
    parser.add_argument("ids", nargs="*", type=int, metavar="ID", help="which to retry; all without")


def run(given: argparse.Namespace) -> int:
    """A JSON line for each, or all of them (those that are named) put back."""
    from bot import jobs
    from models.database import connect

    db = connect(Settings.from_environment().database_url)
    found = jobs.dead(db)
    if given.what == "list":
        for job in found:
            line = {"id": job.id, "kind": job.kind, "tries": job.attempts, "error": job.error}
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        return 0
    sys.stderr.write(f"{jobs.retry(db, given.ids or [job.id for job in found])} put back\n")
    return 0

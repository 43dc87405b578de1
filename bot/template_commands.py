"""`app.py templates …`: store our messages with buttons at the provider, and ask what was approved."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.messages import Json
from bot.settings import ROOT, Settings

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from bot.channels.content import Form
    from bot.channels.content_api import ContentApi


def arguments(parser: argparse.ArgumentParser) -> None:
    """What follows `app.py templates`."""
    deeds = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    deeds.add_parser("push", help="store what is new or was changed, and ask for approval of the openers")
    deeds.add_parser("status", help="ask what WhatsApp says of the openers, and keep it")


def run(given: argparse.Namespace) -> int:
    """Do it, a JSON line each; 1 when the provider refused, and then the same command goes on from there."""
    from bot.channels.base import SendError
    from bot.channels.content_api import ContentApi
    from models.database import connect, migrate

    settings = Settings.from_environment()
    settings.require_secrets()
    db = connect(settings.database_url)
    migrate(db)
    deed = push if given.what == "push" else status
    try:
        for line in deed(db, ContentApi(settings), settings, datetime.now(UTC)):
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
            sys.stdout.flush()
    except SendError as error:
        sys.stderr.write(f"{error}; run it again to go on\n")
        return 1
    finally:
        db.dispose()
    return 0


def push(db: Engine, api: ContentApi, settings: Settings, now: datetime) -> Iterator[Json]:
    """Every Content that is not stored as it is worded now; what was stored and not written down is found."""
    there: dict[str, str] | None = None
    for form in _forms(settings):
        row = _row(db, form)
        known = row if row is not None and row.digest == form.digest else None
        if known and (known.approval or not form.approvable):
            continue
        sid = known.content_sid if known else None
        if sid is None:
            there = dict(api.stored()) if there is None else there
            sid = there.get(form.friendly_name) or api.create(form.body())
        _keep(db, form, sid, None, now)
        approval = None
        if form.approvable:
            approval = api.approval(sid)
            if approval == "unsubmitted":
                approval = api.ask_approval(sid, form.friendly_name)
            _keep(db, form, sid, approval, now)
        yield _shown(form.response, form.language, form.form, sid, approval)


def status(db: Engine, api: ContentApi, _settings: Settings, now: datetime) -> Iterator[Json]:
    """The state of every opener, kept; only `approved` opens talks."""
    from sqlalchemy import select, update

    from models import ContentTemplate
    from models.database import reading, writing

    table = ContentTemplate.__table__
    with reading(db) as conn:
        asked = table.c.form.startswith("opener-")
        rows = conn.execute(select(table).where(asked).order_by(table.c.friendly_name)).all()
    for row in rows:
        approval = api.approval(row.content_sid)
        with writing(db) as conn:
            same = table.c.content_sid == row.content_sid
            conn.execute(update(table).where(same).values(approval=approval, checked_at=now))
        yield _shown(row.response, row.language, row.form, row.content_sid, approval)


def _shown(response: str, language: str, form: str, sid: str, approval: str | None) -> Json:
    names = {"response": response, "language": language, "form": form}
    return {**names, "content_sid": sid, "approval": approval}


def _forms(settings: Settings) -> Iterator[Form]:
    from bot.channels.content import forms
    from bot.engine.library import load_library
    from bot.language.languages import load_languages
    from bot.language.lexicon import Lexicon

    locales = ROOT / "locales"
    library = load_library(ROOT / "flows", locales, Lexicon.load(locales).name)
    complete = [code for code, language in load_languages(locales).items() if not language.draft]
    return forms(library, settings, complete)


def _key(form: Form) -> list[Any]:
    from models import ContentTemplate

    table = ContentTemplate.__table__.c
    return [
        table.response == form.response,
        table.language == form.language,
        table.channel == "whatsapp",
        table.form == form.form,
    ]


def _row(db: Engine, form: Form) -> Any:
    from sqlalchemy import select

    from models import ContentTemplate
    from models.database import reading

    with reading(db) as conn:
        return conn.execute(select(ContentTemplate.__table__).where(*_key(form))).first()


def _keep(db: Engine, form: Form, sid: str, approval: str | None, now: datetime) -> None:
    from sqlalchemy import delete, insert

    from models import ContentTemplate
    from models.database import writing

    table = ContentTemplate.__table__
    row = {
        "response": form.response,
        "language": form.language,
        "channel": "whatsapp",
        "form": form.form,
        "content_sid": sid,
        "friendly_name": form.friendly_name,
        "digest": form.digest,
        "approval": approval,
        "variables": list(form.variables),
        "checked_at": now,
    }
    with writing(db) as conn:
        conn.execute(delete(table).where(*_key(form)))
        conn.execute(insert(table).values(row))

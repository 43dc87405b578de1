"""Begin a flow for people: one as JSON, many as CSV. They hear of it at the set rate, in their own talks."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from bot.messages import Json
from bot.starts import STARTABLE
from bot.starts.person import WHATSAPP, BadPerson, Person, facts, mobile
from bot.starts.request import Asked, OtherRequest, answers, dry, queue
from bot.starts.sheet import BadSheet, Line, check, lines
from bot.web.access import token
from bot.web.given import BadRequest, body, is_plain
from bot.web.house import house
from models import Rep
from models.database import reading

flows_api = Blueprint("flows_api", __name__, url_prefix="/flows")
LARGEST_SHEET = 64 * 1024 * 1024
CHUNK = 64 * 1024
_BY = re.compile(r"rep:(\d{1,18})|[a-z][a-z0-9_.-]{0,39}")


@flows_api.post("/<string:flow>/start")
@token
def start(flow: str) -> ResponseReturnValue:
    """Ask for it; the same key and body again get the same answer, and change nothing."""
    if flow not in STARTABLE:
        return jsonify(error="unknown_flow", reason=f"flows to start: {', '.join(STARTABLE)}"), 404
    if request.mimetype == "text/csv":
        return _sheet(flow)
    if request.mimetype != "application/json":
        return jsonify(error="unsupported_media_type", reason="application/json or text/csv"), 415
    return _person(flow, body())


def _person(flow: str, given: Json) -> ResponseReturnValue:
    address = given.get("address")
    if not is_plain(address):
        raise BadRequest("address: give one, as whatsapp:+91… or +91…")
    slots = given.get("slots", {})
    if not isinstance(slots, dict):
        raise BadRequest("slots: an object of known facts")
    named = {"seller_name": given.get("name"), "language": given.get("language")}
    known = slots | {slot: value for slot, value in named.items() if value}
    channel = "whatsapp" if address.startswith(WHATSAPP) else "sms"
    try:
        phone = mobile(address.removeprefix(WHATSAPP))
        person = Person(phone, channel, facts(known, house().talk.lexicon))
    except BadPerson as bad:
        raise BadRequest(str(bad)) from None
    same = json.dumps(given, sort_keys=True, ensure_ascii=False).encode()
    asked = Asked(_key(given.get("key")), _digest(same), flow, _by(given.get("by")), 1)
    people = [Line(1, person)]
    if _is_dry():
        answer = next(dry(house().db, flow, people))
    else:
        start_id = queue(house().db, asked, people, house().clock())
        answer = next(answers(house().db, start_id))
    del answer["line"]
    return jsonify(answer)


def _sheet(flow: str) -> ResponseReturnValue:
    key, by = _key(request.args.get("key")), _by(request.args.get("by"))
    opened = house()
    with ExitStack() as stack:
        path, digest = stack.enter_context(_on_disk())
        asked = Asked(key, digest, flow, by, check(path))
        people = lines(path, opened.talk.lexicon)
        if _is_dry():
            answer = Response(_answer(dry(opened.db, flow, people)), mimetype="application/json")
            # The file is read while the answer goes out.
            answer.call_on_close(stack.pop_all().close)
            return answer
        start_id = queue(opened.db, asked, people, opened.clock())
    return Response(_answer(answers(opened.db, start_id)), mimetype="application/json")


def _answer(rows: Iterable[Json]) -> Iterator[str]:
    """The lines as they are read, and how many had which result: all at once they are many megabytes."""
    counts: Counter[str] = Counter()
    yield '{"rows": ['
    for place, row in enumerate(rows):
        counts[row["result"]] += 1
        yield ("," if place else "") + "\n" + json.dumps(row, ensure_ascii=False)
    yield f'],\n"counts": {json.dumps(counts)}}}\n'


@flows_api.errorhandler(BadSheet)
def _bad_sheet(error: BadSheet) -> ResponseReturnValue:
    return jsonify(error="bad_sheet", reason=str(error)), 400


@flows_api.errorhandler(OtherRequest)
def _other_request(_error: OtherRequest) -> ResponseReturnValue:
    return jsonify(error="key_used", reason="key: another request was made with it"), 409


@contextmanager
def _on_disk() -> Iterator[tuple[Path, str]]:
    """The body in a file of its own, and its digest."""
    request.max_content_length = LARGEST_SHEET
    digest = hashlib.sha256()
    handle, name = tempfile.mkstemp(suffix=".csv")
    try:
        with os.fdopen(handle, "wb") as file:
            while chunk := request.stream.read(CHUNK):
                digest.update(chunk)
                file.write(chunk)
        yield Path(name), digest.hexdigest()
    finally:
        Path(name).unlink()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _is_dry() -> bool:
    return request.args.get("dry_run") == "1"


def _key(given: object) -> str:
    if not is_plain(given):
        raise BadRequest("key: what makes this request one, whenever it is sent again")
    return given


def _by(given: object) -> str:
    """Who asks: a program by its name, or a rep we know."""
    match = _BY.fullmatch(given) if isinstance(given, str) else None
    if match is None:
        raise BadRequest("by: rep:<id>, or the name of a program")
    if match[1]:
        with reading(house().db) as conn:
            known = conn.scalar(select(Rep.id).where(Rep.id == int(match[1]), Rep.active))
        if known is None:
            raise BadRequest(f"by: there is no rep {match[1]}")
    return match[0]

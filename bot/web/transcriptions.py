"""The desk over HTTP: voice notes to be written down, one at a time, each for one person."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from bot.desk import queue
from bot.media.links import link
from bot.tasks.workshop import Workshop
from bot.web.access import token
from bot.web.given import BadRequest, body, in_body, in_query, is_plain
from bot.web.house import house
from models.database import reading

transcriptions = Blueprint("transcriptions", __name__, url_prefix="/transcriptions")
LIMIT, MOST = 100, 1000
SHORTEST_LEASE_S = 10
LARGEST_ID = 2**63 - 1
STATUSES = ("waiting", "done", "cannot_hear")
NOTE = f"/<int(max={LARGEST_ID}):media_id>"


@transcriptions.get("")
@token
def notes() -> ResponseReturnValue:
    """How notes stand; this only looks, and says nothing of whose they are or what is in them."""
    status = request.args.get("status") or "waiting"
    if status not in STATUSES:
        raise BadRequest(f"status: one of {', '.join(STATUSES)}")
    limit = in_query("limit", LIMIT, 1, MOST)
    opened = house()
    with reading(opened.db) as conn:
        found = queue.listed(conn, opened.clock(), status, limit)
    return jsonify(transcriptions=found)


@transcriptions.post("/claim")
@token
def claim() -> ResponseReturnValue:
    """The note that waits longest is the caller's for a while; 204 when none waits."""
    given = body()
    language = given.get("language")
    if language is not None and not is_plain(language):
        raise BadRequest("language: its code, as hne or hi")
    opened = house()
    note = queue.claim(
        opened.db,
        opened.clock(),
        given.get("by"),
        _lease(given),
        language=language,
        media_id=in_body(given, "id", 0, 0, LARGEST_ID) or None,
    )
    if note is None:
        return "", 204
    return jsonify(note.as_json(link(opened.settings, note.audio)))


@transcriptions.post(f"{NOTE}/renew")
@token
def renew(media_id: int) -> ResponseReturnValue:
    """The note is the caller's for some time more."""
    given = body()
    opened = house()
    until = queue.renew(opened.db, opened.clock(), media_id, _claim(given), _lease(given))
    return jsonify(id=media_id, status="waiting", claimed_until=until.isoformat())


@transcriptions.post(f"{NOTE}/submit")
@token
def submit(media_id: int) -> ResponseReturnValue:
    """These are her words. The same call again changes nothing."""
    given = body()
    queue.submit(_shop(), media_id, _claim(given), given.get("text"))
    return jsonify(id=media_id, status="done")


@transcriptions.post(f"{NOTE}/cannot-hear")
@token
def cannot_hear(media_id: int) -> ResponseReturnValue:
    """Nobody can make out her words; she is asked to say them again. The same call again changes nothing."""
    queue.cannot_hear(_shop(), media_id, _claim(body()))
    return jsonify(id=media_id, status="cannot_hear")


@transcriptions.post(f"{NOTE}/release")
@token
def release(media_id: int) -> ResponseReturnValue:
    """The note is anybody's again. The same call again changes nothing."""
    queue.release(house().db, media_id, _claim(body()))
    return jsonify(id=media_id, status="waiting")


@transcriptions.errorhandler(queue.Refused)
def _refused(error: queue.Refused) -> ResponseReturnValue:
    return jsonify(error="bad_request", reason=str(error)), 400


@transcriptions.errorhandler(queue.WrongClaim)
def _wrong_claim(error: queue.WrongClaim) -> ResponseReturnValue:
    if error.reason == "unknown":
        return jsonify(error="unknown_transcription"), 404
    return jsonify(error="wrong_claim", reason=error.reason), 409


def _claim(given: dict[str, object]) -> str:
    claim = given.get("claim")
    if not is_plain(claim):
        raise BadRequest("claim: the token that came with the note")
    return claim


def _lease(given: dict[str, object]) -> int:
    return in_body(given, "lease", queue.LEASE_S, SHORTEST_LEASE_S, queue.LONGEST_LEASE_S)


def _shop() -> Workshop:
    """The house as the tasks know it."""
    opened = house()
    return Workshop(
        opened.db, opened.settings, opened.store, dict(opened.channels), opened.talk, opened.clock
    )

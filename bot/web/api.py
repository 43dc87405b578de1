"""The API for the marketplace's backend: take listings over, and see where a person is."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from bot.handoff.lease import acknowledge, lend, waiting
from bot.handoff.links import with_fresh_links
from bot.media.links import link
from bot.web.access import public, token
from bot.web.flows_api import flows_api
from bot.web.given import BadRequest, body, in_query, is_plain
from bot.web.house import house
from bot.web.openapi import document
from bot.web.people import person
from bot.web.transcriptions import transcriptions
from models.database import reading, writing

api = Blueprint("api", __name__, url_prefix="/api/v1")
api.register_blueprint(transcriptions)
api.register_blueprint(flows_api)
LIMIT, MOST = 100, 1000
LONGEST_LEASE_S = 86_400


@api.get("/listings")
@token
def listings() -> ResponseReturnValue:
    """Listing messages that wait, oldest first; with `lease` they are the caller's alone for a while."""
    limit = in_query("limit", LIMIT, 1, MOST)
    seconds = in_query("lease", 0, 0, LONGEST_LEASE_S)
    opened = house()
    lease = None
    if seconds:
        with writing(opened.db) as conn:
            found, lease = lend(conn, opened.clock(), limit, seconds)
    else:
        with reading(opened.db) as conn:
            found = waiting(conn, opened.clock(), limit)
    fresh = [with_fresh_links(message, lambda sha256: link(opened.settings, sha256)) for message in found]
    return jsonify(listings=fresh, lease=lease)


@api.post("/listings/ack")
@token
def ack() -> ResponseReturnValue:
    """The caller has these for good. All or none; the same call again changes nothing."""
    lease, event_ids = _ack_body()
    opened = house()
    with writing(opened.db) as conn:
        refusals = acknowledge(conn, opened.clock(), lease, event_ids)
    if refusals:
        events = [{"event_id": each.event_id, "reason": each.reason} for each in refusals]
        return jsonify(error="wrong_lease", events=events), 409
    return jsonify(acked=event_ids)


@api.get("/people")
@token
def people() -> ResponseReturnValue:
    """Where the person behind an address is in her talk, and why."""
    # An unescaped + in a query means a space, and no address has one.
    address = request.args.get("address", "").strip().replace("whatsapp: ", "whatsapp:+")
    if not is_plain(address):
        raise BadRequest("address: give one, as whatsapp:+91… or +91…")
    with reading(house().db) as conn:
        found = person(conn, address) or person(conn, f"+{address}")
    if found is None:
        return jsonify(error="unknown_address"), 404
    return jsonify(found)


@api.get("/openapi.json")
@public
def openapi() -> Response:
    """This API, described in OpenAPI 3.1."""
    return jsonify(document())


@api.errorhandler(BadRequest)
def _bad_request(error: BadRequest) -> ResponseReturnValue:
    return jsonify(error="bad_request", reason=str(error)), 400


@api.errorhandler(HTTPException)
def _http_error(error: HTTPException) -> ResponseReturnValue:
    name = (error.name or "error").lower().replace(" ", "_")
    return jsonify(error=name, reason=error.description), error.code or 500


def _ack_body() -> tuple[str, list[str]]:
    given = body()
    lease, event_ids = given.get("lease"), given.get("event_ids")
    if not is_plain(lease):
        raise BadRequest("lease: the token that came with the listings")
    if not isinstance(event_ids, list) or len(event_ids) > MOST or not all(map(is_plain, event_ids)):
        raise BadRequest(f"event_ids: a list of at most {MOST} event ids")
    return lease, event_ids

"""The doors of telephone calls. No sound is made in a request: one that is not ready is asked for again."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

import structlog
from flask import Blueprint, Response, abort, jsonify, request
from sqlalchemy import ColumnElement, select, update

from bot import metrics
from bot.channels import call_gateway, twilio_calls
from bot.channels.calls import CallEvent, Place
from bot.channels.exchange import exchange
from bot.channels.sms_gateways import KEY_HEADER
from bot.engine.listening import CALL
from bot.web import call_talk
from bot.web.access import came_from, signed
from bot.web.house import House, house
from models import Message
from models.database import reading, writing

if TYPE_CHECKING:
    from bot.channels.call_entry import Entry

log = structlog.get_logger(__name__)
calls = Blueprint("calls", __name__)
_message, _columns = Message.__table__, Message.__table__.c


@calls.post(twilio_calls.PATH)
@signed
def twilio_voice() -> Response:
    """Somebody lets it ring, or a step of a call that we placed, or its end."""
    started = perf_counter()
    opened = house()
    query = request.query_string.decode("latin-1")
    url = opened.settings.public_url.rstrip("/") + request.path + (f"?{query}" if query else "")
    signature = request.headers.get("X-Twilio-Signature", "")
    if not opened.channels["whatsapp"].verify(url, request.form, signature):
        _refuse("wrong signature")
    event = twilio_calls.read(request.form)
    if event.incoming:
        if not event.ended and not call_talk.missed(opened, event):
            log.warning("caller_unknown", path=request.path)
        return _xml(twilio_calls.reject())
    place = Place.read(request.args)
    if not event.ended or event.recording:
        place = call_talk.take(opened, event, place)
    if event.ended:
        call_talk.ended(opened, event)
        return Response(status=204)
    said = call_talk.reply(opened, event, place)
    metrics.TURN_SECONDS.observe(perf_counter() - started)
    return _xml(twilio_calls.twiml(said, opened.settings.public_url))


@calls.route("/webhooks/calls/<provider>", methods=["GET", "POST"])
@signed
def gateway(provider: str) -> Response:
    """One step of a gateway's flow; `step` in the address says which."""
    opened = house()
    entry = _open(opened, provider)
    step = request.args.get("step", "missed")
    if step not in call_gateway.STEPS or entry.hears is None:
        abort(404)
    event = call_gateway.read(entry.hears, request.values)
    if not event.call or event.number is None:
        log.warning("caller_unknown", path=request.path)
        return Response(status=200)
    if step == "missed":
        if event.incoming and not event.ended:
            call_talk.missed(opened, event)
        return Response(status=200)
    if step == "ended":
        if event.ended:
            call_talk.ended(opened, event)
        return Response(status=200)
    return _step(opened, entry, step, event)


def _step(opened: House, entry: Entry, step: str, event: CallEvent) -> Response:
    """A flow cannot carry the place of the call along, so it is kept with the message that began the call."""
    place = _place(opened, event)
    if step == "heard":
        if not event.keys and not event.recording:
            place = place.silent()
        _keep(opened, event, call_talk.take(opened, event, place))
        return Response(status=200)
    if entry.says is None:
        abort(404)
    if step == "next":
        said = call_talk.reply(opened, event, call_talk.take(opened, event, place))
        _keep(opened, event, said.place)
    else:
        said = call_talk.once_more(opened, event, place)
    given = call_gateway.answer(entry.says, step, said)
    return Response(given, mimetype="text/plain") if isinstance(given, str) else jsonify(given)


def _place(opened: House, event: CallEvent) -> Place:
    with reading(opened.db) as conn:
        body = conn.scalar(select(_columns.body).where(*_beginning(event)))
    return Place.read((body or {}).get("place") or {})


def _keep(opened: House, event: CallEvent, place: Place) -> None:
    with writing(opened.db) as conn:
        body = conn.scalar(select(_columns.body).where(*_beginning(event)))
        if body is not None:
            kept = body | {"place": place.as_json()}
            conn.execute(update(_message).where(*_beginning(event)).values(body=kept))


def _open(opened: House, provider: str) -> Entry:
    """The entry of the provider at work, if the call is its own: 404 for another name, 403 without proof."""
    carrier = exchange(opened.settings)
    if carrier is None or carrier.name != provider:
        abort(404)
    key = request.args.get("key") or request.headers.get(KEY_HEADER) or ""
    if not carrier.admits(key, came_from()):
        _refuse("no proof")
    return carrier.entry


def _refuse(reason: str) -> None:
    metrics.REFUSED.labels("signature").inc()
    log.warning("webhook_refused", path=request.path)
    abort(Response(f"{reason}\n", status=403, mimetype="text/plain"))


def _xml(body: str) -> Response:
    return Response(body, mimetype="text/xml")


def _beginning(event: CallEvent) -> tuple[ColumnElement[bool], ...]:
    return (_columns.channel == CALL, _columns.provider_id == f"{event.call}:0")

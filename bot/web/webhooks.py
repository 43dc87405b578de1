"""The doors providers call: verify, store, answer. No network, no image or audio work inside a request."""

from __future__ import annotations

from time import perf_counter

import structlog
from flask import Blueprint, Response, request
from sqlalchemy import Connection, update

from bot import metrics
from bot.channels.base import Channel, Params, Status
from bot.receive import receive
from bot.web.access import signed
from bot.web.house import House, house
from models import Message
from models.database import writing

log = structlog.get_logger(__name__)
webhooks = Blueprint("webhooks", __name__)
EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@webhooks.post("/webhooks/twilio/whatsapp")
@signed
def whatsapp() -> Response:
    """One WhatsApp message."""
    return _inbound("whatsapp")


@webhooks.post("/webhooks/twilio/sms")
@signed
def sms() -> Response:
    """One SMS."""
    return _inbound("sms")


@webhooks.post("/webhooks/twilio/status")
@signed
def status() -> Response:
    """What became of a message of ours; unknown ids are not an error."""
    opened = house()
    channel = opened.channels["whatsapp"]
    params = _verified(opened, channel)
    if params is None:
        return _forbidden()
    told = channel.status(params)
    if told is not None:
        with writing(opened.db) as conn:
            record_status(conn, told)
    return Response(EMPTY, mimetype="text/xml")


def record_status(conn: Connection, told: Status) -> bool:
    """Move one outgoing message up its ladder; False when it is unknown or already further."""
    table = Message.__table__
    values: dict[str, str] = {"status": told.status}
    if told.error:
        values["error"] = told.error
    moved = conn.execute(
        update(table)
        .where(
            table.c.channel.in_(("whatsapp", "sms")),
            table.c.provider_id == told.provider_id,
            table.c.direction == "out",
            table.c.status.in_(told.follows()),
        )
        .values(**values)
    )
    return bool(moved.rowcount)


def _inbound(name: str) -> Response:
    started = perf_counter()
    opened = house()
    channel = opened.channels[name]
    params = _verified(opened, channel)
    if params is None:
        return _forbidden()
    now = opened.clock()
    for message in channel.parse(params, now):
        receive(opened.db, opened.talk, message, now)
        metrics.TURNS.labels(name).inc()
    metrics.TURN_SECONDS.observe(perf_counter() - started)
    return Response(EMPTY, mimetype="text/xml")


def _verified(opened: House, channel: Channel) -> Params | None:
    """The form, if the provider signed it for our public address; the Host header is never asked."""
    form = request.form
    url = opened.settings.public_url.rstrip("/") + request.path
    if request.query_string:
        url += "?" + request.query_string.decode("latin-1")
    if channel.verify(url, form, request.headers.get("X-Twilio-Signature", "")):
        return form
    return None


def _forbidden() -> Response:
    metrics.REFUSED.labels("signature").inc()
    log.warning("webhook_refused", path=request.path)
    return Response("wrong signature\n", status=403, mimetype="text/plain")

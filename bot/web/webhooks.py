"""The doors providers call: verify, store, answer. No network, no image or audio work inside a request."""

from __future__ import annotations

from datetime import datetime
from time import perf_counter

import structlog
from flask import Blueprint, Response, request

from bot import metrics
from bot.channels.base import Channel, Params
from bot.messages import Inbound
from bot.receive import receive
from bot.tasks import late_report, opt_out
from bot.web.access import signed
from bot.web.house import House, house
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
            late_report.record(conn, told, opened.clock())
    return Response(EMPTY, mimetype="text/xml")


def _inbound(name: str) -> Response:
    started = perf_counter()
    opened = house()
    channel = opened.channels[name]
    params = _verified(opened, channel)
    if params is None:
        return _forbidden()
    now = opened.clock()
    wish = params.get("OptOutType", "").upper()
    for message in channel.parse(params, now):
        _opted(opened, message, now, stops=wish == "STOP", starts=False)
        receive(opened.db, opened.talk, message, now)
        _opted(opened, message, now, stops=wish == "STOP", starts=wish == "START")
        metrics.TURNS.labels(name).inc()
    metrics.TURN_SECONDS.observe(perf_counter() - started)
    return Response(EMPTY, mimetype="text/xml")


def _opted(opened: House, message: Inbound, now: datetime, stops: bool, starts: bool) -> None:
    """What she told the carrier holds for us too. A stop is kept before the turn, which then says nothing,
    and after it for one who was unknown until now.
    """
    if not (stops or starts):
        return
    with writing(opened.db) as conn:
        if stops:
            opt_out.stop(conn, message.channel, message.address, now)
        else:
            opt_out.lift(conn, message.channel, message.address)


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

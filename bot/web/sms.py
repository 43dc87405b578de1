"""The doors of SMS gateways: one for messages, one for delivery reports, whatever their calls look like.

An answer has no words: some gateways send them on to her. Only a call that is wrong in itself is told why.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from time import perf_counter
from urllib.parse import urlencode

import structlog
from flask import Blueprint, Response, abort, request
from sqlalchemy import Connection, select, update

from bot import jobs, metrics
from bot.channels.gateway_call import BadCall, Call
from bot.channels.gateway_inbound import Report
from bot.channels.sms_gateways import KEY_HEADER, SmsGateway
from bot.receive import receive
from bot.tasks import late_report
from bot.tasks.join_sms import keep
from bot.web.access import came_from, signed
from bot.web.house import House, house
from models import Message
from models.database import writing

log = structlog.get_logger(__name__)
sms_gateways = Blueprint("sms_gateways", __name__)
STILL_WANTED = timedelta(hours=1)
"""An older message that failed is not sent once more: the talk has gone on."""
_message = Message.__table__


@sms_gateways.route("/webhooks/sms/<gateway>", methods=["GET", "POST"])
@signed
def inbound(gateway: str) -> Response:
    """Messages of hers, and parts of long ones."""
    started = perf_counter()
    opened = house()
    channel = _open(opened, gateway)
    now = opened.clock()
    try:
        read = channel.read(_call(), now)
    except BadCall as error:
        return _bad(gateway, error)
    for reason in read.refused:
        metrics.REFUSED.labels("sms_sender").inc()
        log.warning("sms_refused", gateway=gateway, reason=reason)
    for part in read.parts:
        with writing(opened.db) as conn:
            keep(conn, part, now)
    for message in read.messages:
        receive(opened.db, opened.talk, message, now)
        metrics.TURNS.labels("sms").inc()
    metrics.TURN_SECONDS.observe(perf_counter() - started)
    return Response(status=200)


@sms_gateways.route("/webhooks/sms/<gateway>/report", methods=["GET", "POST"])
@signed
def report(gateway: str) -> Response:
    """What became of messages of ours; unknown ids are not an error."""
    opened = house()
    channel = _open(opened, gateway)
    try:
        reports = channel.reports(_call())
    except BadCall as error:
        return _bad(gateway, error)
    for told in reports:
        with writing(opened.db) as conn:
            now = opened.clock()
            if not (told.again and _send_again(conn, told, now)):
                late_report.record(conn, told.status, now)
    return Response(status=200)


def _open(opened: House, gateway: str) -> SmsGateway:
    """The gateway at work, if the call is its own: 404 for another name, 403 without proof."""
    channel = opened.channels["sms"]
    if not isinstance(channel, SmsGateway) or channel.gateway != gateway:
        abort(404)
    key = request.args.get("key") or request.headers.get(KEY_HEADER) or ""
    if not channel.admits(key, came_from()):
        metrics.REFUSED.labels("signature").inc()
        log.warning("webhook_refused", path=request.path)
        abort(403)
    return channel


def _call() -> Call:
    if request.mimetype == "multipart/form-data":
        return Call(request.query_string, urlencode(request.form.to_dict()).encode())
    return Call(request.query_string, request.get_data())


def _bad(gateway: str, error: BadCall) -> Response:
    metrics.REFUSED.labels("sms_call").inc()
    log.warning("sms_call_not_read", gateway=gateway, reason=str(error))
    return Response(f"{error}\n", status=400, mimetype="text/plain")


def _send_again(conn: Connection, told: Report, now: datetime) -> bool:
    """It failed for a reason that passes: once more into the outbox, but never a second time."""
    row = conn.execute(
        select(_message.c.id, _message.c.seller_id, _message.c.body).where(
            _message.c.channel == "sms",
            _message.c.provider_id == told.status.provider_id,
            _message.c.direction == "out",
            _message.c.status.in_(told.status.follows()),
            _message.c.created_at > now - STILL_WANTED,
        )
    ).first()
    if row is None or row.body.get("again"):
        return False
    body = row.body | {"again": True}
    waiting = {"status": "queued", "provider_id": None, "error": told.status.error, "body": body}
    conn.execute(update(_message).where(_message.c.id == row.id).values(waiting))
    jobs.put(conn, "send_message", {"message_id": row.id}, now=now, key=f"seller:{row.seller_id}")
    return True

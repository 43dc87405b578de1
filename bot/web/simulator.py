"""A phone in the browser, for development: opened with SIMULATOR=1 only, and no door to anything else.

Her actions leave as signed webhook calls to the real doors; the page reads what the tables say of her talk.
"""

from __future__ import annotations

import json
from hashlib import sha256

from flask import Blueprint, Response, abort, make_response, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from bot.tasks.transcribe import submit
from bot.tasks.workshop import Workshop
from bot.web import simulated_calls as calls
from bot.web import simulated_media as uploads
from bot.web.access import public
from bot.web.house import House, house
from bot.web.simulated_calls import CHANNELS, PHONE, CallFailed, Form, Phone
from bot.web.simulated_view import talk_of
from models import Address, Media
from models.database import reading

simulator = Blueprint("simulator", __name__, url_prefix="/simulator")
MAX_UPLOAD = 64 * 1024 * 1024
"""Bytes of one request: an album of a modern camera."""
MAX_FILES = 10
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@simulator.before_request
def from_our_page() -> None:
    """Only our page sends this header: another site's form cannot act in her name."""
    if request.method == "POST":
        request.max_content_length = MAX_UPLOAD
        if request.headers.get("X-Simulator") != "1":
            abort(403)


@simulator.after_request
def locked(answer: Response) -> Response:
    """Nothing on the page comes from elsewhere."""
    answer.headers.setdefault("Content-Security-Policy", POLICY)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@simulator.get("")
@public
def page() -> str:
    """The phone, and the listing beside it."""
    return render_template("simulator.html", org=house().settings.org_name)


@simulator.get("/talk")
@public
def talk() -> Response:
    """The whole talk of `channel` and `phone` as JSON; 304 while nothing has changed."""
    phone = _phone(request.args)
    opened = house()
    with reading(opened.db) as conn:
        body = json.dumps(talk_of(conn, phone, opened.talk), ensure_ascii=False)
    answer = Response(body, mimetype="application/json")
    answer.set_etag(sha256(body.encode()).hexdigest())
    answer.cache_control.no_cache = True
    answer.make_conditional(request)
    return answer


@simulator.post("/say")
@public
def say() -> ResponseReturnValue:
    """One action: `text`, `payload` with `title`, `latitude` with `longitude`, or `files` with a caption."""
    opened = house()
    phone = _phone(request.form)
    forms = _forms(opened)
    try:
        return {"sent": [calls.post(opened.settings, phone, form) for form in forms]}
    except CallFailed as error:
        return {"error": str(error)}, 502


@simulator.post("/transcript")
@public
def transcript() -> ResponseReturnValue:
    """What a person at the desk heard in the voice note `media_id`: `text` goes on as her words."""
    opened = house()
    phone = _phone(request.form)
    text = request.form.get("text", "").strip()
    media_id = request.form.get("media_id", 0, int)
    query = (
        select(Media.status)
        .join(Address, Address.seller_id == Media.seller_id)
        .where(Media.id == media_id, Media.kind == "voice")
        .where(Address.channel == phone.channel, Address.address == phone.address)
    )
    with reading(opened.db) as conn:
        status = conn.scalar(query)
    if not text or status is None:
        abort(400)
    if status != "stored":
        return {"error": f"the note is {status}, not waiting for its words"}, 409
    submit(_workshop(opened), media_id, text, by="desk")
    return {"heard": media_id}


@simulator.get("/media/<name>")
@public
def media(name: str) -> Response:
    """One of her files, under a name that nobody guesses."""
    found = uploads.find(house().settings, name)
    if found is None:
        abort(404)
    path, content_type = found
    answer = make_response(send_file(path, mimetype=content_type, conditional=True, max_age=3600))
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def _phone(given: MultiDict[str, str]) -> Phone:
    """Who acts; 400 for a number that is not invented."""
    channel, number = given.get("channel", ""), given.get("phone", "")
    if channel not in CHANNELS or not PHONE.fullmatch(number):
        abort(400)
    return Phone(channel, number)


def _forms(opened: House) -> list[Form]:
    """Her action as webhook forms, one for each message; 400 for none."""
    form = request.form
    text = form.get("text", "")
    files = request.files.getlist("files")[:MAX_FILES]
    if files:
        kept = [uploads.keep(opened.settings, file.read(), file.mimetype) for file in files]
        return calls.attachments([(_address_of(opened, name), kind) for name, kind in kept], text)
    if "payload" in form:
        return [calls.tap(form.get("title", ""), form["payload"], from_list=form.get("list") == "1")]
    if "latitude" in form:
        latitude, longitude = form.get("latitude", type=float), form.get("longitude", type=float)
        if latitude is None or longitude is None:
            abort(400)
        return [calls.place(latitude, longitude)]
    if not text:
        abort(400)
    return [calls.text(text)]


def _address_of(opened: House, name: str) -> str:
    return opened.settings.public_url.rstrip("/") + url_for("simulator.media", name=name)


def _workshop(opened: House) -> Workshop:
    return Workshop(
        db=opened.db,
        settings=opened.settings,
        store=opened.store,
        channels=dict(opened.channels),
        talk=opened.talk,
        clock=opened.clock,
    )

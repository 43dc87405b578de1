"""What we hold of a person, for herself: a page in her language, and all of it as a file."""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Blueprint, Response, abort, jsonify, make_response, render_template, request
from sqlalchemy import Connection, select

from bot.engine.documents import read_yaml
from bot.engine.wording import Wording
from bot.media.links import link
from bot.messages import Json
from bot.own_copy import PATH, key_of
from bot.people.export import export
from bot.settings import ROOT
from bot.web.access import signed
from bot.web.house import House, house
from models import Seller
from models.database import reading

own_copy = Blueprint("own_copy", __name__)
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; frame-ancestors 'none'"


@own_copy.get(f"{PATH}<token>")
@signed
def her_own(token: str) -> Response:
    """404 for a wrong or an old address, and for one who was erased or has become part of another."""
    opened = house()
    key = key_of(opened.settings, token) or abort(404)
    with reading(opened.db) as conn:
        held = _held(conn, key) or abort(404)
    answer = _file(held) if "file" in request.args else make_response(_page(opened, held))
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _held(conn: Connection, key: str) -> Json | None:
    seller_id = conn.scalar(select(Seller.id).where(Seller.key == key))
    held = export(conn, seller_id) if seller_id is not None else None
    return held if held and held["talk"] else None


def _file(held: Json) -> Response:
    answer = jsonify(held)
    answer.headers["Content-Disposition"] = 'attachment; filename="sangwari.json"'
    return answer


def _page(opened: House, held: Json) -> str:
    slots = held["talk"][0]["state"]["slots"]
    language = slots.get("language") or "hi"
    wording, words = opened.talk.library.wording(language), _words()
    photos = [row for row in held["media"] if row["sha256"]]
    return render_template(
        "own_copy.html",
        language=language,
        t=lambda name: words[name].get(language) or words[name]["hi"],
        org=opened.settings.org_name,
        about=_about(wording, slots, held),
        listings=[_listing(wording, row) for row in held["listings"]],
        photos=[link(opened.settings, row["sha256"]) for row in photos if row["kind"] == "photo"],
        notes=[link(opened.settings, row["sha256"]) for row in photos if row["kind"] == "voice"],
        messages=[row for row in held["messages"] if row["body"].get("text")],
        consents=held["consents"],
    )


def _about(wording: Wording, slots: Json, held: Json) -> list[str]:
    named = [wording.value(name, slots.get(name), slots) for name in ("seller_name", "village", "district")]
    numbers = {str(row["address"]).rpartition(":")[2] for row in held["addresses"]}
    return [each for each in (*named, *sorted(numbers)) if each]


def _listing(wording: Wording, row: Json) -> list[str]:
    slots = row["slots"]
    said = (wording.value(name, slots.get(name), slots) for name in ("product_name", "price", "stock"))
    return [str(row["number"]), *filter(None, said)]


@cache
def _words() -> Any:
    return read_yaml(ROOT / "locales" / "own_copy.yml")

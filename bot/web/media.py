"""Stored photos and notes for those who hold a signed address: the marketplace, the console, the provider."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, Response, abort, send_file

from bot.media.links import MAX_AGE_S, sha256_of
from bot.media.sniff import sniff
from bot.web.access import signed
from bot.web.house import house

media = Blueprint("media", __name__)


@media.get("/media/<token>")
@signed
def stored(token: str) -> Response:
    """The bytes with their true type, in ranges if asked; 404 for a wrong, old or erased address alike.

    A store that is down is answered with 503: who asks again later gets them.
    """
    opened = house()
    sha256 = sha256_of(opened.settings, token)
    if sha256 is None:
        abort(404)
    try:
        with opened.store.open(sha256) as file:
            kind = sniff(file.read(512), "audio/")
            file.seek(0)
            source = opened.store.path_of(sha256) or BytesIO(file.read())
        answer = send_file(
            source, mimetype=kind.content_type, conditional=True, etag=sha256, max_age=MAX_AGE_S
        )
    except (ValueError, FileNotFoundError):
        abort(404)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.cache_control.private = True
    answer.cache_control.public = False
    return answer

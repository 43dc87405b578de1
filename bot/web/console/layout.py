"""What all pages of the console have: words, tabs, headers, and answers when something is wrong."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Response, abort, current_app, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from bot.web.access import signed_in
from bot.web.console.given import Wrong
from bot.web.console.guard import ask_nobody, somebody
from bot.web.console.names import ago, answer, district, local, masked, place, refusal, slot_word
from bot.web.console.room import console, show
from bot.web.console.words import language, t, word_for, words
from bot.web.down import DATABASE_ERRORS, database_down
from bot.web.house import house

STATIC = Path(__file__).resolve().parent.parent / "static" / "console"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HERS = {"key", "listing_id", "number"}
"""What an address that is about one person names her by."""
TABS = ("today", "people", "desk", "listings", "figures")
"""The bar at the bottom: endpoint `console.<name>`, word `tab_<name>`, icon `i-<name>`."""


@console.after_request
def locked(answer: Response) -> Response:
    """Nothing comes from elsewhere, nothing is kept by others, nothing is told to others."""
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    answer.headers.setdefault("Cache-Control", "private, no-cache")
    answer.vary.add("HX-Request")
    return answer


@console.context_processor
def shared() -> dict[str, Any]:
    """The names that every template knows."""
    tabs = [name for name in TABS if f"console.{name}" in current_app.view_functions]
    return {
        "t": t,
        "word_for": word_for,
        "language": language(),
        "who": somebody(),
        "tabs": tabs,
        "asset": asset,
        "org": house().settings.org_name,
        "said": f"said_{request.args.get('said')}" if f"said_{request.args.get('said')}" in words() else None,
        "here": request.full_path.rstrip("?"),
        "has": lambda name: f"console.{name}" in current_app.view_functions,
        "ago": ago,
        "place": place,
        "slot_word": slot_word,
        "masked": masked,
        "district_name": district,
        "refusal": refusal,
        "local": local,
        "answer": answer,
    }


def asset(name: str) -> str:
    """The address of a file of ours, which changes when the file does: a browser fetches it once."""
    return url_for("static", filename=f"console/{name}", v=_version(name))


@cache
def _version(name: str) -> str:
    return sha256((STATIC / name).read_bytes()).hexdigest()[:12]


@console.get("/<path:_nowhere>")
@signed_in("rep")
def nowhere(_nowhere: str) -> ResponseReturnValue:
    """No page has this address: it is said like everything else, in the rep's language."""
    abort(404)


@console.errorhandler(Wrong)
def unusable(error: Wrong) -> Response:
    """A hidden field that no form of ours has like this."""
    return show("wrong.html", 400, text=t(error.word))


@console.errorhandler(HTTPException)
def wrong(error: HTTPException) -> Response:
    """A page of ours that says what is wrong, and no more."""
    code = error.code or 500
    if code == 404 and HERS & {*(request.view_args or ()), *request.args}:
        return show("wrong.html", code, text=t("wrong_gone"))
    word = {404: "wrong_404", 413: "wrong_413"}.get(code, "wrong_other")
    return show("wrong.html", code, text=t(word))


@console.errorhandler(CSRFError)
def forged(_error: HTTPException) -> Response:
    """A form without the token of this session: it is old, or not ours. What she typed is still in it."""
    return show("wrong.html", 400, text=t("wrong_form"))


def down(error: Exception) -> Response:
    """A page that asks the database for nothing: 503, and that what she typed is not lost."""
    plain = database_down(error)
    ask_nobody()
    looked = request.method == "GET"
    text = t("wrong_down" if looked else "wrong_down_form")
    again = request.full_path.rstrip("?") if looked else None
    answer = show("wrong.html", plain.status_code, text=text, again=again)
    answer.headers["Retry-After"] = plain.headers["Retry-After"]
    return answer


for each in DATABASE_ERRORS:
    console.register_error_handler(each, down)

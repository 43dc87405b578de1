"""The blueprint that all pages of the console share, and how a page is answered."""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, Response, make_response, render_template, request, session
from flask_wtf.csrf import CSRFProtect, generate_csrf

console = Blueprint("console", __name__, url_prefix="/console")
forms = CSRFProtect()
console.before_request(forms.protect)


def said(place: str, word: str, taken: str = "") -> str:
    """The address of a page that says `said_<word>`; `taken` names a form whose words the server has now."""
    parts = urlsplit(place)
    query = {name: value for name, value in parse_qsl(parts.query) if name not in ("said", "taken")}
    query |= {"said": word} | ({"taken": taken} if taken else {})
    return f"{parts.path}?{urlencode(query)}"


def show(template: str, status: int = 200, **values: Any) -> Response:
    """The page of `console/<template>` for this rep; 304 if her browser has the same.

    Its token against forged forms is another each time and is left out of the comparison: an older one is
    as good as long as the session lasts.
    """
    answer = make_response(render_template(f"console/{template}", **values), status)
    if status == 200 and request.method == "GET":
        body = answer.get_data().replace(generate_csrf().encode(), session["csrf_token"].encode())
        answer.set_etag(sha256(body).hexdigest())
        answer.make_conditional(request)
    return answer

"""A small Twilio of our own: a real HTTP server with its calls, its refusals and its bad days.

In a test: `with FakeTwilio() as twilio:` and TWILIO_BASE_URL = twilio.url. For processes that are killed it
runs alone: `python -m tests.fake_twilio 8090`, and `GET /fake/messages` tells what it took.
"""

from __future__ import annotations

import base64
import json
import re
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

from tests.local_server import LocalServer

SID, TOKEN = "AC" + "0" * 32, "fake-token"
ACCOUNT = f"/2010-04-01/Accounts/{SID}"
SENDER = "whatsapp:+14155550100"


@dataclass(frozen=True)
class Trouble:
    """What the next call meets. `status` 0 with `drop` closes the line; `after` takes the message first."""

    status: int = 0
    code: int = 0
    delay_s: float = 0.0
    drop: bool = False
    after: bool = False


@dataclass
class FakeTwilio(LocalServer):
    """`messages` are Twilio's rows, oldest first; each `trouble` meets one POST; `calls` are all requests.

    `content` are the stored messages, oldest first, each with its sid; `approvals` their states by sid.
    `media_status`, if not 0, is what every attachment is refused with.
    """

    port: int = 0
    messages: list[dict[str, Any]] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    content: list[dict[str, Any]] = field(default_factory=list)
    approvals: dict[str, str] = field(default_factory=dict)
    media: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    media_status: int = 0
    redirects: dict[str, str] = field(default_factory=dict)
    trouble: deque[Trouble] = field(default_factory=deque)
    calls: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lock = threading.Lock()
        super().__post_init__()

    def handler(self) -> type[BaseHTTPRequestHandler]:
        return _Handler

    def take(
        self, form: dict[str, str], direction: str = "outbound-api", when: datetime | None = None
    ) -> str:
        """One more message on the list; its sid."""
        with self.lock:
            sid = "SM" + uuid4().hex
            stamp = format_datetime(when or datetime.now(UTC))
            self.forms.append(form)
            self.messages.append(
                {
                    "sid": sid,
                    "account_sid": SID,
                    "to": form.get("To"),
                    "from": form.get("From"),
                    "body": form.get("Body") or _filled(form),
                    "num_media": form.get("NumMedia", "1" if "MediaUrl" in form else "0"),
                    "direction": direction,
                    "status": "received" if direction == "inbound" else "queued",
                    "date_created": stamp,
                    # Twilio knows no such date before it has sent a message on.
                    "date_sent": stamp if direction == "inbound" else None,
                    "error_code": None,
                }
            )
            return sid

    def say(self, text: str, *, sender: str, when: datetime | None = None, media: int = 0) -> str:
        """A person wrote, and the webhook did not reach us."""
        form = {"From": sender, "To": SENDER, "Body": text, "NumMedia": str(media)}
        return self.take(form, "inbound", when)

    def attach(self, message_sid: str, content_type: str, data: bytes) -> str:
        """One attachment of a message; its URL."""
        path = f"{ACCOUNT}/Messages/{message_sid}/Media/ME{uuid4().hex}"
        self.media[path] = (content_type, data)
        return self.url + path

    def page(self, query: dict[str, str]) -> dict[str, Any]:
        """The list call: filters, newest first, page by page."""
        rows = [
            row
            for row in reversed(self.messages)
            if query.get("To") in (None, row["to"])
            and query.get("From") in (None, row["from"])
            and ("DateSent>" not in query or _iso(row["date_sent"]) >= query["DateSent>"])
        ]
        size, page = int(query.get("PageSize", "50")), int(query.get("Page", "0"))
        following = None
        if len(rows) > (page + 1) * size:
            following = f"{ACCOUNT}/Messages.json?" + urlencode(query | {"Page": str(page + 1)})
        return {"messages": rows[page * size : (page + 1) * size], "next_page_uri": following}


class _Handler(BaseHTTPRequestHandler):
    fake: FakeTwilio
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        parts = self._note()
        if parts.path == "/fake/messages":
            return self._json(200, {"messages": self.fake.messages})
        if parts.path in self.fake.redirects:
            return self._answer(307, b"", {"Location": self.fake.redirects[parts.path]})
        if not self._authorised():
            return self._refuse(401, 20003)
        if parts.path == f"{ACCOUNT}/Messages.json":
            return self._json(200, self.fake.page(_form(parts.query)))
        if parts.path.startswith("/v1/Content"):
            return self._json(200, self._stored(parts.path, _form(parts.query)))
        found = re.fullmatch(rf"{ACCOUNT}/Messages/(\w+)/Media\.json", parts.path)
        if found:
            return self._json(200, {"media_list": self._media_of(found[1])})
        if parts.path in self.fake.media and self.fake.media_status:
            return self._refuse(self.fake.media_status, 20500)
        if parts.path in self.fake.media:
            content_type, data = self.fake.media[parts.path]
            return self._answer(200, data, {"Content-Type": content_type})
        return self._refuse(404, 20404)

    def do_POST(self) -> None:
        parts = self._note()
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        trouble = self.fake.trouble.popleft() if self.fake.trouble else Trouble()
        time.sleep(trouble.delay_s)
        if not trouble.after and (trouble.drop or trouble.status):
            return self._meet(trouble)
        if not self._authorised():
            return self._refuse(401, 20003)
        if parts.path.startswith("/v1/Content"):
            answer = self._store(parts.path, json.loads(raw))
            return self._meet(trouble) if trouble.after else self._json(201, answer)
        form = _form(raw.decode())
        code = _wrong(form)
        if parts.path != f"{ACCOUNT}/Messages.json" or code:
            return self._refuse(400 if code else 404, code or 20404)
        sid = self.fake.take(form)
        if trouble.after:
            return self._meet(trouble)
        return self._json(201, {"sid": sid, "status": "queued"})

    def do_DELETE(self) -> None:
        parts = self._note()
        if not self._authorised():
            return self._refuse(401, 20003)
        if self.fake.media.pop(parts.path.removesuffix(".json"), None) is None:
            return self._refuse(404, 20404)
        return self._answer(204, b"", {})

    def _store(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """One more stored message, or the request to have one approved."""
        if path == "/v1/Content":
            sid = "HX" + uuid4().hex
            self.fake.content.append(body | {"sid": sid})
            return {"sid": sid}
        self.fake.approvals[path.split("/")[3]] = "received"
        return body | {"status": "received"}

    def _stored(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        """A page of the stored messages, or the state of one."""
        if path != "/v1/Content":
            state = self.fake.approvals.get(path.split("/")[3], "unsubmitted")
            return {"whatsapp": {"status": state}}
        size, page = int(query["PageSize"]), int(query.get("Page", "0"))
        more = len(self.fake.content) > (page + 1) * size
        meta = {"next_page_url": self.fake.url + "/v1/Content?Page=1" if more else None}
        return {"contents": self.fake.content[page * size : (page + 1) * size], "meta": meta}

    def _note(self) -> Any:
        self.fake.calls.append((self.command, self.path, dict(self.headers)))
        return urlsplit(self.path)

    def _meet(self, trouble: Trouble) -> None:
        if trouble.drop:
            self.close_connection = True
            return None
        return self._refuse(trouble.status, trouble.code)

    def _authorised(self) -> bool:
        expected = "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
        return self.headers.get("Authorization") == expected

    def _media_of(self, sid: str) -> list[dict[str, str]]:
        prefix = f"{ACCOUNT}/Messages/{sid}/Media/"
        return [
            {"sid": path.removeprefix(prefix), "content_type": kind, "uri": path + ".json"}
            for path, (kind, _) in self.fake.media.items()
            if path.startswith(prefix)
        ]

    def _refuse(self, status: int, code: int) -> None:
        self._json(status, {"code": code, "message": "refused to +919999912345", "status": status})

    def _json(self, status: int, body: dict[str, Any]) -> None:
        self._answer(status, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _wrong(form: dict[str, str]) -> int:
    """The code Twilio refuses this message with, or 0."""
    if not form.get("To"):
        return 21604
    if len(form.get("Body", "")) > 1600:
        return 21617
    if not any(form.get(name) for name in ("Body", "ContentSid", "MediaUrl")):
        return 21619
    return 0


def _filled(form: dict[str, str]) -> str:
    """A stored message shows as its text, filled in."""
    return str(json.loads(form["ContentVariables"])["1"]) if "ContentVariables" in form else ""


def _form(text: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(text, keep_blank_values=True).items()}


def _iso(stamp: str | None) -> str:
    if stamp is None:
        return ""
    return datetime.strptime(stamp, "%a, %d %b %Y %H:%M:%S %z").strftime("%Y-%m-%dT%H:%M:%SZ")


if __name__ == "__main__":
    alone = FakeTwilio(port=int(sys.argv[1]))
    print(alone.url, flush=True)
    alone.server.serve_forever()

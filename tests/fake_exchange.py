"""A telephone exchange of our own: it places calls as Twilio and Exotel do, and keeps what callers record.

In a test: `with FakeExchange() as exchange:` and TWILIO_BASE_URL = exchange.url. A `trouble` meets one POST.
"""

from __future__ import annotations

import base64
import json
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from tests.fake_twilio import ACCOUNT, SID, TOKEN, Trouble
from tests.local_server import LocalServer

SECRETS = {
    f"{ACCOUNT}/Calls.json": (SID, TOKEN),
    "/v1/Accounts/sangwari/Calls/connect.json": ("user", "secret"),
}


@dataclass(frozen=True)
class Placed:
    """One call that we asked for: its id, and the form that asked."""

    sid: str
    form: dict[str, str]


@dataclass
class FakeExchange(LocalServer):
    """`placed` are the calls taken, oldest first; `late` recordings are not there when first asked for."""

    port: int = 0
    placed: list[Placed] = field(default_factory=list)
    trouble: deque[Trouble] = field(default_factory=deque)
    recordings: dict[str, bytes] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)
    deleted: list[str] = field(default_factory=list)

    def handler(self) -> type[BaseHTTPRequestHandler]:
        return _Handler

    def record(self, data: bytes, late: bool = False) -> str:
        """Keep what somebody said; its address."""
        path = f"{ACCOUNT}/Recordings/RE{uuid4().hex}"
        self.recordings[path] = data
        if late:
            self.late.add(path)
        return self.url + path


class _Handler(BaseHTTPRequestHandler):
    fake: FakeExchange
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        path = urlsplit(self.path).path
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        form = {name: values[-1] for name, values in parse_qs(raw, keep_blank_values=True).items()}
        trouble = self.fake.trouble.popleft() if self.fake.trouble else Trouble()
        if trouble.drop and not trouble.after:
            self.close_connection = True
            return None
        if trouble.status and not trouble.after:
            return self._answer(trouble.status, {"code": trouble.code})
        if path not in SECRETS or not self._authorised(SECRETS[path]):
            return self._answer(401 if path in SECRETS else 404, {})
        placed = Placed(f"CA{uuid4().hex}", form)
        self.fake.placed.append(placed)
        if trouble.after:
            self.close_connection = True
            return None
        return self._answer(201, {"sid": placed.sid, "Call": {"Sid": placed.sid}})

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if not self._authorised((SID, TOKEN)):
            return self._answer(401, {})
        if path in self.fake.late or path not in self.fake.recordings:
            self.fake.late.discard(path)
            return self._answer(404, {})
        return self._send(200, self.fake.recordings[path], "audio/x-wav")

    def do_DELETE(self) -> None:
        path = urlsplit(self.path).path.removesuffix(".json")
        self.fake.deleted.append(path)
        gone = self.fake.recordings.pop(path, None) is None
        return self._send(404 if gone else 204, b"", "text/plain")

    def _authorised(self, secrets: tuple[str, str]) -> bool:
        expected = "Basic " + base64.b64encode(":".join(secrets).encode()).decode()
        return self.headers.get("Authorization") == expected

    def _answer(self, status: int, body: dict[str, object]) -> None:
        self._send(status, json.dumps(body).encode(), "application/json")

    def _send(self, status: int, data: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

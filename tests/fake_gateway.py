"""A small SMS gateway of our own: a real HTTP server that remembers what came and answers as it is told."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.local_server import LocalServer


@dataclass(frozen=True)
class Says:
    """One answer. `drop` closes the line instead; `delay_s` before either."""

    status: int = 200
    body: str = ""
    delay_s: float = 0.0
    drop: bool = False
    location: str = ""


@dataclass
class Came:
    """One call as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass
class FakeGateway(LocalServer):
    """`answers` are given in turn, `always` when none is left."""

    always: Says = Says(body='{"id": "o-1", "status": "accepted"}')
    answers: deque[Says] = field(default_factory=deque)
    calls: list[Came] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.url += "/send"

    def handler(self) -> type[BaseHTTPRequestHandler]:
        return _Handler


class _Handler(BaseHTTPRequestHandler):
    fake: FakeGateway
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._take()

    def do_POST(self) -> None:
        self._take()

    def _take(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.fake.calls.append(Came(self.command, parts.path, query, dict(self.headers), body))
        says = self.fake.answers.popleft() if self.fake.answers else self.fake.always
        time.sleep(says.delay_s)
        if says.drop:
            self.close_connection = True
            return
        self.send_response(says.status)
        if says.location:
            self.send_header("Location", says.location)
        self.send_header("Content-Length", str(len(says.body.encode())))
        self.end_headers()
        self.wfile.write(says.body.encode())

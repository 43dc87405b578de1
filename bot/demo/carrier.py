"""The phone company of the demo: hands her photos to the service, and its messages to her phone.

A very small Twilio on this machine: media behind Basic auth that can be deleted, and the call that sends.
"""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4


class Carrier(ThreadingHTTPServer):
    """Serves while it is entered. `phone` are the texts that reached her, oldest first."""

    daemon_threads = True

    def __init__(self, account: str, token: str) -> None:
        super().__init__(("127.0.0.1", 0), _Call)
        self.account = account
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.authorization = "Basic " + base64.b64encode(f"{account}:{token}".encode()).decode()
        self.media: dict[str, bytes] = {}
        self.phone: list[str] = []

    def __enter__(self) -> Carrier:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self.server_close()

    def offer(self, file: Path) -> str:
        """The URL of one attachment of hers."""
        path = f"/2010-04-01/Accounts/{self.account}/Messages/MM{uuid4().hex}/Media/ME{uuid4().hex}"
        self.media[path] = file.read_bytes()
        return self.url + path


class _Call(BaseHTTPRequestHandler):
    server: Carrier
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """An attachment, or the list of messages that the service may have missed: none."""
        if self._is_ours():
            if self.path.partition("?")[0].endswith("/Messages.json"):
                return self._json(200, {"messages": [], "next_page_uri": None})
            data = self.server.media.get(self.path)
            self._answer(404 if data is None else 200, data or b"")

    def do_POST(self) -> None:
        """A message to her."""
        form = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode())
        if self._is_ours():
            self.server.phone.append("".join(form.get("Body", [])))
            self._json(201, {"sid": "SM" + uuid4().hex, "status": "queued"})

    def do_DELETE(self) -> None:
        """The service has its copy of an attachment."""
        if self._is_ours():
            known = self.server.media.pop(self.path.removesuffix(".json"), None)
            self._answer(404 if known is None else 204, b"")

    def _is_ours(self) -> bool:
        if self.headers.get("Authorization") == self.server.authorization:
            return True
        self._json(401, {"code": 20003, "status": 401})
        return False

    def _json(self, status: int, body: dict[str, Any]) -> None:
        self._answer(status, json.dumps(body).encode())

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: Any) -> None:
        """Standard error is for the service."""

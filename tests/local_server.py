"""An HTTP server on this machine for as long as a `with` lasts: what all our fakes stand on."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


class LocalServer(ABC):
    """Serves with `handler()`, whose class gets this object as `fake`; `url` is its address."""

    port: int = 0

    @abstractmethod
    def handler(self) -> type[BaseHTTPRequestHandler]:
        """What answers the calls."""

    def __post_init__(self) -> None:
        serving = type("Handler", (self.handler(),), {"fake": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), serving)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()

"""The load: prepared requests over kept connections, in a process of its own.

Reads a plan as JSON from standard input and prints what it measured as JSON. It only copies bytes, so that
it is never the slower side:

    {"host", "lanes": [[port, ["POST … HTTP/1.1 …", …]], …]}   one lane is one seller at a time
    {"seconds", "latencies_ms": [ms a request], "failures": [first bytes of answers that are not 200]}
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 "
SILENCE_S = 30


@dataclass(slots=True)
class Lane:
    """One connection and the requests still to send on it, in order."""

    connection: socket.socket
    requests: list[bytes]
    next: int = 0
    sent_at: float = 0.0
    answer: bytearray = field(default_factory=bytearray)

    def send(self) -> bool:
        """Send the next request; False when there is none."""
        if self.next == len(self.requests):
            return False
        self.answer.clear()
        self.sent_at = time.perf_counter()
        self.connection.sendall(self.requests[self.next])
        self.next += 1
        return True

    def complete(self) -> bool:
        """Is the whole answer here? Every answer of ours carries its Content-Length."""
        head, found, body = bytes(self.answer).partition(b"\r\n\r\n")
        if not found:
            return False
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                return len(body) >= int(line[15:])
        raise ValueError(f"an answer without Content-Length: {head!r}")


def drive(host: str, lanes: list[tuple[int, list[bytes]]]) -> dict[str, object]:
    """Send every lane's requests one after the other, all lanes at once."""
    latencies: list[float] = []
    failures: list[str] = []
    with selectors.DefaultSelector() as selector:
        for port, requests in lanes:
            connection = socket.create_connection((host, port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(connection, selectors.EVENT_READ, Lane(connection, requests))
        started = time.perf_counter()
        for key in list(selector.get_map().values()):
            key.data.send()
        while selector.get_map():
            ready = selector.select(SILENCE_S)
            if not ready:
                raise TimeoutError(f"no answer for {SILENCE_S} s")
            for key, _events in ready:
                lane: Lane = key.data
                lane.answer += lane.connection.recv(65536) or _closed(lane)
                if not lane.complete():
                    continue
                latencies.append((time.perf_counter() - lane.sent_at) * 1000)
                if not lane.answer.startswith(OK):
                    failures.append(bytes(lane.answer[:200]).decode("utf-8", "replace"))
                if not lane.send():
                    selector.unregister(lane.connection)
                    lane.connection.close()
        seconds = time.perf_counter() - started
    return {"seconds": seconds, "latencies_ms": latencies, "failures": failures[:5]}


def _closed(lane: Lane) -> bytes:
    raise ConnectionError(f"closed by the server after {lane.next} requests: {bytes(lane.answer[:200])!r}")


def main() -> None:
    """Plan in, measurements out."""
    plan = json.load(sys.stdin)
    lanes = [(port, [request.encode() for request in lane]) for port, lane in plan["lanes"]]
    json.dump(drive(plan["host"], lanes), sys.stdout)


if __name__ == "__main__":
    main()

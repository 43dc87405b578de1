"""Stored voice notes and the jobs that hear them, as receive and fetch_media leave them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from sqlalchemy import insert, select

from bot import jobs
from bot.media.waveform import Sound
from bot.tasks.workshop import Workshop
from bot.worker import Worker
from models import Conversation, Media, Rendition, Transcription
from models.database import reading, writing
from tests.open_rooms import attachment, seller
from tests.spoken import speech

CAME = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def good() -> Sound:
    """Two seconds of speech with nothing to say against it."""
    return speech("ये पीतल का हाथी है, आठ इंच ऊँचा")


def store(shop: Workshop, note: bytes, state: dict[str, Any] | None = None, **values: Any) -> int:
    """A note of the one seller lies in the store, and its job waits; `state` is that of her talk."""
    with writing(shop.db) as conn:
        her = conn.scalar(select(Media.seller_id).limit(1)) or seller(conn)
        row = {"status": "stored", "sha256": shop.store.put(note), "created_at": CAME, "asks": "price"}
        media_id = attachment(conn, her, "", "voice", **row | values)
        if state is not None:
            talk = {
                "seller_id": her,
                "state": state,
                "revision": 1,
                "updated_at": CAME,
                "last_inbound_at": CAME,
            }
            conn.execute(insert(Conversation).values(**talk))
        jobs.put(conn, "transcribe", {"media_id": media_id}, now=shop.clock())
    return media_id


def work(shop: Workshop, later_s: float = 0) -> None:
    """Run everything that is due by then."""
    moment = datetime.now(UTC) + timedelta(seconds=later_s)
    Worker(replace(shop, clock=lambda: moment)).drain()


def transcribe_one(shop: Workshop) -> None:
    """Run the one job that waits, and none that it puts."""
    assert Worker(shop).run_once()


def desk(shop: Workshop) -> list[Any]:
    with reading(shop.db) as conn:
        return list(conn.execute(select(Transcription.__table__)))


def copies(shop: Workshop) -> list[Any]:
    with reading(shop.db) as conn:
        return list(conn.execute(select(Rendition.__table__)))


@contextmanager
def service(answers: list[tuple[int, bytes]]) -> Iterator[str]:
    """A service that gives these answers, one a call."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            status, body = answers.pop(0)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_said: Any) -> None:
            """Tests are silent."""

    server = HTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.01), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hear"
    server.shutdown()
    server.server_close()

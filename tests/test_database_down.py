"""A database that goes away: 503 while it is gone, all well afterwards, and nothing that was said is lost."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine
from sqlalchemy import select as query

from bot.settings import Settings
from bot.web import create_app
from bot.worker import Worker
from models import Message
from models.database import connect, reading
from tests.fake_twilio import SENDER, FakeTwilio
from tests.killed_house import until
from tests.open_rooms import HER, database, house, loaded_talk, settings_for, signed_post, workshop

WHATSAPP = "/webhooks/twilio/whatsapp"


@dataclass
class Line:
    """A line to PostgreSQL that can be cut: open connections end, new ones are refused."""

    server: tuple[str, int] = ("127.0.0.1", 5432)
    ends: list[socket.socket] = field(default_factory=list)

    def __post_init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]

    def mend(self) -> None:
        self.is_cut = False
        self.door = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self.door,), daemon=True).start()

    def cut(self) -> None:
        self.is_cut = True
        for end in (self.door, *self.ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self.ends.clear()

    def _accept(self, door: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near = door.accept()[0]
                far = socket.create_connection(self.server)
                self.ends += [near, far]
                if self.is_cut:  # it slipped in beside the cut
                    return self.cut()
                threading.Thread(target=_carry, args=(near, far), daemon=True).start()


def _carry(near: socket.socket, far: socket.socket) -> None:
    with near, far, suppress(OSError, ValueError):
        while True:
            for ready in select.select([near, far], [], [])[0]:
                data = ready.recv(65536)
                if not data:
                    return
                (far if ready is near else near).sendall(data)


@dataclass
class Service:
    """Web, and a worker's loop in a thread, on one database; `say` is one call of the webhook."""

    app: Flask
    settings: Settings
    twilio: FakeTwilio

    def say(self, text: str) -> int:
        """The status; the provider has the message on its list in any case."""
        form = {"From": HER, "To": SENDER, "Body": text, "NumMedia": "0"}
        form["MessageSid"] = self.twilio.take(form, "inbound")
        return signed_post(self.app.test_client(), self.settings, WHATSAPP, form).status_code


@contextmanager
def service(settings: Settings, twilio: FakeTwilio, db: Engine) -> Iterator[Service]:
    stop = threading.Event()
    worker = Worker(workshop(settings, db, loaded_talk()))
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    try:
        yield Service(create_app(settings, house(settings, db)), settings, twilio)
    finally:
        stop.set()
        thread.join()


def said(db: Engine) -> list[Any]:
    with reading(db) as conn:
        texts = conn.scalars(query(Message.body).where(Message.direction == "in").order_by(Message.id))
        return [body["text"] for body in texts]


def carried(twilio: FakeTwilio) -> int:
    return sum(row["direction"] == "outbound-api" for row in twilio.messages)


def reconcile(settings: Settings, db: Engine) -> None:
    """What a worker does at its start."""
    worker = Worker(workshop(settings, db, loaded_talk()), name=f"after-{uuid4().hex}")
    worker._keep_house()
    worker.drain()


@pytest.mark.postgres
def test_postgresql_goes_away_and_comes_back(tmp_path: Path, postgres_db: Engine) -> None:
    """Web and worker live through it without a restart; what was missed is found on the provider's list."""
    line = Line()
    line.mend()
    db = connect(postgres_db.url.set(port=line.port).render_as_string(hide_password=False))
    with FakeTwilio() as twilio:
        settings = settings_for(tmp_path, twilio)
        with service(settings, twilio, db) as running:
            assert running.say("नमस्ते") == 200
            until(lambda: carried(twilio) == 2)
            line.cut()
            assert running.say("हिंदी") == 503
            assert running.say("फिर से") == 503
            line.mend()
            until(lambda: running.app.test_client().get("/readyz").status_code == 200, 30)
            reconcile(settings, db)  # or the other worker was quicker to take it
            until(lambda: said(db) == ["नमस्ते", "हिंदी", "फिर से"])
            assert running.say("हाँ, राज़ी") == 200
            until(lambda: carried(twilio) >= 6)
    line.cut()
    db.dispose()


@pytest.mark.postgres
def test_postgresql_restarts(tmp_path: Path, postgres_db: Engine) -> None:
    """Connections that the server ended in between cost at most one call, and that one is asked for again."""
    settings = settings_for(tmp_path)
    name = f"ended_{uuid4().hex}"
    db = connect(f"{postgres_db.url.render_as_string(hide_password=False)}&application_name={name}")
    app = create_app(settings, house(settings, db))
    for text in ("नमस्ते", "हिंदी"):
        form = {"MessageSid": "SM" + uuid4().hex, "From": HER, "To": SENDER, "Body": text, "NumMedia": "0"}
        statuses = [signed_post(app.test_client(), settings, WHATSAPP, form).status_code for _ in range(2)]
        assert statuses in ([200, 200], [503, 200])
        with postgres_db.connect() as conn:
            ended = conn.exec_driver_sql(
                f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{name}'"
            ).all()
        assert ended
    assert said(postgres_db) == ["नमस्ते", "हिंदी"]
    db.dispose()


def test_the_sqlite_file_cannot_be_opened(tmp_path: Path) -> None:
    """Where the file should be is something else (a disk that is not there): 503, until it is back."""
    with FakeTwilio() as twilio:
        settings = settings_for(tmp_path, twilio)
        database(settings).dispose()
        file, away = tmp_path / "test.db", tmp_path / "away.db"
        db = connect(settings.database_url)
        running = Service(create_app(settings, house(settings, db)), settings, twilio)
        file.rename(away)
        file.mkdir()
        assert running.say("नमस्ते") == 503
        assert running.app.test_client().get("/readyz").status_code == 503
        file.rmdir()
        away.rename(file)
        assert running.say("हिंदी") == 200
        reconcile(settings, db)
        assert sorted(said(db)) == ["नमस्ते", "हिंदी"]
        assert carried(twilio) > 0

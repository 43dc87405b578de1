"""Calls while web and worker are killed again and again: every listing comes to its end, once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from bot.settings import ROOT, Settings
from bot.standing import standing
from bot.tasks.transcribe import submit
from models import Listing, Media, Message
from models.database import connect, reading
from tests.calls_house import OURS, speech
from tests.fake_exchange import FakeExchange
from tests.killed_house import free_port
from tests.open_rooms import database, settings_for, workshop
from tests.scripted_caller import Caller, Deed, key, say

pytestmark = pytest.mark.slow
NUMBERS = ("+919999911111", "+919999922222")
WORDS = {
    "product_name": "बाँस की टोकरी, ढाई सौ रुपये, बारह नग, एक हाथ",
    "seller_name": "सीता, सिरपुर, महासमुंद",
    None: "ठीक है",
}
PATIENCE_S = 240.0
KILL_EVERY_S = (2.0, 4.0)


class Processes:
    """`serve --web-only` and `work` of these settings, started again as soon as they die."""

    def __init__(self, settings: Settings, log: Path) -> None:
        given = {field.name.upper(): str(getattr(settings, field.name)) for field in fields(Settings)}
        self.environment = os.environ | given | {"SIMULATOR": ""}
        self.log = log.open("ab")
        port = settings.public_url.rpartition(":")[2]
        self.commands = {"web": ["serve", "--web-only", "--port", port], "worker": ["work"]}
        self.running = {name: self._start(name) for name in self.commands}

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(ROOT / "app.py"), *self.commands[name]]
        streams = {"stdout": self.log, "stderr": self.log}
        return subprocess.Popen(command, cwd=ROOT, env=self.environment, start_new_session=True, **streams)

    def kill(self, name: str, again: bool = True) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.running[name].pid, signal.SIGKILL)
        self.running[name].wait()
        if again:
            self.running[name] = self._start(name)

    def stop(self) -> None:
        for name in self.commands:
            self.kill(name, again=False)
        self.log.close()


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[tuple[Settings, FakeExchange]]:
    with FakeExchange() as exchange:
        yield (
            settings_for(
                tmp_path,
                twilio_base_url=exchange.url,
                public_url=f"http://127.0.0.1:{free_port()}",
                call_provider="twilio",
                call_number=OURS,
                voice="none",
            ),
            exchange,
        )


def test_calls_survive_kills(settings: tuple[Settings, FakeExchange], tmp_path: Path) -> None:
    """Two sellers by phone, kill -9 every few seconds: two listings, and no message twice."""
    here, exchange = settings
    db = database(here)
    processes = Processes(here, tmp_path / "service.log")
    done = threading.Event()
    killer = threading.Thread(target=_kill, args=(processes, done, random.Random(7)))
    desk = threading.Thread(target=_write_down, args=(here, done))
    sellers = [threading.Thread(target=_sell, args=(here, exchange, db, number)) for number in NUMBERS]
    try:
        for thread in (killer, desk, *sellers):
            thread.start()
        for thread in sellers:
            thread.join(PATIENCE_S)
    finally:
        done.set()
        killer.join()
        desk.join()
        processes.stop()
    for number in NUMBERS:
        with reading(db) as conn:
            assert len(standing(conn, "call", number)["listings"]) == 1
    with reading(db) as conn:
        assert conn.scalar(select(func.count()).select_from(Listing)) == 2
        ids = conn.scalars(select(Message.provider_id).where(Message.channel == "call")).all()
        assert len([each for each in ids if each]) == len({each for each in ids if each})


def _kill(processes: Processes, done: threading.Event, chance: random.Random) -> None:
    while not done.wait(chance.uniform(*KILL_EVERY_S)):
        processes.kill(chance.choice(["web", "worker"]))


def _write_down(settings: Settings, done: threading.Event) -> None:
    """The desk: every stored note, some seconds after it came."""
    shop = workshop(settings, connect(settings.database_url))
    while not done.wait(1.0):
        with reading(shop.db) as conn:
            waiting = select(Media.id, Media.asks).where(Media.kind == "voice", Media.status == "stored")
            notes = conn.execute(waiting.where(Media.seconds.is_not(None))).all()
        for note in notes:
            submit(shop, note.id, WORDS[note.asks], by="desk")


def _sell(settings: Settings, exchange: FakeExchange, db: Engine, number: str) -> None:
    """She lets it ring, answers, and lets it ring again until her listing is there."""
    caller = Caller(settings, exchange, number, wait=lambda seconds: time.sleep(seconds / 4), patience_s=30)
    answered = 0
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        with reading(db) as conn:
            if standing(conn, "call", number)["listings"]:
                return
        caller.let_it_ring()
        until = time.monotonic() + 70
        while time.monotonic() < until:
            placed = [call for call in exchange.placed if call.form["To"] == number]
            if len(placed) > answered:
                answered = len(placed)
                caller.pick_up(placed[-1].form["Url"], placed[-1].sid, _answers(db, number))
                break
            time.sleep(0.2)


def _answers(db: Engine, number: str) -> Iterator[Deed]:
    recorded = {"product_name": say(speech("टोकरी")), "seller_name": say(speech("सीता"))}
    while True:
        with reading(db) as conn:
            asks = standing(conn, "call", number)["asks"]
        yield recorded.get(asks) or key("2" if asks in ("language", "sell_more") else "1")

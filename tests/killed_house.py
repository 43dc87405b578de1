"""A service in processes that are killed, and the provider around it that behaves as Twilio does.

Twilio keeps every message on its list, calls the webhook, calls again when it got no 200 (some calls it gives
up), and sometimes calls twice although it got one.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import Engine

from bot.channels.whatsapp_twilio import sign
from bot.settings import ROOT, Settings
from bot.standing import standing
from models.database import reading
from tests.fake_twilio import FakeTwilio
from tests.open_rooms import settings_for

WHATSAPP = "/webhooks/twilio/whatsapp"
PATIENCE_S = 180.0
PHOTOS = ("bowl.jpg", "drum.jpg", "brushes.jpg")
"""Three: with fewer she would be asked for more."""
ANSWERS = {
    None: "नमस्ते",
    "language": "हिंदी",
    "consent": "हाँ, राज़ी",
    "product_name": "पीतल का हाथी, आठ इंच, पंद्रह सौ रुपया, पाँच नग",
    "seller_name": "सुकमती, गाँव बाजावंड, जिला बस्तर",
    "confirm_heard": "हाँ",
    "confirm_listing": "हाँ",
}


class House:
    """Web and worker of one database, each in a process group of its own. `log` collects what they say."""

    def __init__(
        self, tmp_path: Path, twilio: FakeTwilio, url: str, queue_url: str, queue: str, lease_s: float
    ) -> None:
        here = settings_for(tmp_path, twilio, database_url=url, queue_url=queue_url, album_settle_s=0.2)
        self.settings = replace(here, public_url=f"http://127.0.0.1:{free_port()}")
        self.log = (tmp_path / "service.log").open("ab")
        port = self.settings.public_url.rpartition(":")[2]
        self._commands = {
            "web": [str(ROOT / "app.py"), "serve", "--web-only", "--port", port],
            "worker": ["-m", "tests.killed_worker", str(lease_s), queue],
        }
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        for name in self._commands:
            self.start(name)

    def start(self, name: str) -> None:
        given = {field.name.upper(): str(getattr(self.settings, field.name)) for field in fields(Settings)}
        self._running[name] = subprocess.Popen(
            [sys.executable, *self._commands[name]],
            cwd=ROOT,
            env=os.environ | given | {"SIMULATOR": ""},
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )

    def kill(self, name: str) -> None:
        """As the kernel does it: at once, and nobody is asked. The web's group has two processes."""
        with suppress(ProcessLookupError):
            os.killpg(self._running[name].pid, signal.SIGKILL)
        self._running[name].wait()

    def stop(self) -> None:
        for name in self._running:
            self.kill(name)
        self.log.close()


class Phone:
    """One seller's phone. `sids` are her messages, `photos` how many of her pictures the provider took."""

    def __init__(
        self, house: House, twilio: FakeTwilio, db: Engine, number: int, chance: random.Random
    ) -> None:
        self.address = f"whatsapp:+9199999{number:05d}"
        self._house, self._twilio, self._db, self._chance = house, twilio, db, chance
        self.sids: list[str] = []
        self.photos = 0

    def list_one(self) -> None:
        """Answer whatever is asked until a listing is handed over."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            with reading(self._db) as conn:
                stands = standing(conn, "whatsapp", self.address)
            if stands["listings"]:
                return
            self._answer(stands["asks"])
            self._wait(stands["asks"], end)
        raise AssertionError(f"{self.address} did not come to the end of her talk; open is {stands['asks']}")

    def _answer(self, asks: str | None) -> None:
        if asks != "photos":
            return self._send({"Body": ANSWERS[asks]})
        for name in PHOTOS:
            self._send({"Body": "", "NumMedia": "1", "MessageType": "image"}, ROOT / "tests/images" / name)

    def _wait(self, asked: str | None, end: float) -> None:
        """Until the talk went on: she does not say a thing twice because the answer is slow."""
        while time.monotonic() < end:
            with reading(self._db) as conn:
                stands = standing(conn, "whatsapp", self.address)
            photos = len(stands["slots"].get("photos") or ())
            if stands["asks"] != asked and (asked != "photos" or photos == len(PHOTOS)):
                return
            time.sleep(0.05)

    def _send(self, form: dict[str, str], photo: Path | None = None) -> None:
        """Hand it to the provider, who does what he can; the list of messages has it in any case."""
        form = {
            "From": self.address,
            "To": self._house.settings.twilio_whatsapp_from,
            "NumMedia": "0",
            **form,
        }
        sid = self._twilio.take(form, "inbound")
        self.sids.append(sid)
        form["MessageSid"] = sid
        if photo:
            self.photos += 1
            form["MediaUrl0"] = self._twilio.attach(sid, "image/jpeg", photo.read_bytes())
            form["MediaContentType0"] = "image/jpeg"
        tries = self._chance.choice([1, 40, 40, 40])
        for _ in range(tries):
            if self._post(form):
                break
            time.sleep(0.1)
        if self._chance.random() < 0.4:
            copies = [threading.Thread(target=self._post, args=(form,)) for _ in range(2)]
            for copy in copies:
                copy.start()
            for copy in copies:
                copy.join()

    def _post(self, form: dict[str, str]) -> bool:
        return post(self._house.settings, form) == 200


def post(settings: Settings, form: dict[str, str]) -> int:
    """One signed call of the webhook; its status, or 0 when nobody answered."""
    url = settings.public_url + WHATSAPP
    with requests.Session() as session:
        session.trust_env = False
        signature = {"X-Twilio-Signature": sign(settings, url, form)}
        try:
            return session.post(url, data=form, headers=signature, timeout=(5, 15)).status_code
        except requests.RequestException:
            return 0


def until(happened: Callable[[], Any], seconds: float = PATIENCE_S) -> None:
    """Wait for it; fail with its name when it does not come."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, f"waited {seconds} s in vain for {happened.__qualname__}"
        time.sleep(0.05)


def together(tasks: Sequence[Callable[[], None]]) -> None:
    """Run them in threads at once; the first error of them is raised here."""
    errors: list[BaseException] = []

    def guarded(task: Callable[[], None]) -> None:
        try:
            task()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

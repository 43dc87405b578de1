"""A talk without a phone: one seller, one channel, the real door and jobs, and a clock that can be moved.

Nothing is sent out: its jobs wait in a lane of their own, where no worker of the service sees them, and it
leaves the service's jobs alone, also on a database with real talks.

Photos and voice notes are files here; they are fetched over HTTP from this process, so that they take the
way that a provider's media take.
"""

from __future__ import annotations

import mimetypes
import re
import secrets
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, select

from bot import jobs
from bot.channels import SilentChannel
from bot.channels.sms_text import as_sent, segments
from bot.channels.twilio_inbound import MAX_TEXT, clean
from bot.engine.keypad import SKIP
from bot.media.links import sha256_of
from bot.media.store import MediaStore
from bot.messages import Inbound, InboundKind, Json, Media, Outbound
from bot.receive import Talk, receive
from bot.settings import Settings
from bot.standing import standing
from bot.tasks.transcribe import submit
from bot.tasks.workshop import Workshop
from bot.worker import Worker
from models import Address, Message
from models import Media as MediaRow
from models.database import connect, migrate, reading

_WAIT = re.compile(r"^(\d{1,6})\s*([smhd])$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
CHANNELS = ("whatsapp", "sms")
UNLIMITED: Json = {
    "pace_s": 0.0,
    "limit_messages_minute": 0,
    "limit_messages_day": 0,
    "limit_sent_day": 0,
} | {
    "limit_media_mb_day": 0,
    "limit_spend_day": Decimal(0),
}
"""A talk of lines may run as fast as it is read: nothing goes out, nothing costs."""


def _stranger(db: Engine) -> str:
    """An invented number that nobody here has."""
    while True:
        phone = f"+9199999{secrets.randbelow(100_000):05d}"
        with reading(db) as conn:
            taken = conn.scalar(select(Address.id).where(Address.address.in_([phone, f"whatsapp:{phone}"])))
        if taken is None:
            return phone


class BadLine(Exception):
    """A line of `chat --jsonl` that asks for something impossible; the message says what."""


class _Files(ThreadingHTTPServer):
    """Serves the files of this chat, by names that nobody can guess, on this machine only."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _File)
        self.files: dict[str, Path] = {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def offer(self, path: Path) -> str:
        name = uuid4().hex
        self.files[f"/{name}"] = path
        return f"{self.url}/{name}"


class _File(BaseHTTPRequestHandler):
    server: _Files

    def do_GET(self) -> None:
        path = self.server.files.get(self.path)
        if path is None:
            return self.send_error(404)
        body = path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: Any) -> None:
        """Standard error is for our logs, not for each fetch."""


@dataclass
class Clock:
    """The real time, moved on by every `wait`."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class _Ear(SilentChannel):
    """Hears what is said here: what goes out after a refusal is read nowhere else, for it is forgotten."""

    def __init__(self, name: str, settings: Settings) -> None:
        super().__init__(name, settings)
        self.heard: list[Outbound] = []

    def send(self, outbound: Outbound, template: str | None = None) -> str:
        self.heard.append(outbound)
        return super().send(outbound, template)


class Chat:
    """One seller's talk. `say` takes one line of `chat --jsonl` and returns the line that answers it."""

    def __init__(
        self,
        settings: Settings,
        channel: str = "whatsapp",
        seller: str | None = None,
        language: str | None = None,
        beside: Chat | None = None,
    ) -> None:
        """`beside`: another chat of this process, whose database, files and words are shared."""
        self._files: _Files = beside._files if beside else _Files()
        self.clock = Clock()
        shop = self._open(settings) if beside is None else beside.shop
        self.channel = channel
        phone = seller or _stranger(shop.db)
        self.address = f"whatsapp:{phone}" if channel == "whatsapp" else phone
        # One lane a seller and not a process: what a chat left undone, the next one with her finds.
        lane = jobs.own_lane(shop.db, f"chat:{channel}:{phone}")
        self.shop: Workshop = replace(shop, db=lane, clock=self.clock)
        self.worker = Worker(self.shop, "chat")
        self._language = language

    def _open(self, settings: Settings) -> Workshop:
        here = replace(
            settings,
            simulator=True,
            twilio_account_sid="",
            twilio_base_url=self._files.url,
            album_settle_s=0.0,
            **UNLIMITED,
            queue_url="",
        )
        db = connect(here.database_url)
        migrate(db)
        return Workshop(
            db=db,
            settings=here,
            store=MediaStore(here.media_url),
            channels={name: _Ear(name, here) for name in CHANNELS},
            talk=Talk.load(here),
            clock=self.clock,
        )

    def say(self, line: Json) -> Json:
        """Do what one line asks; BadLine if it cannot be done."""
        if "wait" in line:
            self._wait(str(line["wait"]))
        elif "transcript" in line:
            self._transcribe(str(line["transcript"]), line.get("confidence"))
        else:
            for inbound in self._inbound(line):
                receive(self.shop.db, self.shop.talk, inbound, inbound.received_at, language=self._language)
        self.worker.drain()
        return self._answer()

    def _wait(self, text: str) -> None:
        match = _WAIT.match(text.strip())
        if not match:
            raise BadLine(f"wait takes a number and s, m, h or d, not {text!r}")
        until = self.clock() + timedelta(**{_UNITS[match[2]]: int(match[1])})
        due = jobs.next_run_at(self.shop.db)
        while due is not None and due <= until:
            # Each job runs at its own time, not all of them at the end.
            self.clock.ahead += max(timedelta(), due - self.clock())
            if not self.worker.drain():
                break
            due = jobs.next_run_at(self.shop.db)
        self.clock.ahead += max(timedelta(), until - self.clock())

    def _transcribe(self, text: str, confidence: float | None) -> None:
        """The desk's words for her last unheard note; with a confidence they are a machine's."""
        wanted = select(MediaRow.id).join(Message, Message.id == MediaRow.message_id)
        mine = (
            Message.address == self.address,
            MediaRow.kind == "voice",
            MediaRow.transcript.is_(None),
            MediaRow.status != "held",
        )
        with reading(self.shop.db) as conn:
            media_id = conn.scalar(wanted.where(*mine).order_by(MediaRow.id.desc()).limit(1))
        if media_id is None:
            raise BadLine("there is no voice note without a transcript")
        by = "desk" if confidence is None else "machine"
        submit(self.shop, media_id, text, by, None if confidence is None else float(confidence))

    def _inbound(self, line: Json) -> Iterator[Inbound]:
        text = str(line.get("text", ""))
        if "photos" in line:
            if not isinstance(line["photos"], list) or not line["photos"]:
                raise BadLine("photos takes a list of files")
            paths = [self._existing(path) for path in line["photos"]]
            for position, path in enumerate(paths):
                yield self._message("photo", text if position == 0 else "", media=self._media("photo", path))
        elif "voice" in line:
            yield self._message("voice", text, media=self._media("voice", self._existing(line["voice"])))
        elif "button" in line:
            yield self._message("button", text, payload=str(line["button"]))
        elif "location" in line:
            latitude, longitude = line["location"]
            yield self._message("location", text, location=(float(latitude), float(longitude)))
        elif "text" in line:
            yield self._message("text", text)
        else:
            raise BadLine("a line needs text, photos, voice, button, location, wait or transcript")

    def _existing(self, name: Any) -> Path:
        path = Path(str(name))
        if not path.is_file():
            raise BadLine(f"no such file: {name}")
        return path

    def _media(self, kind: Any, path: Path) -> tuple[Media, ...]:
        content_type = mimetypes.guess_type(path.name)[0] or ""
        return (Media(kind, self._files.offer(path), content_type),)

    def _message(self, kind: InboundKind, text: str, **more: Any) -> Inbound:
        return Inbound(
            channel=self.channel,
            address=self.address,
            provider_id=f"chat-{uuid4().hex}",
            kind=kind,
            received_at=self.clock(),
            text=clean(text, MAX_TEXT),
            **more,
        )

    def _answer(self) -> Json:
        """What was said since the last line, and where the talk stands now."""
        ear = self.shop.channels[self.channel]
        assert isinstance(ear, _Ear)
        heard, ear.heard = ear.heard, []
        aloud: str | None = None
        with reading(self.shop.db) as conn:
            stands = standing(conn, self.channel, self.address)
        replies: list[Json] = []
        for said in heard:
            if said.address != self.address:
                continue
            if said.audio_url:  # the voice bubble stands before the text that it says
                aloud = self._path(said.audio_url)
                continue
            replies += self._replies(said, aloud)
            aloud = None
        return {"replies": replies, **stands}

    def _path(self, url: str) -> str | None:
        """Where the sound behind one of our addresses lies; None if it is not on this machine."""
        sha256 = sha256_of(self.shop.settings, url.rpartition("/")[2])
        path = self.shop.store.path_of(sha256) if sha256 else None
        return str(path) if path else None

    def _replies(self, said: Outbound, audio: str | None) -> Iterator[Json]:
        """A line a response, also where one bubble holds two; what is heard stands with the first."""
        sms = self.channel == "sms"
        parts = said.parts or ((said.utter, said.text),)
        for place, (utter, text) in enumerate(parts, 1):
            buttons = said.buttons if place == len(parts) else ()
            shown = as_sent(utter, text, buttons, said.language) if sms else text
            yield {
                "utter": utter,
                "text": shown,
                "buttons": [asdict(button) for button in buttons if button.payload != SKIP],
                "audio": audio if place == 1 else None,
                "segments": segments(shown) if sms else 1,
            }

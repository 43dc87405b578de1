"""A carrier of our own for WhatsApp, SMS and calls: a real HTTP server that takes, refuses and forgets.

What becomes of a message is drawn by chance (`Fate`), the same for the same seed. Nothing here knows the time
but by the clock of the world, and nothing is delivered here: the world does that, later.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from tests.fake_twilio import ACCOUNT, SID
from tests.local_server import LocalServer

Form = dict[str, str]


@dataclass(frozen=True)
class Fate:
    """What a POST meets. `refused`: HTTP status and code, nothing is taken; `taken` and `told`: it is taken,
    and we hear so; `arrives`: the phone gets it; `reported`: the last state that is told us, with its code.
    """

    refused: tuple[int, int] | None = None
    told: bool = True
    arrives: bool = True
    reported: str = "delivered"
    code: str = ""


GOOD = Fate()
WHATSAPP_FATES: list[tuple[float, Fate]] = [
    (0.905, GOOD),
    (0.020, Fate(told=False)),  # taken, and the line breaks before we hear so
    (0.010, Fate(refused=(503, 20500))),
    (0.010, Fate(refused=(429, 20429))),
    (0.010, Fate(refused=(400, 63018))),
    (0.010, Fate(arrives=False, reported="undelivered", code="30003")),
    (0.010, Fate(arrives=False, reported="failed", code="63016")),
    (0.005, Fate(refused=(400, 63024))),
    (0.005, Fate(arrives=False, reported="failed", code="63003")),
    (0.005, Fate(arrives=False, reported="sent")),  # dropped: nobody ever hears of it
    (0.010, Fate(reported="")),  # it arrives, and no report ever comes
]
SMS_FATES: list[tuple[float, Fate]] = [
    (0.94, GOOD),
    (0.02, Fate(refused=(503, 0))),
    (0.02, Fate(refused=(200, 1))),  # a refusal within a 200: throttled
    (0.01, Fate(arrives=False, reported="expired")),
    (0.01, Fate(arrives=False, reported="sent")),
]


@dataclass
class Taken:
    """One message that the carrier took: its id, to whom, the text, and what will become of it."""

    sid: str
    to: str
    text: str
    at: datetime
    fate: Fate
    callback: str


class Hears(Protocol):
    """Who is told what the carrier does."""

    def took(self, taken: Taken) -> None: ...

    def rang(self, form: Form, sid: str) -> None: ...


@dataclass
class Carrier(LocalServer):
    """`world` hears of each message taken and each call placed, and goes on from there.

    `messages` are those taken, by number; `inbound` is the list of what people sent us.
    """

    chance: random.Random
    clock: Callable[[], datetime]
    world: Hears = field(init=False)
    messages: dict[str, list[Taken]] = field(default_factory=lambda: defaultdict(list))
    inbound: list[dict[str, Any]] = field(default_factory=list)
    count: int = 0

    def handler(self) -> type[BaseHTTPRequestHandler]:
        return _Handler

    def next_sid(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count:032x}"

    def draw(self, fates: list[tuple[float, Fate]]) -> Fate:
        weights, found = zip(*fates, strict=True)
        return self.chance.choices(found, weights)[0]

    def take(self, to: str, text: str, callback: str, fate: Fate) -> str:
        taken = Taken(self.next_sid("SM"), to, text, self.clock(), fate, callback)
        self.messages[to].append(taken)
        self.world.took(taken)
        return taken.sid

    def sent_to(self, to: str) -> list[dict[str, Any]]:
        """The list call for one number, newest first."""
        return [
            {
                "sid": row.sid,
                "to": to,
                "body": row.text,
                "direction": "outbound-api",
                "status": "sent",
                "date_created": format_datetime(row.at),
                "date_sent": format_datetime(row.at),
            }
            for row in reversed(self.messages[to])
        ]

    def came_in(self, since: datetime) -> list[dict[str, Any]]:
        """The list call for our number, newest first."""
        return [row for row in reversed(self.inbound) if row["at"] >= since]


class _Handler(BaseHTTPRequestHandler):
    fake: Carrier
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if parts.path != f"{ACCOUNT}/Messages.json":
            return self._json(404, {"code": 20404})
        if "DateSent>" in query:
            since = datetime.fromisoformat(query["DateSent>"])
            rows = [{k: v for k, v in row.items() if k != "at"} for row in self.fake.came_in(since)]
        else:
            rows = self.fake.sent_to(query["To"])
        return self._json(200, {"messages": rows, "next_page_uri": None})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        path = urlsplit(self.path).path
        if path == "/sms":
            return self._sms(json.loads(raw))
        form = {name: values[-1] for name, values in parse_qs(raw, keep_blank_values=True).items()}
        if path == f"{ACCOUNT}/Calls.json":
            sid = self.fake.next_sid("CA")
            self.fake.world.rang(form, sid)
            return self._json(201, {"sid": sid, "status": "queued"})
        if path == f"{ACCOUNT}/Messages.json":
            return self._whatsapp(form)
        return self._json(404, {"code": 20404})

    def _whatsapp(self, form: Form) -> None:
        to = form["To"]
        fate = self.fake.draw(WHATSAPP_FATES)
        if fate.refused:
            status, code = fate.refused
            return self._json(status, {"code": code, "status": status})
        text = form.get("Body") or json.loads(form.get("ContentVariables", "{}")).get("1", "")
        sid = self.fake.take(to, text, form.get("StatusCallback", ""), fate)
        if not fate.told:
            self.close_connection = True
            return None
        return self._json(201, {"sid": sid, "status": "queued", "account_sid": SID})

    def _sms(self, given: dict[str, Any]) -> None:
        to = "+" + str(given["to"])
        fate = self.fake.draw(SMS_FATES)
        if fate.refused:
            status, code = fate.refused
            return self._json(status, {"status": "refused", "code": "throttled" if code else ""})
        sid = self.fake.take(to, str(given["text"]), str(given.get("report_url", "")), fate)
        return self._json(200, {"id": sid, "status": "accepted"})

    def _json(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

"""The world of the soak: one clock, all that happens in order of time, and the service in the midst of it.

Webhooks are signed calls of the real web application, jobs are run by the real worker, and what they send
goes over HTTP to the carrier. Between two happenings the clock jumps, so that days pass in minutes.
"""

from __future__ import annotations

import heapq
import itertools
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import Engine

from bot import jobs
from bot.channels.whatsapp_twilio import sign
from bot.settings import Settings
from bot.standing import standing
from bot.tasks.workshop import Workshop
from bot.web import create_app
from bot.worker import Worker
from models.database import reading, writing
from tests.conftest import Clock
from tests.fake_twilio import SENDER
from tests.open_rooms import house, settings_for
from tests.soak.carrier import Carrier, Fate, Form, Taken
from tests.soak.sellers import STOP, Seller, Way, seller

KEY = "k-1"
PATIENCE_S = 2 * 3600.0
"""After so long without an answer she writes again."""
MOST_AGAIN = 40
RECONCILE_S = 3600.0
LATEST = timedelta(days=12)
Happening = Callable[[], None]


def settings_of(tmp_path: Path, carrier: Carrier, **changes: object) -> Settings:
    """A service with WhatsApp, SMS and calls, all of them through the carrier; no brake for so many."""
    given: dict[str, object] = {
        "twilio_base_url": carrier.url,
        "sms_gateway": "generic",
        "sms_url": f"{carrier.url}/sms",
        "sms_token": "token",
        "sms_sender": "BIHANX",
        "sms_webhook_key": KEY,
        "call_provider": "twilio",
        "call_number": "+919999900000",
        "voice": "none",
        "pace_s": 6.0,
        "limit_spend_day_all": 0,
    }
    return settings_for(tmp_path, **given | changes)


@dataclass
class World:
    """`sellers` by number; `counts` says what happened how often, for who reads the result."""

    settings: Settings
    carrier: Carrier
    db: Engine
    clock: Clock
    chance: random.Random
    sellers: dict[str, Seller] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    _heap: list[tuple[datetime, int, Happening]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        rooms = replace(house(self.settings, self.db), clock=self.clock)
        rooms = replace(rooms, talk=replace(rooms.talk, settings=self.settings))
        self.client: FlaskClient = create_app(self.settings, rooms).test_client()
        self.shop = Workshop(
            self.db, self.settings, rooms.store, dict(rooms.channels), rooms.talk, self.clock
        )
        self.worker = Worker(self.shop, "soak")

    def later(self, seconds: float, happening: Happening) -> None:
        heapq.heappush(
            self._heap, (self.clock.now + timedelta(seconds=seconds), next(self._order), happening)
        )

    def run(self, count: int, seed: int, spread_s: float) -> None:
        """`count` sellers begin within `spread_s` seconds; until nobody has anything to do any more."""
        for number in range(count):
            her = seller(number, seed)
            self.sellers[her.phone] = her
            self.later(self.chance.uniform(0, spread_s), lambda her=her: self._begins(her))
        self.later(RECONCILE_S, self._reconcile)
        end = self.clock.now + timedelta(seconds=spread_s) + LATEST
        while self._heap and self.clock.now < end and self.open:
            self._step()

    @property
    def open(self) -> list[Seller]:
        return [her for her in self.sellers.values() if not her.done and not her.stopped]

    def goes_on(self, seconds: float) -> None:
        """Nobody says anything any more; what is due meanwhile is done."""
        end = self.clock.now + timedelta(seconds=seconds)
        while self._heap and self._heap[0][0] <= end:
            self._step()

    def _step(self) -> None:
        """The next thing that happens, a job or anything else."""
        due = jobs.next_run_at(self.db)
        at = self._heap[0][0]
        if due is not None and due <= at:
            self.clock.now = max(self.clock.now, due)
            if self.worker.drain():
                return
        self.clock.now = max(self.clock.now, at)
        heapq.heappop(self._heap)[2]()

    def _begins(self, her: Seller) -> None:
        if her.way == "call":
            return self._rings(her)
        return self._says(her, her.answer(None, her.way), her.way)

    def _says(self, her: Seller, text: str, way: Way) -> None:
        """She sends one message; the carrier brings it, twice perhaps, or not at all and only to its list."""
        her.said, her.waits = her.said + 1, True
        sid = self.carrier.next_sid("SM" if way == "whatsapp" else "g-")
        tries = 1 + (self.chance.random() < 0.05)
        if way == "whatsapp" and self.chance.random() < 0.005:
            tries = 0
            self.counts["webhooks dropped"] += 1
        bring = self._whatsapp if way == "whatsapp" else self._sms
        for number in range(tries):
            self.later(
                self.chance.uniform(0, 3) + number * self.chance.uniform(0, 30),
                lambda: bring(her, sid, text),
            )
        if way == "whatsapp":
            self.carrier.inbound.append(
                {"sid": sid, "to": SENDER, "from": her.addresses[0], "body": text, "num_media": "0"}
                | {"direction": "inbound", "at": self.clock.now, "date_sent": None}
                | {"date_created": self.clock.now.strftime("%a, %d %b %Y %H:%M:%S +0000")}
            )
        said = her.said
        self.later(PATIENCE_S, lambda: self._impatient(her, said))

    def _whatsapp(self, her: Seller, sid: str, text: str) -> None:
        form = {"MessageSid": sid, "From": her.addresses[0], "To": SENDER, "Body": text, "NumMedia": "0"}
        self._post("/webhooks/twilio/whatsapp", form)

    def _sms(self, her: Seller, sid: str, text: str) -> None:
        given = {"messages": [{"id": sid, "from": her.phone, "text": text, "time": "1"}]}
        answer = self.client.post(f"/webhooks/sms/generic?key={KEY}", data=json.dumps(given))
        assert answer.status_code == 200, answer.status_code
        self.counts["messages in"] += 1

    def _post(self, path: str, form: Form) -> None:
        signature = sign(self.settings, self.settings.public_url + path, form)
        answer = self.client.post(path, data=form, headers={"X-Twilio-Signature": signature})
        assert answer.status_code in (200, 204), f"{path}: {answer.status_code}"
        self.counts["messages in"] += path.endswith("whatsapp")

    def took(self, taken: Taken) -> None:
        """The carrier has a message for somebody: it comes after a while, and so do its reports."""
        her = self.sellers[taken.to.removeprefix("whatsapp:")]
        way: Way = "whatsapp" if taken.to.startswith("whatsapp:") else "sms"
        self.counts[f"{way} taken"] += 1
        delay = self.chance.expovariate(1 / 8)
        if taken.fate.arrives:
            self.later(delay, lambda: self._reads(her, way))
        else:
            her.lost.append(taken.sid)
        for state in self._reports(taken.fate):
            for _ in range(1 + (self.chance.random() < 0.1)):
                self.later(delay + self.chance.uniform(0, 20), lambda state=state: self._report(taken, state))

    def _reports(self, fate: Fate) -> list[str]:
        return (
            ["sent", fate.reported]
            if fate.reported not in ("", "sent")
            else [fate.reported] * (fate.reported == "sent")
        )

    def _report(self, taken: Taken, state: str) -> None:
        code = taken.fate.code if state not in ("sent", "delivered") else ""
        self.counts[f"reported {state}"] += 1
        if taken.to.startswith("whatsapp:"):
            form = {"MessageSid": taken.sid, "MessageStatus": state, "To": taken.to}
            return self._post("/webhooks/twilio/status", form | ({"ErrorCode": code} if code else {}))
        path = "/webhooks/sms/generic/report"
        given = {"reports": [{"id": taken.sid, "status": state, "code": code}]}
        assert self.client.post(f"{path}?key={KEY}", data=json.dumps(given)).status_code == 200
        return None

    def _reads(self, her: Seller, way: Way) -> None:
        """A bubble is on her screen. She answers once, however many came."""
        her.read, her.waits = her.read + 1, False
        if not (her.done or her.stopped or her.answering or her.way == "call"):
            her.answering = True
            self.later(her.thinks_s(), lambda: self._answers(her, way))

    def _answers(self, her: Seller, way: Way) -> None:
        her.answering = False
        if her.stops_now:
            return self._stops(her, way)
        with reading(self.db) as conn:
            stands = standing(conn, way, her.addresses[way != "whatsapp"])
        if stands["listings"]:
            her.done = True
            return None
        return self._says(her, her.answer(stands["asks"], way), way)

    def _stops(self, her: Seller, way: Way) -> None:
        """She says stop, once; from the moment that the service has it, nothing may come but its one word."""
        sid = self.carrier.next_sid("SM" if way == "whatsapp" else "g-")
        text = self.chance.choice(STOP[way])
        (self._whatsapp if way == "whatsapp" else self._sms)(her, sid, text)
        her.stopped = self.clock.now
        self.counts["stops"] += 1

    def _impatient(self, her: Seller, said: int) -> None:
        """Nothing came for hours: the carrier lost it, or the service did. She greets again."""
        if her.waits and her.said == said and not (her.done or her.stopped) and her.again < MOST_AGAIN:
            her.again += 1
            self.counts["asked again"] += 1
            self._begins(her)

    def _rings(self, her: Seller) -> None:
        from tests.soak.calls import let_it_ring

        let_it_ring(self, her)

    def rang(self, form: Form, sid: str) -> None:
        """A call of ours was placed: in a moment her phone rings."""
        her = self.sellers[form["To"]]
        self.counts["calls placed"] += 1
        from tests.soak.calls import pick_up

        self.later(self.chance.uniform(2, 20), lambda: pick_up(self, her, form["Url"], sid))

    def _reconcile(self) -> None:
        with writing(self.db) as conn:
            jobs.put(conn, "reconcile", {}, now=self.clock.now, unique_key="reconcile:soak")
        self.later(RECONCILE_S, self._reconcile)

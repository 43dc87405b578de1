"""A service around which flows are begun for people: its API, its worker and what it would have sent."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask import Flask
from sqlalchemy import Engine, func, select

from bot.channels import SilentChannel
from bot.jobs import own_lane
from bot.media.store import MediaStore
from bot.messages import Inbound, Json
from bot.receive import receive
from bot.settings import Settings
from bot.standing import standing
from bot.tasks.workshop import Workshop
from bot.web.api import api
from bot.web.house import EXTENSION, House
from bot.worker import Worker
from models import Message
from models.database import reading
from tests.conftest import Clock
from tests.open_rooms import loaded_talk

TOKEN = "t" * 32
PHONE = "+919999900001"
HER = f"whatsapp:{PHONE}"
HEAD = "phone,name,village,district,language,channel\n"


class Service:
    """The API and a worker on one database, with a clock that stands still."""

    def __init__(self, db: Engine, clock: Clock, tmp_path: Path, rate: float = 60_000) -> None:
        configured = Settings(api_token=TOKEN, secret_key="s" * 32, simulator=True, start_rate=rate)
        store = MediaStore(f"file://{tmp_path}/media")
        channels = {name: SilentChannel(name, configured) for name in ("whatsapp", "sms")}
        talk = replace(loaded_talk(), settings=configured)
        db = own_lane(db, "")  # an engine of its own: no talks of another test are remembered for it
        self.db, self.clock, self.talk = db, clock, talk
        self.worker = Worker(Workshop(db, configured, store, channels, talk, clock))
        web = Flask("test", static_folder=None)
        web.extensions[EXTENSION] = House(db, talk, configured, channels, clock, store)
        web.register_blueprint(api)
        self.client = web.test_client()

    def post(self, body: Any, flow: str = "list_product", **query: Any) -> tuple[int, Json]:
        path = f"/api/v1/flows/{flow}/start"
        headers = {"Authorization": f"Bearer {TOKEN}"}
        if isinstance(body, dict):
            answer = self.client.post(path, json=body, query_string=query, headers=headers)
        else:
            data = body if isinstance(body, bytes) else body.encode()
            query = {"key": "sheet", "by": "spring"} | query
            sent = {"data": data, "query_string": query, "content_type": "text/csv"}
            answer = self.client.post(path, headers=headers, **sent)
        return answer.status_code, answer.get_json()

    def person(self, **changes: Any) -> tuple[int, Json]:
        return self.post({"address": HER, "by": "spring", "key": "one"} | changes)

    def run(self, seconds: int = 60) -> None:
        for _ in range(seconds):
            self.worker.drain()
            self.clock.advance(1)

    def says(self, text: str, address: str = HER) -> None:
        channel = "whatsapp" if address.startswith("whatsapp:") else "sms"
        came = Inbound(channel, address, uuid4().hex, "text", self.clock(), text)
        receive(self.db, self.talk, came, self.clock())

    def sent(self, address: str = HER) -> list[Json]:
        query = select(Message.body).where(Message.direction == "out", Message.address == address)
        with reading(self.db) as conn:
            return list(conn.scalars(query.order_by(Message.id)))

    def stands(self, address: str = HER) -> Json:
        channel = "whatsapp" if address.startswith("whatsapp:") else "sms"
        with reading(self.db) as conn:
            return standing(conn, channel, address)

    def count(self, what: Any) -> int:
        with reading(self.db) as conn:
            return int(conn.scalar(select(func.count()).select_from(what)) or 0)

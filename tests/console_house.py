"""A console for tests: its pages around a real database, reps of each role, and people to look after."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine, insert, select
from werkzeug.test import TestResponse

from bot import seller_card
from bot.engine.turn import new_state
from bot.messages import Json
from bot.settings import Settings
from bot.web import create_app
from bot.web.house import House
from models import Audit, Conversation, Rep, Seller, SellerCard, SellerWord
from models.database import reading, writing
from tests.conftest import Clock
from tests.open_rooms import house, seller, settings_for

PASSWORD = "नदी के उस पार"
BASTAR, DURG = "bastar", "durg"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""A hash is slow on purpose, and so is each sign-in with it: this one is quickly checked."""
COMPILED = FileSystemBytecodeCache(mkdtemp(prefix="sangwari-templates-"))
"""Each test has an application of its own; their pages are compiled once."""


@dataclass
class Console:
    """The application; `rep` makes reps, `person` makes people, `enter` gives a browser that is signed in."""

    app: Flask
    db: Engine
    clock: Clock
    settings: Settings
    house: House

    def rep(self, number: int, role: str = "rep", **values: Any) -> int:
        """A rep with the number +9199999 and five digits of `number`; her id."""
        row: Json = {"phone": f"+9199999{number:05}", "name": f"रमा {number}", "role": role}
        row |= {"districts": [BASTAR], "password_hash": HASH, "must_change": False}
        with writing(self.db) as conn:
            made = insert(Rep).values(**row | {"created_at": self.clock()} | values)
            return int(conn.execute(made.returning(Rep.id)).scalar_one())

    def person(self, number: int, slots: Json | None = None, **values: Any) -> str:
        """A seller with this number, her slots and columns of her talk or card; her key."""
        address = f"whatsapp:+9199999{number:05}"
        state = new_state() | {"slots": slots or {}}
        with writing(self.db) as conn:
            seller_id = seller(conn, address)
            talk: Json = {"seller_id": seller_id, "state": state, "revision": 1}
            talk |= {"updated_at": self.clock(), "last_inbound_at": self.clock()}
            talk |= {name: values.pop(name) for name in ("flow", "asks", "asks_since") if name in values}
            conn.execute(insert(Conversation).values(**talk))
            new = {"phone_last4": seller_card.last4(address)} | values
            seller_card.write(conn, seller_id, new_state(), state, new)
            return str(conn.scalar(select(Seller.key).where(Seller.id == seller_id)))

    def enter(self, number: int, password: str = PASSWORD) -> Browser:
        """The browser of this rep, signed in."""
        browser = Browser(self.app.test_client())
        answer = browser.post(
            "/console/sign-in", phone=f"99999{number:05}", password=password, page="/console/sign-in"
        )
        assert answer.status_code == 303, answer.text
        return browser

    def stranger(self) -> Browser:
        """A browser that is not signed in."""
        return Browser(self.app.test_client())

    def deeds(self) -> list[Any]:
        """What was written down, oldest first."""
        with reading(self.db) as conn:
            return list(conn.execute(select(Audit.__table__).order_by(Audit.id)))

    def deed_names(self) -> list[str]:
        return [deed.what for deed in self.deeds()]


@dataclass
class Browser:
    """Pages are fetched, and forms sent with the token of the page they stand on."""

    client: FlaskClient

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, **more)

    def post(self, path: str, page: str = "/console/me", **form: Any) -> TestResponse:
        """Send a form as `page` has it; `page` needs any form of ours."""
        return self.client.post(path, data=form | {"csrf_token": self.token(page)})

    def token(self, page: str = "/console/me") -> str:
        found = TOKEN.search(self.client.get(page).text)
        return found[1] if found else ""


def console(db: Engine, clock: Clock, tmp_path: Path, **changes: Any) -> Console:
    """The console of a real service on this machine: plain http, so that its cookie is kept."""
    settings = settings_for(tmp_path, **{"public_url": "http://127.0.0.1:8000"} | changes)
    made = house(settings, db)
    opened = House(db, made.talk, settings, made.channels, clock, made.store)
    app = create_app(settings, opened)
    app.jinja_env.bytecode_cache = COMPILED
    return Console(app, db, clock, settings, opened)


def with_reps(desk: Console) -> Console:
    """The same with rep 1 of BASTAR, rep 2 of DURG, and admin 3."""
    desk.rep(1)
    desk.rep(2, districts=[DURG])
    desk.rep(3, "admin", districts=[])
    return desk


def words_of(db: Engine, key: str) -> set[str]:
    """The sounds that a seller is found by."""
    query = select(SellerWord.word).join(Seller, Seller.id == SellerWord.seller_id).where(Seller.key == key)
    with reading(db) as conn:
        return set(conn.scalars(query))


def card_of(db: Engine, key: str) -> Any:
    """Her card as it stands."""
    query = select(SellerCard.__table__).join(Seller, Seller.id == SellerCard.seller_id)
    with reading(db) as conn:
        return conn.execute(query.where(Seller.key == key)).one()


def later(clock: Clock, **span: float) -> datetime:
    """Let time pass."""
    from datetime import timedelta

    return clock.advance(timedelta(**span).total_seconds())

"""Rooms for tests, opened as the service opens them: a migrated database, a store, a seller, an outbox."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, insert, select
from werkzeug.test import TestResponse

from bot.channels import open_channels
from bot.channels.whatsapp_twilio import sign
from bot.media.store import MediaStore
from bot.settings import Settings
from bot.talk import Talk
from bot.tasks.workshop import Workshop
from bot.web.house import House
from models import Address, JobRow, Media, Message, Seller
from models.database import connect, migrate, reading
from tests.fake_twilio import SENDER, SID, TOKEN, FakeTwilio

HER = "whatsapp:+919999912345"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def settings_for(tmp_path: Path, twilio: FakeTwilio | None = None, **changes: Any) -> Settings:
    """Settings of a real service on this machine whose provider is the fake one."""
    given: dict[str, Any] = {
        "database_url": f"sqlite:///{tmp_path}/test.db",
        "media_url": f"file://{tmp_path}/media",
        "public_url": "https://sangwari.example",
        "secret_key": "s" * 32,
        "api_token": "t" * 32,
        "twilio_account_sid": SID,
        "twilio_auth_token": TOKEN,
        "twilio_whatsapp_from": SENDER,
        "twilio_base_url": twilio.url if twilio else "",
        "album_settle_s": 0.0,
        "pace_s": 0.0,
    }
    return Settings(**given | changes)


def database(settings: Settings) -> Engine:
    """The migrated database of these settings."""
    engine = connect(settings.database_url)
    migrate(engine)
    return engine


def workshop(settings: Settings, db: Engine | None = None, talk: object = None) -> Workshop:
    """A workshop; without a talk for tasks that never speak to it."""
    return Workshop(
        db=db or database(settings),
        settings=settings,
        store=MediaStore(settings.media_url),
        channels=open_channels(settings),
        talk=cast(Any, talk),
        clock=lambda: datetime.now(UTC),
    )


def seller(conn: Connection, address: str = HER) -> int:
    """One seller with one WhatsApp address; her id."""
    now = datetime.now(UTC)
    made = insert(Seller).values(key=uuid4().hex, language="hi", created_at=now).returning(Seller.id)
    seller_id = conn.execute(made).scalar_one()
    conn.execute(
        insert(Address).values(seller_id=seller_id, channel="whatsapp", address=address, created_at=now)
    )
    return seller_id


def writes(conn: Connection, seller_id: int, at: datetime | None = None, **values: Any) -> int:
    """She has written from WhatsApp, by default just now: her window is open. The id of her message."""
    row = {
        "seller_id": seller_id,
        "direction": "in",
        "channel": "whatsapp",
        "address": HER,
        "provider_id": "SM" + uuid4().hex,
        "kind": "text",
        "body": {"text": "नमस्ते"},
        "status": "received",
        "created_at": at or datetime.now(UTC),
    }
    return conn.execute(insert(Message).values(**row | values).returning(Message.id)).scalar_one()


def outgoing(conn: Connection, seller_id: int, text: str = "नमस्ते", **values: Any) -> int:
    """One queued message of the outbox; its id. `body` and other columns may be given."""
    body = {"utter": "utter_hello", "text": text, "language": "hi", "buttons": []}
    row = {
        "seller_id": seller_id,
        "direction": "out",
        "channel": "whatsapp",
        "address": HER,
        "kind": "text",
        "body": body | values.pop("body", {}),
        "status": "queued",
        "created_at": datetime.now(UTC),
    }
    return conn.execute(insert(Message).values(**row | values).returning(Message.id)).scalar_one()


def attachment(conn: Connection, seller_id: int, url: str, kind: str = "photo", **values: Any) -> int:
    """One inbound message with one waiting attachment; the attachment's id."""
    now = datetime.now(UTC)
    message = {
        "seller_id": seller_id,
        "direction": "in",
        "channel": "whatsapp",
        "address": HER,
        "provider_id": "MM" + uuid4().hex,
        "kind": kind,
        "body": {},
        "status": "received",
        "created_at": now,
    }
    message_id = conn.execute(insert(Message).values(**message).returning(Message.id)).scalar_one()
    row = {
        "seller_id": seller_id,
        "message_id": message_id,
        "position": 0,
        "kind": kind,
        "url": url,
        "content_type": "image/jpeg" if kind == "photo" else "audio/ogg",
        "status": "waiting",
        "created_at": now,
    }
    return conn.execute(insert(Media).values(**row | values).returning(Media.id)).scalar_one()


def message_row(engine: Engine, message_id: int) -> Any:
    """One message as it stands in the table."""
    with reading(engine) as conn:
        return conn.execute(select(Message.__table__).where(Message.id == message_id)).one()


def media_row(engine: Engine, media_id: int) -> Any:
    """One attachment as it stands in the table."""
    with reading(engine) as conn:
        return conn.execute(select(Media.__table__).where(Media.id == media_id)).one()


def job_kinds(engine: Engine) -> list[str]:
    """The kinds of all waiting jobs, in the order they were put."""
    with reading(engine) as conn:
        return list(conn.scalars(select(JobRow.kind).order_by(JobRow.id)))


@cache
def loaded_talk() -> Talk:
    """Flows, words and actions as they are shipped; loaded once for all tests."""
    return Talk.load(Settings(pace_s=0.0))


def house(settings: Settings, db: Engine | None = None) -> House:
    """The parts of a web process around a migrated database, or around the one given."""
    return House(
        db=db or database(settings),
        talk=loaded_talk(),
        settings=settings,
        channels=open_channels(settings),
        clock=lambda: datetime.now(UTC),
        store=MediaStore(settings.media_url),
    )


def signed_post(client: FlaskClient, settings: Settings, path: str, params: dict[str, str]) -> TestResponse:
    """A webhook call as the provider makes it: a form, signed for our public address."""
    signature = sign(settings, settings.public_url + path, params)
    return client.post(path, data=params, headers={"X-Twilio-Signature": signature})

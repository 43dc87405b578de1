"""The doors providers call: only signed calls count, each counts once, and nothing is ever a 500."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from bot.settings import Settings
from bot.web import create_app
from bot.web.access import unmarked
from models import Message
from models.database import connect, reading, writing
from tests.fake_twilio import SENDER
from tests.open_rooms import HER, house, message_row, outgoing, seller, settings_for, signed_post

WHATSAPP, SMS, STATUS = (f"/webhooks/twilio/{name}" for name in ("whatsapp", "sms", "status"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path)


@pytest.fixture
def app(settings: Settings, db: Engine) -> Flask:
    return create_app(settings, house(settings, db))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def message(**changes: str | None) -> dict[str, str]:
    """One text from a new number, with changes; None leaves a parameter out."""
    number = f"whatsapp:+9199999{uuid4().int % 100_000:05d}"
    params: dict[str, str | None] = {
        "MessageSid": "SM" + uuid4().hex,
        "From": number,
        "To": SENDER,
        "Body": "नमस्ते",
        "NumMedia": "0",
    }
    return {name: value for name, value in (params | changes).items() if value is not None}


def rows(app: Flask, **where: Any) -> list[Any]:
    """Message rows that match."""
    with reading(app.extensions["sangwari"].db) as conn:
        query = select(Message.__table__).filter_by(**where).order_by(Message.id)
        return list(conn.execute(query))


def test_a_message_is_on_disk_before_the_answer(app: Flask, client: FlaskClient, settings: Settings) -> None:
    """200, an empty TwiML answer, the message stored and a reply in the outbox."""
    params = message()
    answer = signed_post(client, settings, WHATSAPP, params)
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    assert answer.text.endswith("<Response/>")
    [stored] = rows(app, provider_id=params["MessageSid"])
    assert (stored.channel, stored.body["text"], stored.direction) == ("whatsapp", "नमस्ते", "in")
    assert rows(app, address=params["From"], direction="out", status="queued")


def test_a_repeat_changes_nothing(app: Flask, client: FlaskClient, settings: Settings) -> None:
    """Twilio may call twice: one message, one reply."""
    params = message()
    signed_post(client, settings, WHATSAPP, params)
    before = rows(app, address=params["From"])
    assert signed_post(client, settings, WHATSAPP, params).status_code == 200
    assert rows(app, address=params["From"]) == before


@pytest.mark.parametrize("path", [WHATSAPP, SMS, STATUS])
@pytest.mark.parametrize("signature", [None, "", "bm90IGl0", "नहीं".encode().decode("latin-1")])
def test_unsigned_calls_are_refused(
    app: Flask, client: FlaskClient, path: str, signature: str | None
) -> None:
    """403, and nothing is stored."""
    params = message()
    headers = {} if signature is None else {"X-Twilio-Signature": signature}
    assert client.post(path, data=params, headers=headers).status_code == 403
    assert rows(app, provider_id=params["MessageSid"]) == []


def test_a_signature_is_for_our_public_address(app: Flask, client: FlaskClient, settings: Settings) -> None:
    """The Host header proves nothing: neither helps a forger nor hinders the provider."""
    params = message()
    answer = signed_post(client, settings, WHATSAPP, params)
    assert answer.status_code == 200
    forged = Settings(public_url="http://evil.example", twilio_auth_token=settings.twilio_auth_token)
    params = message()
    signature_for_evil = signed_post(client, forged, WHATSAPP, params)
    assert signature_for_evil.status_code == 403


def test_query_parameters_are_signed_too(client: FlaskClient, settings: Settings) -> None:
    """The signed address is the whole one."""
    assert signed_post(client, settings, WHATSAPP + "?from=x", message()).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"Body": None},
        {"Body": ""},
        {"Body": "👍🏽🙏"},
        {"Body": "क" * 10_000},
        {"Body": "\x00\x01\x02\u202e\ufffe"},
        {"Body": "नमस्ते\x00 जी"},
        {"NumMedia": None, "To": None},
        {"NumMedia": "-1"},
        {
            "NumMedia": "1",
            "Body": "",
            "MediaUrl0": "https://api.twilio.com/x",
            "MediaContentType0": "text/vcard",
        },
        {
            "NumMedia": "1",
            "Body": "",
            "MediaUrl0": "https://api.twilio.com/x",
            "MediaContentType0": "video/mp4",
        },
        {"NumMedia": "1", "MediaUrl0": "https://api.twilio.com/x", "MessageType": "sticker"},
        {"NumMedia": "1", "MediaUrl0": "not a url"},
        {"Latitude": "19.6", "Longitude": "81.7", "Body": ""},
        {"Latitude": "north", "Longitude": "", "Body": ""},
        {"ButtonPayload": "listing:1:old", "ButtonText": "हाँ"},
        {"ListId": "x" * 5000, "ListTitle": "y" * 5000},
        {"From": "whatsapp:IN.a1B2c3D4e5F6g7H8", "ProfileName": "\x00" * 10},
        {"Parameter-Nobody-Knows": "\u2028", "InteractiveData": "{"},
        {"MessageSid": None},
    ],
)
def test_odd_messages_get_a_kind_answer(
    app: Flask, client: FlaskClient, settings: Settings, changes: dict[str, str | None]
) -> None:
    """Whatever people and phones send: stored, and answered."""
    params = message(**changes)
    assert signed_post(client, settings, WHATSAPP, params).status_code == 200
    assert rows(app, address=params["From"], direction="in")
    assert rows(app, address=params["From"], direction="out")


def test_ten_thousand_characters_are_kept(app: Flask, client: FlaskClient, settings: Settings) -> None:
    """Nothing of a long message is lost."""
    params = message(Body="दाम एक सौ पचास " * 700)
    signed_post(client, settings, WHATSAPP, params)
    [stored] = rows(app, provider_id=params["MessageSid"])
    assert stored.body["text"] == params["Body"].strip()


def test_nobody_to_answer(client: FlaskClient, settings: Settings) -> None:
    """A signed call without a sender is taken and left."""
    assert signed_post(client, settings, WHATSAPP, message(From=None)).status_code == 200


@pytest.mark.parametrize("size", [2 * 1024 * 1024, 16 * 1024 * 1024])
def test_huge_bodies(client: FlaskClient, settings: Settings, size: int) -> None:
    """Media come by address, so a huge call is no message: 413 in plain words."""
    answer = client.post(
        WHATSAPP, data=b"Body=" + b"x" * size, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 413 and "too large" in answer.text


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (b"Body=%FF%FE%ED%A0%80&From=%C3%28", "application/x-www-form-urlencoded"),
        (b"Body=\xff\xfe", "application/x-www-form-urlencoded; charset=utf-16"),
        (b'{"Body": "x"}', "application/json"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"--x", "multipart/form-data"),
        (b"&".join(b"p%d=1" % number for number in range(3000)), "application/x-www-form-urlencoded"),
        (b"\x00" * 100, ""),
        (b"", "text/plain"),
    ],
)
def test_broken_calls(client: FlaskClient, data: bytes, content_type: str) -> None:
    """Wrong encodings and shapes are refused, never a crash."""
    assert client.post(WHATSAPP, data=data, content_type=content_type).status_code in {400, 403, 413}


def test_wrong_encoding_that_is_signed(app: Flask, client: FlaskClient, settings: Settings) -> None:
    """Bytes that are no UTF-8 arrive as replacement characters; the message still counts."""
    params = message(Body="\ufffd150")
    assert signed_post(client, settings, WHATSAPP, params).status_code == 200
    assert rows(app, provider_id=params["MessageSid"])


@pytest.mark.parametrize("url", ["postgresql+psycopg://test@127.0.0.1:1/test"])
def test_the_database_is_down(settings: Settings, url: str) -> None:
    """503: the provider may try again."""
    app = create_app(settings, house(settings, connect(url)))
    answer = signed_post(app.test_client(), settings, WHATSAPP, message())
    assert answer.status_code == 503 and answer.headers["Retry-After"]


def test_an_empty_database(settings: Settings, tmp_path: Path) -> None:
    """A database without our tables is as good as down."""
    app = create_app(settings, house(settings, connect(f"sqlite:///{tmp_path}/empty.db")))
    assert signed_post(app.test_client(), settings, WHATSAPP, message()).status_code == 503


def test_sms_has_its_own_door(app: Flask, client: FlaskClient, settings: Settings) -> None:
    """The same form; the channel is sms and the answer goes there too."""
    params = message(From="+919999954321", To="+14155550100")
    assert signed_post(client, settings, SMS, params).status_code == 200
    assert {row.channel for row in rows(app, address="+919999954321")} == {"sms"}


@pytest.mark.parametrize("order", list(permutations(["sent", "delivered", "read"])))
def test_callbacks_only_go_up(
    app: Flask, client: FlaskClient, settings: Settings, order: tuple[str, ...]
) -> None:
    """They repeat and overtake each other: what is read stays read."""
    sid = "SM" + uuid4().hex
    with writing(app.extensions["sangwari"].db) as conn:
        message_id = outgoing(conn, seller(conn, HER + uuid4().hex[:8]), status="sent", provider_id=sid)
    for word in (*order, *order, "sending", "queued", "failed"):
        answer = signed_post(client, settings, STATUS, {"MessageSid": sid, "MessageStatus": word})
        assert answer.status_code == 200
    assert message_row(app.extensions["sangwari"].db, message_id).status == "read"


def test_a_failure_is_final_and_keeps_its_code(app: Flask, client: FlaskClient, settings: Settings) -> None:
    """Nothing brings back what was not delivered, and the reason stays."""
    sid = "SM" + uuid4().hex
    with writing(app.extensions["sangwari"].db) as conn:
        message_id = outgoing(conn, seller(conn, HER + uuid4().hex[:8]), status="sent", provider_id=sid)
    failure = {"MessageSid": sid, "MessageStatus": "undelivered", "ErrorCode": "63024"}
    for params in (failure, {"MessageSid": sid, "MessageStatus": "delivered"}):
        signed_post(client, settings, STATUS, params)
    row = message_row(app.extensions["sangwari"].db, message_id)
    assert (row.status, row.error) == ("undelivered", "63024")


def test_callbacks_of_nobody(app: Flask, client: FlaskClient, settings: Settings) -> None:
    """An unknown id, one of hers, and an empty call are ignored."""
    params = message()
    signed_post(client, settings, WHATSAPP, params)
    for sid in ("SM" + "f" * 32, params["MessageSid"], ""):
        told = {"MessageSid": sid, "MessageStatus": "failed"}
        assert signed_post(client, settings, STATUS, told).status_code == 200
    [stored] = rows(app, provider_id=params["MessageSid"])
    assert stored.status == "received"


def test_every_route_says_who_may_call_it(app: Flask, settings: Settings) -> None:
    """A view without a mark would be an open door; the simulator's rooms are looked at too."""
    assert unmarked(app) == []
    simulated = replace(settings, simulator=True)
    assert unmarked(create_app(simulated, house(simulated))) == []


def test_a_route_without_a_mark_is_found(settings: Settings) -> None:
    """The test above can fail."""
    app = create_app(settings, house(settings))
    app.add_url_rule("/open", "open", lambda: "everything")
    assert unmarked(app) == ["open"]

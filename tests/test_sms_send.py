"""Sending through a gateway: each entry's own call, and every way in which an answer can be a no."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot import jobs
from bot.channels import dlt, gateway_send
from bot.channels.base import SendError
from bot.channels.gateway_entry import Auth, Entry, load_entries
from bot.channels.sms_check import all_forms
from bot.channels.sms_gateways import SmsGateway, sms
from bot.engine.keypad import SKIP
from bot.messages import Button, Outbound
from bot.settings import ROOT, Settings
from bot.tasks.workshop import Workshop
from bot.worker import Worker
from models.database import writing
from tests.conftest import Clock
from tests.fake_gateway import FakeGateway, Says
from tests.fake_twilio import SID, TOKEN, FakeTwilio
from tests.open_rooms import message_row, outgoing, seller, settings_for, workshop

HER = "+919999912345"
ENTRIES = load_entries()
GIVEN = Settings(
    public_url="https://sangwari.example",
    sms_account="bihan 1",
    sms_user="user",
    sms_token="token",
    sms_sender="BIHANX",
    sms_entity="1101",
    sms_webhook_key="k&1",
    sms_addresses="127.0.0.1",
)
STOCK = Outbound(
    "sms", HER, "utter_ask_stock", "Kitne?", "hi-Latn", buttons=(Button("pata nahi", SKIP),), image_url="x"
)
TAKEN = {
    "exotel": '{"SMSMessage": {"Sid": "o-1", "Status": "queued"}}',
    "generic": '{"id": "o-1", "status": "accepted"}',
    "generic_query": "OK: o-1",
}


@pytest.fixture
def fake() -> Iterator[FakeGateway]:
    with FakeGateway() as server:
        yield server


def channel(name: str, fake: FakeGateway, entry: Entry | None = None) -> SmsGateway:
    settings = replace(GIVEN, sms_gateway=name, sms_url=fake.url)
    return SmsGateway(name, entry or ENTRIES[name], settings)


def test_exotel_s_call(fake: FakeGateway) -> None:
    """A form with the DLT fields, plain or Unicode, and where to report to; no template without an id."""
    fake.always = Says(body=TAKEN["exotel"])
    exotel = channel("exotel", fake)
    assert exotel.send(STOCK) == "o-1"
    [came] = fake.calls
    assert came.method == "POST" and came.query == {}
    assert came.form == {
        "From": "BIHANX",
        "To": HER,
        "Body": "Kitne?\n0 pata nahi",
        "EncodingType": "plain",
        "DltEntityId": "1101",
        "StatusCallback": "https://sangwari.example/webhooks/sms/exotel/report?key=k%261",
    }
    assert came.headers["Authorization"] == "Basic " + base64.b64encode(b"user:token").decode()
    exotel.send(replace(STOCK, text="कितने?", language="hi", buttons=()))
    assert (fake.calls[1].form["EncodingType"], fake.calls[1].form["Body"]) == ("unicode", "कितने?")


def test_the_account_stands_in_the_address(fake: FakeGateway) -> None:
    """An address with {account} is filled, safely."""
    fake.always = Says(body=TAKEN["exotel"])
    settings = replace(GIVEN, sms_url=fake.url + "/{account}/x")
    SmsGateway("exotel", ENTRIES["exotel"], settings).send(STOCK)
    assert fake.calls[0].path == "/send/bihan%201/x"


def test_a_json_gateway_s_call(fake: FakeGateway) -> None:
    """Nested fields, digits without a plus, a bearer token."""
    channel("generic", fake).send(STOCK)
    [came] = fake.calls
    assert json.loads(came.body) == {
        "to": "919999912345",
        "from": "BIHANX",
        "text": "Kitne?\n0 pata nahi",
        "type": "text",
        "dlt": {"entity_id": "1101"},
        "report_url": "https://sangwari.example/webhooks/sms/generic/report?key=k%261",
    }
    assert came.headers["Authorization"] == "Bearer token"


def test_an_older_gateway_s_call(fake: FakeGateway) -> None:
    """Everything in the query, the national number, no secret of the webhook where addresses prove."""
    fake.always = Says(body=TAKEN["generic_query"])
    channel("generic_query", fake).send(STOCK)
    [came] = fake.calls
    assert (came.method, came.body) == ("GET", b"")
    assert came.query == {
        "user": "user",
        "password": "token",
        "sid": "BIHANX",
        "mobile": "9999912345",
        "msg": "Kitne?\n0 pata nahi",
        "dc": "0",
        "entityid": "1101",
        "dlr": "https://sangwari.example/webhooks/sms/generic_query/report",
    }


@pytest.mark.parametrize(
    ("auth", "where", "expected"),
    [
        (Auth(kind="header", name="api-key", secret="SMS_TOKEN"), "headers", ("api-key", "token")),
        (Auth(kind="query", name="authkey", secret="SMS_TOKEN"), "query", ("authkey", "token")),
    ],
)
def test_other_ways_to_prove_who_we_are(
    auth: Auth, where: str, expected: tuple[str, str], fake: FakeGateway
) -> None:
    """The secret in a header, or beside the address of a call with a body."""
    entry = ENTRIES["generic"]
    entry = entry.model_copy(update={"send": entry.send.model_copy(update={"auth": auth})})
    channel("generic", fake, entry).send(STOCK)
    assert expected in getattr(fake.calls[0], where).items()
    assert "Authorization" not in fake.calls[0].headers


def test_a_registered_text_carries_its_id(fake: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a text that is not registered carries none: a wrong id would lose it."""
    form = next(
        f for f in all_forms(ROOT, GIVEN) if (f.response, f.language) == ("utter_ask_stock", "hi-Latn")
    )
    [(name, _)] = dlt.names(form)
    monkeypatch.setattr(dlt, "read", lambda _file: ([], {name: "1107160000000000001"}))
    fake.always = Says(body=TAKEN["exotel"])
    exotel = channel("exotel", fake)
    exotel.send(replace(STOCK, text="".join(form.variation.parts)))
    exotel.send(STOCK)
    assert [came.form.get("DltTemplateId") for came in fake.calls] == ["1107160000000000001", None]


REFUSALS = [
    ("exotel", Says(400, '{"RestException": {"Status": 400}}'), "400", False, False),
    ("exotel", Says(429, '{"RestException": {"Status": 429}}'), "429", True, False),
    ("exotel", Says(401, "{}"), "http-401", True, False),
    ("exotel", Says(200, '{"SMSMessage": {"Sid": "x", "Status": "failed"}}'), "failed", False, False),
    ("exotel", Says(200, '{"SMSMessage": {"Status": "queued"}}'), "no-id", True, True),
    ("exotel", Says(503, "<html>busy</html>"), "http-503", True, True),
    ("exotel", Says(500, '{"RestException": {"Status": 500}}'), "500", True, True),
    ("exotel", Says(302, "", location="http://127.0.0.1:1/"), "http-302", False, False),
    ("generic", Says(200, '{"status": "rejected", "code": "bad_template"}'), "bad_template", False, False),
    ("generic", Says(200, '{"status": "rejected", "code": "throttled"}'), "throttled", True, False),
    ("generic", Says(200, "{}"), "refused", False, False),
    ("generic", Says(200, "garbage \x00"), "not-json", True, True),
    ("generic", Says(200, "[1]"), "not-json", True, True),
    ("generic", Says(200, ""), "not-json", True, True),
    ("generic", Says(404, "[]"), "http-404", False, False),
    ("generic", Says(drop=True), "connection", True, True),
    ("generic_query", Says(200, "ERR: 13 bad number"), "13", False, False),
    ("generic_query", Says(200, "ERROR 20"), "20", True, False),
    ("generic_query", Says(200, "<html>login</html>"), "not-understood", True, True),
    ("generic_query", Says(502, "OK: o-1"), "http-502", True, True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "says", "code", "retryable", "unknown"),
    REFUSALS,
    ids=[f"{n}-{s.status}-{c}" for n, s, c, _, _ in REFUSALS],
)
def test_every_no_is_a_send_error(
    name: str, says: Says, code: str, retryable: bool, unknown: bool, fake: FakeGateway
) -> None:
    """The gateway's code, whether the same call may work later, and whether it may have worked already."""
    fake.always = says
    with pytest.raises(SendError) as caught:
        channel(name, fake).send(STOCK)
    error = caught.value
    assert (error.code, error.retryable, error.unknown) == (code, retryable, unknown)
    assert "9999912345" not in f"{error}{error.reason}" and len(fake.calls) == 1


def test_no_answer_in_time(fake: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway that takes too long is not waited for."""
    monkeypatch.setattr(gateway_send, "TIMEOUT_S", (0.2, 0.2))
    fake.always = Says(body=TAKEN["generic"], delay_s=0.6)
    with pytest.raises(SendError, match="timeout") as caught:
        channel("generic", fake).send(STOCK)
    assert caught.value.retryable and caught.value.unknown


@pytest.fixture
def shop(tmp_path: Path, db: Engine, fake: FakeGateway, clock: Clock) -> Workshop:
    changes = {name: getattr(GIVEN, name) for name in ("sms_token", "sms_sender", "sms_webhook_key")}
    settings = settings_for(tmp_path, sms_gateway="generic", sms_url=fake.url, **changes)
    return replace(workshop(settings, db), clock=clock)


def queued(shop: Workshop) -> int:
    with writing(shop.db) as conn:
        seller_id = seller(conn, HER)
        message_id = outgoing(conn, seller_id, "Kitne?", channel="sms", address=HER)
        jobs.put(
            conn, "send_message", {"message_id": message_id}, now=shop.clock(), key=f"seller:{seller_id}"
        )
    return message_id


def test_the_outbox_goes_through_the_gateway(shop: Workshop, fake: FakeGateway, clock: Clock) -> None:
    """Throttled and lost answers cost time and no message; the gateway's id is kept."""
    message_id = queued(shop)
    throttled = Says(200, '{"status": "rejected", "code": "throttled"}')
    fake.answers.extend([throttled, Says(drop=True)])
    for _ in range(3):
        Worker(shop, "test").drain()
        clock.advance(30)
    row = message_row(shop.db, message_id)
    assert (row.status, row.provider_id, row.error, len(fake.calls)) == ("sent", "o-1", None, 3)


def test_a_refusal_is_final(shop: Workshop, fake: FakeGateway, clock: Clock) -> None:
    """The code is kept with the message and nothing is tried again."""
    message_id = queued(shop)
    fake.always = Says(200, '{"status": "rejected", "code": "dnd"}')
    Worker(shop, "test").drain()
    clock.advance(600)
    Worker(shop, "test").drain()
    row = message_row(shop.db, message_id)
    assert (row.status, row.error, len(fake.calls)) == ("failed", "dnd", 1)


def test_an_id_that_another_message_has(shop: Workshop, fake: FakeGateway, clock: Clock) -> None:
    """A gateway that gives every message the same id: each is sent, and none of them twice."""
    first = queued(shop)
    with writing(shop.db) as conn:
        seller_id = message_row(shop.db, first).seller_id
        second = outgoing(conn, seller_id, "Daam?", channel="sms", address=HER)
        jobs.put(conn, "send_message", {"message_id": second}, now=shop.clock(), key=f"seller:{seller_id}")
    for _ in range(4):
        Worker(shop, "test").drain()
        clock.advance(60)
    rows = [message_row(shop.db, each) for each in (first, second)]
    assert [(row.status, row.provider_id, row.error) for row in rows] == [
        ("sent", "o-1", None),
        ("sent", None, "id-repeated"),
    ]
    assert len(fake.calls) == 2


def test_twilio_s_sms_is_text_only() -> None:
    """Numbered choices within the budget; no picture goes to a phone that shows none."""
    with FakeTwilio() as twilio:
        settings = replace(
            GIVEN, twilio_account_sid=SID, twilio_auth_token=TOKEN, twilio_sms_from="+14155550100"
        )
        sms(replace(settings, twilio_base_url=twilio.url)).send(STOCK)
        [form] = twilio.forms
    assert (form["Body"], form["From"]) == ("Kitne?\n0 pata nahi", "+14155550100")
    assert "MediaUrl" not in form

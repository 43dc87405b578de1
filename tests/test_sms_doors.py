"""The doors of SMS gateways: proved, read whole, each message once, long ones put together, never a 500."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from bot.settings import Settings
from bot.tasks import join_sms
from bot.tasks.workshop import Workshop
from bot.web import create_app
from bot.web.house import House
from bot.worker import Worker
from models import JobRow, Message, SmsPart
from models.database import reading, writing
from tests.conftest import Clock
from tests.fake_gateway import FakeGateway, Says
from tests.open_rooms import (
    house,
    loaded_talk,
    message_row,
    outgoing,
    seller,
    settings_for,
    signed_post,
    workshop,
)

HER = "+919999912345"
DOOR, REPORT = "/webhooks/sms/generic?key=k-1", "/webhooks/sms/generic/report?key=k-1"
GIVEN = {
    "sms_gateway": "generic",
    "sms_token": "token",
    "sms_sender": "BIHANX",
    "sms_webhook_key": "k-1",
    "sms_user": "user",
    "sms_addresses": "203.0.113.0/24",
}


@pytest.fixture
def fake() -> Iterator[FakeGateway]:
    with FakeGateway() as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path, fake: FakeGateway) -> Settings:
    return settings_for(tmp_path, sms_url=fake.url, **GIVEN)


@pytest.fixture
def opened(settings: Settings, db: Engine, clock: Clock) -> House:
    return replace(house(settings, db), clock=clock)


@pytest.fixture
def client(settings: Settings, opened: House) -> FlaskClient:
    return create_app(settings, opened).test_client()


@pytest.fixture
def shop(settings: Settings, opened: House, clock: Clock) -> Workshop:
    return replace(workshop(settings, opened.db, loaded_talk()), clock=clock)


def sms(text: str = "namaste", sender: str = HER, **more: Any) -> dict[str, Any]:
    return {"id": uuid4().hex, "from": sender, "text": text, "time": "1", **more}


def say(client: FlaskClient, *messages: dict[str, Any]) -> int:
    return client.post(DOOR, data=json.dumps({"messages": messages})).status_code


def heard(db: Engine, **where: Any) -> list[Any]:
    """Inbound rows, oldest first."""
    with reading(db) as conn:
        query = select(Message.__table__).filter_by(direction="in", **where)
        return list(conn.execute(query.order_by(Message.id)))


def answers(db: Engine) -> int:
    with reading(db) as conn:
        return len(conn.execute(select(Message.id).filter_by(direction="out")).all())


def test_a_message_is_on_disk_before_the_answer(client: FlaskClient, opened: House) -> None:
    """200 without a word, the message stored, an answer in the outbox for the same number."""
    answer = client.post(DOOR, data=json.dumps({"messages": [sms("namaste", id="a-1")]}))
    assert (answer.status_code, answer.data) == (200, b"")
    [row] = heard(opened.db)
    assert (row.channel, row.address, row.provider_id) == ("sms", HER, "generic:a-1")
    assert row.body["text"] == "namaste" and answers(opened.db) == 2


def test_a_repeat_changes_nothing(client: FlaskClient, opened: House) -> None:
    """The same id twice, in one call or in two: one message, one answer."""
    first = sms()
    say(client, first, first)
    before = answers(opened.db)
    say(client, first)
    assert len(heard(opened.db)) == 1 and answers(opened.db) == before


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/webhooks/sms/generic", {}),
        ("/webhooks/sms/generic?key=", {}),
        ("/webhooks/sms/generic?key=k-2", {}),
        ("/webhooks/sms/generic", {"X-Webhook-Key": "k"}),
        ("/webhooks/sms/generic/report?key=k-2", {}),
    ],
)
def test_a_spoofed_call_is_refused(
    path: str, headers: dict[str, str], client: FlaskClient, opened: House
) -> None:
    """403, and nothing is stored."""
    answer = client.post(path, data=json.dumps({"messages": [sms()]}), headers=headers)
    assert answer.status_code == 403 and heard(opened.db) == []


def test_the_secret_may_come_in_a_header(client: FlaskClient, opened: House) -> None:
    """For gateways that can send headers: no log on the way keeps it."""
    body = json.dumps({"messages": [sms()]})
    answer = client.post("/webhooks/sms/generic", data=body, headers={"X-Webhook-Key": "k-1"})
    assert answer.status_code == 200 and len(heard(opened.db)) == 1


def test_only_the_gateway_at_work_has_a_door(client: FlaskClient, settings: Settings, opened: House) -> None:
    """Another entry's name is no address, and Twilio's door for SMS is closed meanwhile."""
    assert client.post("/webhooks/sms/exotel?key=k-1", data={"From": HER}).status_code == 404
    assert client.post("/webhooks/sms/nonsense?key=k-1").status_code == 404
    params = {"MessageSid": "SM1", "From": HER, "Body": "1"}
    assert signed_post(client, settings, "/webhooks/twilio/sms", params).status_code == 403
    assert heard(opened.db) == []


@pytest.mark.parametrize(
    ("near", "told", "status"),
    [
        ("203.0.113.9", "", 200),
        ("198.51.100.1", "", 403),
        ("127.0.0.1", "203.0.113.9", 200),
        ("127.0.0.1", "203.0.113.9, 198.51.100.1", 403),
        ("127.0.0.1", "198.51.100.1, 203.0.113.9", 200),
        ("198.51.100.1", "203.0.113.9", 403),
        ("127.0.0.1", "", 403),
    ],
)
def test_a_list_of_addresses_guards_too(
    near: str, told: str, status: int, settings: Settings, db: Engine
) -> None:
    """Where the gateway calls from; a proxy of ours on this machine may say it, nobody else."""
    chosen = replace(settings, sms_gateway="generic_query")
    client = create_app(chosen, house(chosen, db)).test_client()
    answer = client.get(
        "/webhooks/sms/generic_query?msisdn=9999912345&content=1&ts=1",
        headers={"X-Forwarded-For": told} if told else {},
        environ_base={"REMOTE_ADDR": near},
    )
    assert answer.status_code == status and len(heard(db)) == (status == 200)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", b"the body is not JSON"),
        (b"\xff\xfe\x00", b"the body is not JSON"),
        (b"[" * 100_000, b"the body is not JSON"),
        (b'{"messages": 5}', b"a message must be an object"),
        (b'{"messages": [{"id": "1"}]}', b"no sender: the field from is missing"),
    ],
)
def test_a_call_that_is_wrong_is_told_why(
    body: bytes, reason: bytes, client: FlaskClient, opened: House
) -> None:
    """400 with the reason in plain words, for whoever sets the gateway up; nothing is stored."""
    answer = client.post(DOOR, data=body)
    assert (answer.status_code, answer.data.strip()) == (400, reason)
    assert client.post(REPORT, data=b"").status_code == 400
    assert heard(opened.db) == []


@pytest.mark.parametrize("sender", ["AD-BIHANX", "56161", "+14155550100", "+9112", "9" * 40])
def test_who_is_no_person_here_is_left_alone(sender: str, client: FlaskClient, opened: House) -> None:
    """Headers, short codes, numbers of other countries: taken, so that nobody repeats, and not answered."""
    assert say(client, sms(sender=sender)) == 200
    assert heard(opened.db) == [] and answers(opened.db) == 0


@pytest.mark.parametrize(
    "text", ["", "   ", "\x00", "क" * 5000, "दाम एक सौ पचास " * 330, "👍🏽", "\u202e\ud83d"]
)
def test_odd_texts_are_kept_and_answered(text: str, client: FlaskClient, opened: House) -> None:
    """Whatever a phone sends."""
    assert say(client, sms(text)) == 200
    [row] = heard(opened.db)
    assert answers(opened.db) > 0
    if len(text) >= 4000:
        assert row.body["text"] == text.strip()


def test_several_of_one_call_take_their_turns(client: FlaskClient, opened: House) -> None:
    """Every message of a list, in order, also of different people; one that is nobody's hinders none."""
    other = "+919999954321"
    assert say(client, sms("namaste"), sms("3"), sms(sender="VK-OFFER"), sms("johar", sender=other)) == 200
    assert [row.body["text"] for row in heard(opened.db, address=HER)] == ["namaste", "3"]
    assert len(heard(opened.db, address=other)) == 1


def long_sms(*texts: str, ref: str = "17") -> list[dict[str, Any]]:
    return [
        sms(text, ref=ref, part=number, total=len(texts), id=f"{ref}-{number}")
        for number, text in enumerate(texts, 1)
    ]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_long_message_is_put_together(
    order: tuple[int, ...], client: FlaskClient, shop: Workshop, clock: Clock
) -> None:
    """In any order, some parts twice, with work going on between them: one message, one turn."""
    parts = long_sms("bans ki tokri, dedh ", "sau rupaye, ", "12 nag")
    for place in order:
        assert say(client, parts[place], parts[place]) == 200
        clock.advance(2)
        Worker(shop, "test").drain()
    [row] = heard(shop.db)
    assert row.body["text"] == "bans ki tokri, dedh sau rupaye, 12 nag"
    for part in parts:
        say(client, part)
    clock.advance(300)
    Worker(shop, "test").drain()
    assert len(heard(shop.db)) == 1


def test_a_part_that_never_comes(client: FlaskClient, shop: Workshop, clock: Clock) -> None:
    """The rest is waited for, a minute after its last part it goes on; the late part is a message too."""
    first, second, third = long_sms("bans ki ", "tokri, ", "250 rupaye")
    say(client, third)
    clock.advance(50)
    say(client, first)
    clock.advance(50)
    Worker(shop, "test").drain()
    assert heard(shop.db) == []
    clock.advance(15)
    Worker(shop, "test").drain()
    assert [row.body["text"] for row in heard(shop.db)] == ["bans ki … 250 rupaye"]
    say(client, second)
    clock.advance(61)
    Worker(shop, "test").drain()
    assert [row.body["text"] for row in heard(shop.db)][1:] == ["… tokri, …"]


def test_a_worker_that_dies_while_joining(
    client: FlaskClient, shop: Workshop, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message went through the door and the parts were not marked: the next worker changes nothing."""
    say(client, *long_sms("haan ", "ji"))
    with monkeypatch.context() as patch:
        patch.setattr(join_sms, "_forget_words", lambda *_: (_ for _ in ()).throw(RuntimeError))
        Worker(shop, "dies").drain()
    assert len(heard(shop.db)) == 1
    clock.advance(30)
    Worker(shop, "next").drain()
    assert len(heard(shop.db)) == 1
    with reading(shop.db) as conn:
        assert set(conn.scalars(select(SmsPart.text))) == {""}


def test_joined_parts_are_forgotten(client: FlaskClient, shop: Workshop, clock: Clock) -> None:
    """Their words at once, the parts themselves after a day; no job is left."""
    say(client, *long_sms("haan ", "ji"))
    Worker(shop, "test").drain()
    clock.advance(60 * 60 * 24 + 1)
    say(client, *long_sms("aur ", "kya", ref="18"))
    Worker(shop, "test").drain()
    clock.advance(61)
    Worker(shop, "test").drain()
    with reading(shop.db) as conn:
        assert set(conn.scalars(select(SmsPart.ref))) == {"18"}
        assert conn.scalars(select(JobRow.id).filter_by(kind="join_sms")).all() == []


def test_the_keyword_stands_before_a_long_message_too(
    settings: Settings, shop: Workshop, client: FlaskClient
) -> None:
    """A shared number's word is taken off the whole, not off each part."""
    shop = replace(shop, settings=replace(settings, sms_keyword="BIHAN"))
    say(client, *long_sms("bihan bans ki ", "bihan tokri"))
    Worker(shop, "test").drain()
    assert [row.body["text"] for row in heard(shop.db)] == ["bans ki bihan tokri"]


def sent(shop: Workshop, provider_id: str) -> int:
    """A message of ours that the gateway took."""
    with writing(shop.db) as conn:
        return outgoing(
            conn,
            seller(conn, HER),
            channel="sms",
            address=HER,
            status="sent",
            provider_id=provider_id,
            created_at=shop.clock(),
        )


def tell(client: FlaskClient, *reports: dict[str, str]) -> int:
    return client.post(REPORT, data=json.dumps({"reports": reports})).status_code


def test_reports_move_a_message_up(client: FlaskClient, shop: Workshop) -> None:
    """Every report of a call, in any order; what was delivered stays so, and strange ones are no error."""
    message_id = sent(shop, "o-9")
    delivered = {"id": "o-9", "status": "delivered"}
    assert tell(client, {"id": "nobody", "status": "sent"}, delivered, {"id": "o-9", "status": "sent"}) == 200
    assert message_row(shop.db, message_id).status == "delivered"
    assert tell(client, {"id": "o-9", "status": "failed", "code": "congestion"}) == 200
    assert message_row(shop.db, message_id).status == "delivered"


def test_a_failure_keeps_its_code(client: FlaskClient, shop: Workshop) -> None:
    """For whoever looks why she heard nothing."""
    message_id = sent(shop, "o-9")
    tell(client, {"id": "o-9", "status": "failed", "code": "dnd"})
    row = message_row(shop.db, message_id)
    assert (row.status, row.error) == ("failed", "dnd")


def test_a_failure_that_passes_is_sent_once_more(
    client: FlaskClient, shop: Workshop, fake: FakeGateway
) -> None:
    """The message goes again, once; the report may repeat, and a second failure is the end."""
    message_id = sent(shop, "o-9")
    report = {"id": "o-9", "status": "failed", "code": "congestion"}
    tell(client, report, report)
    fake.always = Says(body='{"id": "o-10", "status": "accepted"}')
    Worker(shop, "test").drain()
    row = message_row(shop.db, message_id)
    assert (row.status, row.provider_id, len(fake.calls)) == ("sent", "o-10", 1)
    tell(client, report, {"id": "o-10", "status": "failed", "code": "congestion"})
    Worker(shop, "test").drain()
    row = message_row(shop.db, message_id)
    assert (row.status, row.error, len(fake.calls)) == ("failed", "congestion", 1)


def test_an_old_question_is_not_sent_again(client: FlaskClient, shop: Workshop, clock: Clock) -> None:
    """After an hour the talk has gone on."""
    message_id = sent(shop, "o-9")
    clock.advance(3700)
    tell(client, {"id": "o-9", "status": "failed", "code": "congestion"})
    assert message_row(shop.db, message_id).status == "failed"


def test_a_whole_listing_through_the_gateway(client: FlaskClient, shop: Workshop, fake: FakeGateway) -> None:
    """From the first word to the hand-over: what she reads leaves by it, what she types comes from it."""
    fake.answers.extend(Says(body=f'{{"id": "o-{n}", "status": "accepted"}}') for n in range(100, 140))
    lines = ["BECHNA", "3", "1", "0", "urad papad", "120", "1", "2", "25", "250 gram"]
    for line in [*lines, "Sita Bai, Sirpur, Mahasamund", "1"]:
        assert say(client, sms(line)) == 200
        Worker(shop, "test").drain()
    texts = [json.loads(came.body)["text"] for came in fake.calls]
    assert any(text.startswith("Yeh daam kitne ka hai? Number likhiye.\n1 nag\n2 packet") for text in texts)
    assert any("Bhej diya." in text and "number 1001" in text for text in texts)
    assert all(len(text) <= 306 and text.isascii() for text in texts)

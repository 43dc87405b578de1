"""The API lends listings in order, takes them off when told, and lets nobody in without the token."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from sqlalchemy import Engine, insert, select

from bot.engine.turn import new_state
from bot.handoff.hand_over import hand_over, latest_messages
from bot.handoff.lease import lend
from bot.handoff.schema import problems
from bot.media.links import sha256_of
from bot.media.store import MediaStore
from bot.messages import Json
from bot.settings import Settings
from bot.web.access import unmarked
from bot.web.api import api
from bot.web.house import EXTENSION, House
from models import Address, Conversation, JobRow, ListingEvent
from models.database import reading, writing
from tests.conftest import Clock
from tests.listing_inputs import BASKET, SHA, given, next_version, seller

TOKEN = "t" * 32
HER = "whatsapp:+919999912345"
Ask = Callable[..., tuple[int, Any]]


@pytest.fixture
def app(db: Engine, clock: Clock, tmp_path: Path) -> Flask:
    """The API's room in a house without a talk: it never speaks."""
    return room(db, clock, tmp_path)


def room(db: Engine, clock: Clock, tmp_path: Path, api_token: str = TOKEN) -> Flask:
    web = Flask("test", static_folder=None)
    settings = Settings(api_token=api_token, secret_key="s" * 32, public_url="https://sangwari.example")
    store = MediaStore(f"file://{tmp_path}/media")
    web.extensions[EXTENSION] = House(db, cast(Any, None), settings, {}, clock, store)
    web.register_blueprint(api)
    return web


@pytest.fixture
def ask(app: Flask) -> Ask:
    """Call the API with the token; the status and the JSON that came back."""
    client: FlaskClient = app.test_client()

    def call(path: str, body: Any = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        url = f"/api/v1/{path}"
        answer = (
            client.get(url, headers=headers) if body is None else client.post(url, json=body, headers=headers)
        )
        return answer.status_code, answer.get_json()

    return call


def listed(db: Engine, versions: int = 1, publish: bool = False) -> list[Json]:
    """One listing with so many versions; their messages."""
    with writing(db) as conn:
        seller_id = seller(conn)
        version = given(number=1000 + seller_id)
        messages = [hand_over(conn, seller_id, version, publish=publish)]
        while len(messages) < versions:
            version = next_version(version, messages[-1], slots={**BASKET, "stock": len(messages)})
            messages.append(hand_over(conn, seller_id, version, publish=publish))
    return messages


def ids(messages: list[Json]) -> list[str]:
    return [message["event_id"] for message in messages]


def test_listings_come_oldest_first_and_keep_the_contract(db: Engine, ask: Ask) -> None:
    """The order is that of the hand-overs, over all listings."""
    expected = [*ids(listed(db)), *ids(listed(db, versions=2)), *ids(listed(db))]
    status, answer = ask("listings")
    assert status == 200
    assert ids(answer["listings"]) == expected
    assert [problems(message) for message in answer["listings"]] == [[], [], [], []]


def test_takers_at_the_same_time_share_the_listings(db: Engine, clock: Clock) -> None:
    """Four at once: every listing goes to one of them only, and no version before its earlier one is held."""
    messages = [message for _ in range(6) for message in listed(db, versions=2)]

    def take(_: int) -> list[Json]:
        with writing(db) as conn:
            return lend(conn, clock.now, 3, 60)[0]

    with ThreadPoolExecutor(4) as pool:
        shares = list(pool.map(take, range(4)))
    taken = [message for share in shares for message in share]
    assert len(ids(taken)) == len(set(ids(taken))) <= len(messages)
    for share in shares:
        for message in share:
            if message["version"] == 2:
                assert (message["listing_id"], 1) in [(each["listing_id"], each["version"]) for each in share]


def test_looking_lends_nothing(db: Engine, ask: Ask) -> None:
    """Without a lease the same listings come again, and there is no token to acknowledge them with."""
    listed(db)
    assert ask("listings")[1]["lease"] is None
    assert len(ask("listings?lease=0")[1]["listings"]) == 1
    assert len(ask("listings?lease=60")[1]["listings"]) == 1


def test_what_is_lent_is_nobody_elses_until_the_lease_runs_out(db: Engine, ask: Ask, clock: Clock) -> None:
    """A second taker gets nothing for sixty seconds, and then all that was not acknowledged."""
    messages = listed(db)
    assert ids(ask("listings?lease=60")[1]["listings"]) == ids(messages)
    assert ask("listings?lease=60")[1]["listings"] == []
    clock.advance(59)
    assert ask("listings")[1]["listings"] == []
    clock.advance(1)
    assert ids(ask("listings?lease=60")[1]["listings"]) == ids(messages)


def test_a_later_version_waits_for_the_earlier_one(db: Engine, ask: Ask, clock: Clock) -> None:
    """While one taker holds version 1, another gets other listings, but no version 2 of this one."""
    first, second = listed(db, versions=2)
    (other,) = listed(db)
    held = ask("listings?limit=1&lease=60")[1]
    assert ids(held["listings"]) == ids([first])
    assert ids(ask("listings?lease=30")[1]["listings"]) == ids([other])
    assert ask("listings/ack", {"lease": held["lease"], "event_ids": ids([first])})[0] == 200
    assert ids(ask("listings?lease=30")[1]["listings"]) == ids([second])


def test_acknowledged_is_for_good_and_may_be_said_twice(db: Engine, ask: Ask, clock: Clock) -> None:
    """An answer that got lost on the way is asked for again, with the same result."""
    messages = listed(db, versions=2)
    lease = ask("listings?lease=60")[1]["lease"]
    for _ in range(2):
        body = {"lease": lease, "event_ids": ids(messages)}
        assert ask("listings/ack", body) == (200, {"acked": ids(messages)})
    clock.advance(3600)
    assert ask("listings")[1]["listings"] == []


def test_a_late_acknowledgement_counts_while_nobody_else_has_it(db: Engine, ask: Ask, clock: Clock) -> None:
    """Slow is not wrong: only a second taker makes the first one's lease worthless."""
    messages = listed(db)
    slow = ask("listings?lease=10")[1]["lease"]
    clock.advance(11)
    assert ask("listings/ack", {"lease": slow, "event_ids": ids(messages)})[0] == 200


def test_a_wrong_lease_takes_nothing_off(db: Engine, ask: Ask, clock: Clock) -> None:
    """All or none: one event of somebody else's, and every one stays; each has its reason."""
    mine, later = listed(db)[0], listed(db)[0]
    old = ask("listings?limit=1&lease=10")[1]["lease"]
    clock.advance(11)
    new = ask("listings?limit=1&lease=60")[1]["lease"]
    body = {"lease": old, "event_ids": [mine["event_id"], later["event_id"], "no-such"]}
    status, answer = ask("listings/ack", body)
    assert status == 409
    assert [event["reason"] for event in answer["events"]] == ["leased_again", "not_leased", "unknown"]
    status, _ = ask("listings/ack", {"lease": new, "event_ids": ids([mine, later])})
    assert status == 409
    with reading(db) as conn:
        assert set(conn.scalars(select(ListingEvent.acked_at))) == {None}


def test_photo_addresses_are_fresh(db: Engine, ask: Ask, app: Flask) -> None:
    """An address that was signed at the hand-over may have run out by now."""
    listed(db)
    (message,) = ask("listings")[1]["listings"]
    base, _, token = message["photos"][0]["url"].rpartition("/")
    assert base == "https://sangwari.example/media"
    assert sha256_of(app.extensions[EXTENSION].settings, token) == SHA


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=1001", "limit=-1", "limit=ten", "lease=-1", "lease=86401", "lease=1.5", "lease=²"],
)
def test_bounds_are_told(ask: Ask, query: str) -> None:
    """A number out of its bounds is named, not silently made smaller."""
    status, answer = ask(f"listings?{query}")
    assert (status, answer["error"]) == (400, "bad_request")
    assert answer["reason"].startswith(query.split("=")[0])


@pytest.mark.parametrize(
    "body",
    [
        [],
        "text",
        {},
        {"lease": 5, "event_ids": []},
        {"lease": "", "event_ids": []},
        {"lease": "a", "event_ids": "b"},
        {"lease": "a", "event_ids": [1]},
        {"lease": "a", "event_ids": ["\x00"]},
        {"lease": "\ud800", "event_ids": []},
        {"lease": "a", "event_ids": ["b"] * 1001},
    ],
)
def test_a_body_that_cannot_be_used_is_refused(ask: Ask, body: Any) -> None:
    """Wrong types, control characters and endless lists are the caller's fault, never a 500."""
    assert ask("listings/ack", body)[0] == 400


def test_nothing_to_acknowledge_is_fine(ask: Ask) -> None:
    """An empty list changes nothing."""
    assert ask("listings/ack", {"lease": "a", "event_ids": []}) == (200, {"acked": []})


@pytest.mark.parametrize("path", ["listings", "people?address=x", "listings/ack"])
@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wrong", f"Basic {TOKEN}", "Bearer ट"])
def test_nobody_comes_in_without_the_token(app: Flask, path: str, header: str | None) -> None:
    """Every door but the description of the doors."""
    headers = {"Authorization": header.encode().decode("latin-1")} if header else {}
    client = app.test_client()
    method = client.post if path.endswith("ack") else client.get
    answer = method(f"/api/v1/{path}", headers=headers)
    assert answer.status_code == 401
    assert answer.get_json()["error"] == "unauthorized"


def test_without_a_token_in_the_settings_nobody_comes_in(db: Engine, clock: Clock, tmp_path: Path) -> None:
    """An unset token must not match an empty one."""
    client = room(db, clock, tmp_path, api_token="").test_client()
    for header in ("Bearer ", "Bearer", ""):
        assert client.get("/api/v1/listings", headers={"Authorization": header}).status_code == 401


def test_every_route_says_who_may_call_it(app: Flask) -> None:
    """A route without a mark would be open by accident."""
    assert unmarked(app) == []


def test_the_description_is_valid_and_describes_every_route(app: Flask) -> None:
    """OpenAPI 3.1, open to read, neither more nor fewer routes than there are."""
    answer = app.test_client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    document = answer.get_json()
    OpenAPIV31SpecValidator(document).validate()
    described = {f"/api/v1{path}" for path in document["paths"]}
    served = {re.sub(r"<[^>]*:(\w+)>", r"{\1}", rule.rule) for rule in app.url_map.iter_rules()}
    assert described == served - {"/api/v1/openapi.json"}


def person(db: Engine) -> int:
    """A seller in the middle of a listing."""
    now = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
    stack = [
        {"flow": "list_product", "step": "ask_price", "kind": "regular", "print": "x"},
        {"flow": "pattern_cannot_handle", "step": "a", "kind": "pattern", "print": "y"},
    ]
    state = {
        **new_state(),
        "stack": stack,
        "asks": "price",
        "slots": {"language": "hne", "stock": 5},
        "failures": 1,
    }
    with writing(db) as conn:
        seller_id = seller(conn)
        row = {"seller_id": seller_id, "channel": "whatsapp", "address": HER, "created_at": now}
        conn.execute(insert(Address.__table__).values(row))
        talk = {
            "seller_id": seller_id,
            "state": state,
            "revision": 1,
            "updated_at": now,
            "last_inbound_at": now,
        }
        conn.execute(insert(Conversation.__table__).values(talk))
    return seller_id


@pytest.mark.parametrize("address", ["whatsapp:%2B919999912345", "whatsapp:+919999912345"])
def test_where_a_person_is_and_why(db: Engine, ask: Ask, address: str) -> None:
    """What `chat` shows without the replies, and what led there; a + need not be escaped."""
    person(db)
    status, answer = ask(f"people?address={address}")
    assert status == 200
    why = answer.pop("why")
    assert answer == {
        "flow": "list_product",
        "asks": "price",
        "slots": {"language": "hne", "stock": 5},
        "language": "hne",
        "listings": [],
    }
    assert why["failures"] == 1
    assert [frame["flow"] for frame in why["stack"]] == ["list_product", "pattern_cannot_handle"]


@pytest.mark.parametrize(
    ("path", "ref"),
    [
        (f"people?address={HER}", {"$ref": "#/components/schemas/Person"}),
        ("people?address=nobody", {"$ref": "#/components/schemas/Error"}),
        ("listings?limit=0", {"$ref": "#/components/schemas/Error"}),
        ("listings", {"properties": {"listings": {"items": {"$ref": "#/components/schemas/Listing"}}}}),
    ],
)
def test_answers_are_as_described(db: Engine, ask: Ask, path: str, ref: Json) -> None:
    """What the description promises is what comes."""
    person(db)
    listed(db)
    described = ref | {"components": ask("openapi.json")[1]["components"]}
    errors = Draft202012Validator(described).iter_errors(ask(path)[1])
    assert [error.message for error in errors] == []


def test_her_listings_are_named(db: Engine, ask: Ask) -> None:
    """Ids of what she handed over, in the order of their numbers."""
    seller_id = person(db)
    with writing(db) as conn:
        message = hand_over(conn, seller_id, given(), publish=False)
    assert ask(f"people?address={HER}")[1]["listings"] == [message["listing_id"]]


@pytest.mark.parametrize(
    ("address", "status"),
    [("whatsapp:+910000", 404), ("", 400), ("%00", 400), ("x" * 201, 400), ("%E0%A4%85", 400)],
)
def test_an_unknown_address_is_told_apart_from_a_bad_one(ask: Ask, address: str, status: int) -> None:
    """Nobody there is 404; what cannot be an address is 400."""
    assert ask(f"people?address={address}")[0] == status


def test_a_hand_over_keeps_the_latest_message_and_queues_each_version(db: Engine) -> None:
    """The listing shows its last version; every version is published, in order for its listing."""
    first, second = listed(db, versions=2, publish=True)
    assert latest_messages(db) == [second]
    with reading(db) as conn:
        jobs = conn.execute(select(JobRow.key, JobRow.payload).order_by(JobRow.id)).all()
    key = f"listing:{first['listing_id']}"
    assert [(job.key, job.payload["event_id"]) for job in jobs] == [
        (key, each) for each in ids([first, second])
    ]


def test_without_a_queue_there_is_no_job(db: Engine) -> None:
    """The pull API alone needs no worker."""
    listed(db)
    with reading(db) as conn:
        assert conn.execute(select(JobRow.id)).all() == []

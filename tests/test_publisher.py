"""Messages reach a real queue, durable and confirmed, and survive the loss of a connection."""

# mypy: allow-untyped-calls

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from kombu import Connection, Queue
from sqlalchemy import Engine, make_url, select

from bot import jobs
from bot.handoff import publisher as publishing
from bot.handoff.hand_over import hand_over
from bot.handoff.publisher import Publisher, PublishError, publish
from bot.handoff.schema import problems
from bot.media.store import MediaStore
from bot.settings import Settings
from bot.tasks.publish_listing import run
from bot.tasks.workshop import Workshop
from models import ListingEvent
from models.database import reading, writing
from tests.conftest import Clock
from tests.listing_inputs import given, next_version, seller

QUEUE = publishing.QUEUE
RABBIT = "amqp://guest:guest@127.0.0.1:5672//"
BROKERS = [
    pytest.param(RABBIT, marks=pytest.mark.rabbitmq),
    pytest.param("redis://127.0.0.1:6379/9", marks=pytest.mark.redis),
]


@pytest.fixture(autouse=True)
def own_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has its own queue: the brokers are shared with whatever else runs on this machine."""
    monkeypatch.setattr(publishing, "QUEUE", f"sangwari.test.{uuid4().hex}")
    publishing._publisher.cache_clear()


@pytest.fixture(params=BROKERS)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A broker, left without the test's queue."""
    yield request.param
    with opened(request.param) as queue:
        queue.delete()


@pytest.fixture
def rabbit() -> Iterator[str]:
    """RabbitMQ, left without the test's queue."""
    yield RABBIT
    with opened(RABBIT) as queue:
        queue.delete()


@contextmanager
def opened(url: str) -> Iterator[Any]:
    with Connection(url, connect_timeout=4) as broker, broker.channel() as channel:
        queue = Queue(publishing.QUEUE, durable=True, channel=channel)
        queue.declare()
        yield queue


def received(url: str) -> list[Any]:
    """All that waits in the queue, taken from it."""
    with opened(url) as queue:
        found = []
        while (message := queue.get(no_ack=True)) is not None:
            found.append(message)
        return found


def listing(text: str = "बांस के टुकनी") -> dict[str, Any]:
    return {"event_id": str(uuid4()), "product": {"title": {"hi": text}}}


def test_the_queue_has_the_name_that_the_backend_knows() -> None:
    """The name is part of the contract."""
    assert QUEUE == "sangwari.listings"


def test_a_message_arrives_as_it_was(url: str) -> None:
    """UTF-8 JSON, the event's id as message id, kept on disk by the broker."""
    message = listing()
    publish(url, message)
    (got,) = received(url)
    assert json.loads(got.body) == message
    assert got.properties["message_id"] == message["event_id"]
    assert got.content_type == "application/json"
    assert got.properties["delivery_mode"] == 2


def test_messages_keep_their_order(url: str) -> None:
    """The versions of a listing leave the queue as they went in."""
    messages = [listing(str(number)) for number in range(5)]
    for message in messages:
        publish(url, message)
    assert [json.loads(got.body)["event_id"] for got in received(url)] == [m["event_id"] for m in messages]


class Relay(threading.Thread):
    """A wire to a broker that can be cut: every connection through it dies at once, new ones work."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._target = ("127.0.0.1", port)
        self._ends: list[socket.socket] = []
        self.port: int = self._listener.getsockname()[1]
        self.start()

    def run(self) -> None:
        while True:
            ours, _ = self._listener.accept()
            theirs = socket.create_connection(self._target)
            self._ends += [ours, theirs]
            for source, sink in ((ours, theirs), (theirs, ours)):
                threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def cut(self) -> None:
        while self._ends:
            with suppress(OSError):
                self._ends.pop().shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)


def test_a_connection_that_died_while_idle_is_replaced(url: str) -> None:
    """The broker was restarted between two listings: the second arrives all the same, once."""
    port = make_url(url).port
    assert port is not None
    relay = Relay(port)
    publisher = Publisher(url.replace(str(port), str(relay.port)))
    first, second = listing(), listing()
    publisher.publish(first)
    relay.cut()
    publisher.publish(second)
    assert [json.loads(got.body)["event_id"] for got in received(url)] == [
        m["event_id"] for m in (first, second)
    ]
    publisher.close()


@pytest.mark.rabbitmq
def test_a_message_without_a_queue_is_not_taken_as_sent(rabbit: str) -> None:
    """RabbitMQ confirms a message it drops; when the queue is gone, it is declared again and sent again."""
    publisher = Publisher(rabbit)
    publisher.publish(listing())
    with opened(rabbit) as queue:
        queue.delete()
    message = listing()
    publisher.publish(message)
    assert [json.loads(got.body)["event_id"] for got in received(rabbit)] == [message["event_id"]]
    publisher.close()


@pytest.mark.parametrize("url", ["amqp://guest:secret@127.0.0.1:1//", "redis://:secret@127.0.0.1:1/0"])
def test_no_broker_is_an_error_without_the_password(url: str) -> None:
    """The job is tried again later; its reason is shown to operators, so it holds no secret."""
    with pytest.raises(PublishError) as error:
        publish(url, listing())
    assert "secret" not in str(error.value)


@pytest.fixture
def shop(db: Engine, clock: Clock, tmp_path: Path) -> Workshop:
    """A workshop whose queue is RabbitMQ."""
    settings = Settings(queue_url=RABBIT, secret_key="s" * 32, public_url="https://sangwari.example")
    store = MediaStore(f"file://{tmp_path}/media")
    return Workshop(db, settings, store, {}, cast(Any, None), clock)


def handed_over(shop: Workshop) -> list[dict[str, Any]]:
    """Two versions of one listing, waiting for their jobs."""
    with writing(shop.db) as conn:
        seller_id = seller(conn)
        first = given()
        one = hand_over(conn, seller_id, first, publish=True)
        return [one, hand_over(conn, seller_id, next_version(first, one), publish=True)]


@pytest.mark.rabbitmq
def test_the_jobs_publish_each_version_once_in_order(shop: Workshop, clock: Clock, rabbit: str) -> None:
    """When the jobs are done the queue holds both messages, and each event knows when it was published."""
    messages = handed_over(shop)
    for _ in messages:
        (job,) = jobs.claim(shop.db, clock.now, limit=5)
        run(shop, job)
    got = [json.loads(each.body) for each in received(rabbit)]
    assert [each["event_id"] for each in got] == [each["event_id"] for each in messages]
    assert [problems(each) for each in got] == [[], []]
    with reading(shop.db) as conn:
        assert list(conn.scalars(select(ListingEvent.published_at))) == [clock.now] * 2
    assert jobs.claim(shop.db, clock.now) == []


@pytest.mark.rabbitmq
def test_a_worker_that_dies_after_publishing_sends_the_same_event_once_more(
    shop: Workshop, clock: Clock, rabbit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At least once: nothing is lost, and the backend knows the repeat by its event_id."""
    first = handed_over(shop)[0]
    (job,) = jobs.claim(shop.db, clock.now)
    with monkeypatch.context() as patched:
        patched.setattr(jobs, "finish", killed)
        with pytest.raises(KeyboardInterrupt):
            run(shop, job)
    clock.advance(jobs.LEASE_S + 1)
    (again,) = jobs.claim(shop.db, clock.now)
    run(shop, again)
    assert [each.properties["message_id"] for each in received(rabbit)] == [first["event_id"]] * 2


def killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_broker_that_is_away_makes_the_job_wait(shop: Workshop, clock: Clock) -> None:
    """The job is tried again; the event does not count as published."""
    away = replace(shop, settings=replace(shop.settings, queue_url="amqp://127.0.0.1:1//"))
    handed_over(away)
    (job,) = jobs.claim(away.db, clock.now)
    with pytest.raises(jobs.Retry):
        run(away, job)
    with reading(away.db) as conn:
        assert set(conn.scalars(select(ListingEvent.published_at))) == {None}


def test_a_queue_that_was_taken_away_leaves_the_listing_to_the_pull_api(shop: Workshop, clock: Clock) -> None:
    """Trying again cannot help; the job is laid with the dead, where a person sees it."""
    without = replace(shop, settings=replace(shop.settings, queue_url=""))
    handed_over(without)
    (job,) = jobs.claim(without.db, clock.now)
    with pytest.raises(jobs.Dead):
        run(without, job)

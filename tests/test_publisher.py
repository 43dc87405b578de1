"""Messages reach a real queue, durable and confirmed, and survive the loss of a connection."""

# mypy: allow-untyped-calls

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import uuid4

import pytest
from kombu import Connection, Queue
from sqlalchemy import make_url

from bot.handoff.publisher import QUEUE, Publisher, PublishError, publish

BROKERS = [
    pytest.param("amqp://guest:guest@127.0.0.1:5672//", marks=pytest.mark.rabbitmq),
    pytest.param("redis://127.0.0.1:6379/9", marks=pytest.mark.redis),
]


@pytest.fixture(params=BROKERS)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A broker with an empty queue."""
    with opened(request.param) as queue:
        queue.purge()
    yield request.param
    with opened(request.param) as queue:
        queue.delete()


@contextmanager
def opened(url: str) -> Iterator[Any]:
    with Connection(url, connect_timeout=4) as broker, broker.channel() as channel:
        queue = Queue(QUEUE, durable=True, channel=channel)
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
def test_a_message_without_a_queue_is_not_taken_as_sent() -> None:
    """RabbitMQ confirms a message it drops; when the queue is gone, it is declared again and sent again."""
    url = "amqp://guest:guest@127.0.0.1:5672//"
    publisher = Publisher(url)
    publisher.publish(listing())
    with opened(url) as queue:
        queue.delete()
    message = listing()
    publisher.publish(message)
    assert [json.loads(got.body)["event_id"] for got in received(url)] == [message["event_id"]]
    publisher.close()


@pytest.mark.parametrize("url", ["amqp://guest:secret@127.0.0.1:1//", "redis://:secret@127.0.0.1:1/0"])
def test_no_broker_is_an_error_without_the_password(url: str) -> None:
    """The job is tried again later; its reason is shown to operators, so it holds no secret."""
    with pytest.raises(PublishError) as error:
        publish(url, listing())
    assert "secret" not in str(error.value)

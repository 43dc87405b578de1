"""Listing messages onto the backend's queue, through kombu: RabbitMQ with confirms, or Redis.

`publish` returns only when the broker has the message, so each is sent at least once; the backend drops the
repeats by `message_id`, which is the event's id.
"""

# mypy: allow-untyped-calls

from __future__ import annotations

import json
from functools import cache
from threading import Lock
from typing import Any

from kombu import Connection, Producer, Queue

from bot.messages import Json

QUEUE = "sangwari.listings"
# Well below a job's lease, so that nobody else takes the job while this one waits for the broker.
TIMEOUT_S = 4
OPTIONS = {
    "amqp": {"confirm_publish": True, "read_timeout": TIMEOUT_S, "write_timeout": TIMEOUT_S},
    "redis": {"socket_timeout": TIMEOUT_S, "socket_connect_timeout": TIMEOUT_S},
}


class PublishError(Exception):
    """The broker may not have the message. Nothing is lost by publishing the same message again."""


def publish(queue_url: str, message: Json) -> None:
    """Put one message on the durable queue `sangwari.listings`. Raises PublishError."""
    _publisher(queue_url).publish(message)


class Publisher:
    """One kept connection to one broker, made anew after a failure. Threads take turns."""

    def __init__(self, queue_url: str) -> None:
        self._kind = "redis" if queue_url.startswith("redis") else "amqp"
        options = OPTIONS[self._kind]
        self._connection = Connection(queue_url, connect_timeout=TIMEOUT_S, transport_options=options)
        self._lock = Lock()
        self._producer: Producer | None = None
        self._returned: list[str] = []

    def publish(self, message: Json) -> None:
        """As the function of that name. A connection that died while idle is replaced, once."""
        with self._lock:
            if self._producer is not None and self._try(message) is None:
                return
            error = self._try(message)
        if error is not None:
            raise PublishError(error)

    def close(self) -> None:
        """Let the connection go; the next message makes a new one."""
        self._producer = None
        self._connection.release()

    def _try(self, message: Json) -> str | None:
        """Send once; the reason if that failed, and then the connection is gone."""
        broker = self._connection
        failures = broker.connection_errors + broker.channel_errors + broker.recoverable_connection_errors
        try:
            self._send(message)
        except failures as error:
            self.close()
            # The name only: what a broker says may hold its address and password.
            return type(error).__name__
        if self._returned:
            self.close()
            return self._returned.pop()
        return None

    def _send(self, message: Json) -> None:
        if self._producer is None:
            self._producer = self._open()
        self._producer.publish(
            json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode(),
            routing_key=QUEUE,
            mandatory=True,
            delivery_mode="persistent",
            message_id=message["event_id"],
            content_type="application/json",
            content_encoding="utf-8",
            confirm_timeout=TIMEOUT_S,
        )

    def _open(self) -> Producer:
        """Connect and declare the queue: a message nobody can receive is confirmed like any other."""
        self._connection.ensure_connection(max_retries=1, interval_start=0, reraise_as_library_errors=False)
        channel = self._connection.channel()
        Queue(QUEUE, durable=True, channel=channel).declare()
        # Redis has no routes to miss, and kombu cannot listen for them there.
        return Producer(channel, on_return=self._unroutable if self._kind == "amqp" else None)

    def _unroutable(self, error: Exception, *_about: Any) -> None:
        self._returned.append(type(error).__name__)


@cache
def _publisher(queue_url: str) -> Publisher:
    return Publisher(queue_url)

"""What must hold when a soak is over, each rule for every seller and every message."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from models import JobRow, Listing, ListingEvent, Message, RepTask, Seller
from models.database import reading
from tests.soak.world import World

UNDER_WAY = ("queued", "sending", "dead", "held")
Rows = list[Row[*tuple[Any, ...]]]


def broken(world: World) -> list[str]:
    """The rules that do not hold, each with whom it was broken for; empty when all is well."""
    with reading(world.db) as conn:
        columns = [Message.__table__.c[name] for name in NAMES]
        rows = conn.execute(select(*columns).order_by(Message.id)).all()
        dead = list(conn.scalars(select(JobRow.kind).where(JobRow.status == "dead")))
    return [
        *(f"unfinished: {her.way} {her.number}" for her in world.open),
        *(f"dead job: {kind}" for kind in dead),
        *_listings(world),
        *_after_stop(world),
        *_doubled(world, rows),
        *_out_of_order(world, rows),
        *_unanswered(rows),
        *_left_lying(world, rows),
    ]


NAMES = ("id", "seller_id", "direction", "channel", "address", "provider_id", "kind", "status") + (
    "events",
    "body",
    "created_at",
)


def _listings(world: World) -> Iterator[str]:
    """Who came to the end has one listing, and the backend hears of it once."""
    with reading(world.db) as conn:
        made = Counter(conn.scalars(select(Listing.seller_id)))
        told = Counter(
            conn.scalars(select(ListingEvent.listing_id).where(ListingEvent.event == "listing.completed"))
        )
        sellers = list(conn.scalars(select(Seller.id)))
    finished = sum(her.done for her in world.sellers.values())
    if sum(made.values()) != finished:
        yield f"{finished} finished talks made {sum(made.values())} listings"
    yield from (f"seller {found} has {made[found]} listings" for found in sellers if made[found] > 1)
    yield from (f"listing {key} was handed over {count} times" for key, count in told.items() if count > 1)


def _after_stop(world: World) -> Iterator[str]:
    """To who said stop goes its one confirmation and nothing else, on no channel."""
    for her in world.sellers.values():
        if her.stopped:
            sent = [
                row for to in her.addresses for row in world.carrier.messages[to] if row.at >= her.stopped
            ]
            if len(sent) > 1:
                yield f"{len(sent)} messages to {her.number} after her stop"


def _doubled(world: World, rows: Rows) -> Iterator[str]:
    """What the carrier took is what we know that it took: nothing twice, nothing unknown."""
    ours = {row.provider_id for row in rows if row.direction == "out" and row.channel != "call"}
    theirs = {taken.sid for sent in world.carrier.messages.values() for taken in sent}
    yield from (f"the carrier took {sid} and we do not know of it" for sid in theirs - ours)


def _out_of_order(world: World, rows: Rows) -> Iterator[str]:
    """To one number everything goes in the order in which it was said."""
    place = {row.provider_id: row.id for row in rows if row.direction == "out"}
    for to, sent in world.carrier.messages.items():
        ids = [place[taken.sid] for taken in sent if taken.sid in place]
        if ids != sorted(ids):
            yield f"out of order: {to[-6:]}"


def _unanswered(rows: Rows) -> Iterator[str]:
    """Every message has an answer, and every answer has left the house."""
    yield from (f"message {row.id} is {row.status}" for row in rows if row.status in UNDER_WAY)
    stopped: dict[int, bool] = defaultdict(bool)
    for row in rows:
        if row.direction == "in" and row.channel != "call" and row.kind in ("text", "button"):
            said = [event for event in row.events or () if event["event"] == "bot"]
            stops = any(event.get("do") == "stop" for event in row.events or ())
            if not said and not stops and not stopped[row.seller_id]:
                yield f"message {row.id} was not answered"
            stopped[row.seller_id] |= stops


def _left_lying(world: World, rows: Rows) -> Iterator[str]:
    """Every letter that failed has a next step or a rep's task; or she has spoken since, or stopped.

    Nobody is asked twice to call the same seller: a second task comes only after the first one is done.
    """
    tasks: dict[int, datetime | None] = {}
    called = select(RepTask.seller_id, RepTask.created_at, RepTask.done_at)
    with reading(world.db) as conn:
        asked = conn.execute(called.where(RepTask.kind == "unreached").order_by(RepTask.id)).all()
    for task in asked:
        done_at = tasks.get(task.seller_id, task.created_at)
        if done_at is None or done_at > task.created_at:
            yield f"seller {task.seller_id} has two tasks to be called"
        tasks[task.seller_id] = task.done_at
    steps = Counter((row.body["after"], row.body["step"]) for row in rows if "after" in row.body)
    yield from (f"step {step} of {first} was taken {n} times" for (first, step), n in steps.items() if n > 1)
    for row in rows:
        if row.direction != "out" or row.status not in ("failed", "undelivered"):
            continue
        done = row.body.get("next")
        if done is None:
            yield f"letter {row.id} has failed and lies there"
        elif done["step"] == "rep" and row.seller_id not in tasks:
            yield f"letter {row.id} was left to a rep who does not know of it"

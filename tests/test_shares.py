"""Of a crowd of short jobs a worker takes a few at once: each look at the table costs a commit."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import Engine

from bot import jobs
from bot.jobs import Job
from bot.tasks import TASKS
from bot.tasks.workshop import Workshop
from bot.worker import Worker
from models.database import writing
from tests.conftest import Clock
from tests.worker_process import open_workshop


def test_a_crowd_is_shared_out(db: Engine, clock: Clock) -> None:
    """Of many alike a worker takes a few at once, of few one, and of a crowd of others one."""
    with writing(db) as conn:
        for n in range(40):
            jobs.put(conn, "note", {"n": n}, now=clock(), key=f"seller:{n // 2}")
    first = jobs.claim_share(db, clock(), alike="note")
    assert [job.payload["n"] for job in first] == [0, 2, 4, 6, 8], "one of each person, the longest due first"
    assert len(jobs.claim_share(db, clock(), alike="note")) == 3, "a share of the 15 people that are left"
    assert len(jobs.claim_share(db, clock(), alike="other")) == 1


def test_a_share_ends_at_the_first_of_another_kind(db: Engine, clock: Clock) -> None:
    """What is due longer is never passed over."""
    with writing(db) as conn:
        for n in range(8):
            jobs.put(conn, "note", {"n": n}, now=clock())
        jobs.put(conn, "other", {"n": 8}, now=clock())
        for n in range(9, 40):
            jobs.put(conn, "note", {"n": n}, now=clock())
    taken = [jobs.claim_share(db, clock(), alike="note") for _ in range(10)]
    assert [job.payload["n"] for share in taken for job in share] == list(range(sum(map(len, taken))))
    assert {len(share) for share in taken if share[0].kind == "other"} == {1}


def test_what_waits_in_a_share_too_long_is_left_to_others(
    db: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind a slow job the lease of the next may run out: whoever took it over does it, and he alone."""
    ran: list[int] = []
    slow = Worker(open_workshop(db, clock), "slow", lease_s=0.3)
    quick = Worker(open_workshop(db, clock), "quick", lease_s=60)

    def task(shop: Workshop, job: Job) -> None:
        ran.append(job.payload["n"])
        if job.payload["n"] == 0:
            assert jobs.renew(shop.db, job, clock.advance(1), 60), "its own lease is kept by the heart"
            quick.drain()
            time.sleep(0.2)
        with writing(shop.db) as conn:
            jobs.finish(conn, job)

    monkeypatch.setitem(TASKS, "send_message", task)
    with writing(db) as conn:
        for n in range(8):
            jobs.put(conn, "send_message", {"n": n}, now=clock())
    slow.run_once()
    assert sorted(ran) == list(range(8)), "each once"

"""The loop: it runs what is due, survives what fails, and loses nothing when it is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from structlog.testing import capture_logs

from bot import jobs
from bot.jobs import Job
from bot.tasks import KINDS, TASKS
from bot.tasks.workshop import Workshop
from bot.worker import Worker, run_together
from models.database import reading, writing
from tests.conftest import Clock
from tests.worker_process import ignore, open_workshop

HER_WORDS = "मोर नंबर +919999900001"


@pytest.fixture(autouse=True)
def _no_reconcile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TASKS, "reconcile", ignore)


@pytest.fixture
def ran(db: Engine) -> Iterator[Callable[[], list[tuple[int, str, int]]]]:
    """The table that `note` writes, as (n, key, pid) in the order of the ends."""
    number = "INTEGER PRIMARY KEY" if db.dialect.name == "sqlite" else "SERIAL PRIMARY KEY"
    with writing(db) as conn:
        conn.execute(text(f"CREATE TABLE ran (id {number}, n INTEGER, key TEXT, pid INTEGER)"))

    def rows() -> list[tuple[int, str, int]]:
        with reading(db) as conn:
            return [(row.n, row.key, row.pid) for row in conn.execute(text("SELECT * FROM ran ORDER BY id"))]

    yield rows
    with writing(db) as conn:
        conn.execute(text("DROP TABLE ran"))


def put(db: Engine, now: datetime, *numbers: int, seconds: float = 0, keys: int = 1) -> None:
    with writing(db) as conn:
        for n in numbers:
            jobs.put(conn, "note", {"n": n, "seconds": seconds}, now=now, key=f"seller:{n % keys}")


@contextmanager
def worker_process(db: Engine, lease_s: float) -> Iterator[subprocess.Popen[str]]:
    """A worker in its own process, killed at the end if it still lives."""
    url = db.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.worker_process", url, str(lease_s)]
    process = subprocess.Popen(
        command, cwd=Path(__file__).parent.parent, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def started(process: subprocess.Popen[str]) -> int:
    """Wait until the process starts a job; the job's number."""
    assert process.stdout is not None
    while not (line := process.stdout.readline()).strip().isdigit():
        assert process.poll() is None, "the worker died"
    return int(line)


def left(db: Engine, kind: str) -> int:
    with reading(db) as conn:
        query = text("SELECT count(*) FROM job WHERE kind = :kind")
        count: int = conn.execute(query, {"kind": kind}).scalar_one()
    return count


def wait_for(condition: Callable[[], bool], seconds: float) -> float:
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds, "it took too long"
        time.sleep(0.05)
    return time.monotonic() - start


def test_every_task_has_its_module() -> None:
    """Each name of the registry is a module beside it with a function `run`."""
    folder = Path(__file__).parent.parent / "bot" / "tasks"
    for kind in KINDS:
        assert "\ndef run(" in (folder / f"{kind}.py").read_text(), kind


def test_drain_runs_what_is_due_in_order(db: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything due by the clock runs in the order of its moments, also what a task puts meanwhile."""
    order: list[int] = []

    def task(shop: Workshop, job: Job) -> None:
        order.append(job.payload["n"])
        with writing(shop.db) as conn:
            if job.payload["n"] == 1:
                jobs.put(conn, "step", {"n": 10}, now=shop.clock())
                jobs.put(conn, "step", {"n": 11}, now=shop.clock(), run_at=clock() + timedelta(days=2))
            jobs.finish(conn, job)

    monkeypatch.setitem(TASKS, "step", task)
    with writing(db) as conn:
        jobs.put(conn, "step", {"n": 2}, now=clock(), run_at=clock() + timedelta(days=1))
        jobs.put(conn, "step", {"n": 1}, now=clock())
    worker = Worker(open_workshop(db, clock))
    assert worker.drain() == 2
    assert order == [1, 10]
    assert worker.drain(until=clock() + timedelta(days=3)) == 2
    assert order == [1, 10, 2, 11]


def test_drain_ends_when_a_task_fails(db: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failing job waits for its next moment by the clock that stands still; the others run."""

    def broken(shop: Workshop, job: Job) -> None:
        raise ConnectionError

    monkeypatch.setitem(TASKS, "broken", broken)
    monkeypatch.setitem(TASKS, "fine", ignore)
    with writing(db) as conn:
        jobs.put(conn, "broken", {}, now=clock())
        jobs.put(conn, "fine", {}, now=clock())
    assert Worker(open_workshop(db, clock)).drain() == 2
    assert jobs.next_run_at(db) == clock() + timedelta(seconds=2)


@pytest.mark.parametrize(
    ("problem", "tries_again", "kept"),
    [
        (jobs.Retry("provider says 503"), True, "provider says 503"),
        (jobs.Dead("no such number"), False, "no such number"),
        (ValueError(HER_WORDS), True, "ValueError at test_worker.py"),
    ],
)
def test_failures_are_told_without_her_words(
    sqlite_db: Engine,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    problem: Exception,
    tries_again: bool,
    kept: str,
) -> None:
    """The log and the row name kind, job and reason; what she wrote and her number stand in neither."""

    def task(shop: Workshop, job: Job) -> None:
        raise problem

    monkeypatch.setitem(TASKS, "fail", task)
    with writing(sqlite_db) as conn:
        jobs.put(conn, "fail", {"text": HER_WORDS}, now=clock(), key="seller:1")
    with capture_logs() as logs:
        assert Worker(open_workshop(sqlite_db, clock)).run_once() is True
    assert HER_WORDS not in str(logs)
    assert [(entry["kind"], entry["job"]) for entry in logs] == [("fail", 1)]
    with reading(sqlite_db) as conn:
        row = conn.execute(text("SELECT status, error FROM job")).one()
    assert row.status == ("ready" if tries_again else "dead")
    assert row.error.startswith(kept)


def test_an_unknown_kind_is_dead_at_once(sqlite_db: Engine, clock: Clock) -> None:
    """A job that no task answers to is laid with the dead, where a person sees it."""
    with writing(sqlite_db) as conn:
        jobs.put(conn, "nudge_yesterday", {}, now=clock())
    Worker(open_workshop(sqlite_db, clock)).run_once()
    assert [job.error for job in jobs.dead(sqlite_db)] == ["no task is called nudge_yesterday"]


def test_a_long_task_keeps_its_lease(db: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a task runs four leases long, no second worker starts it again."""
    starts: list[str] = []

    def long(shop: Workshop, job: Job) -> None:
        starts.append(threading.current_thread().name)
        time.sleep(2)
        ignore(shop, job)

    monkeypatch.setitem(TASKS, "long", long)
    with writing(db) as conn:
        jobs.put(conn, "long", {}, now=datetime.now(UTC))
    stop = threading.Event()
    shop = open_workshop(db)
    pair = [
        threading.Thread(target=Worker(shop, name, lease_s=0.5).run, args=(stop,), daemon=True)
        for name in "ab"
    ]
    for thread in pair:
        thread.start()
    wait_for(lambda: left(db, "long") == 0, 10)
    stop.set()
    for thread in pair:
        thread.join()
    assert len(starts) == 1


def test_a_long_task_holds_up_nobody(db: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two workers in one process one is busy for long; the other does what comes meanwhile."""
    busy, free = threading.Event(), threading.Event()

    def long(shop: Workshop, job: Job) -> None:
        busy.set()
        assert free.wait(10)
        ignore(shop, job)

    def short(shop: Workshop, job: Job) -> None:
        ignore(shop, job)
        free.set()

    monkeypatch.setitem(TASKS, "long", long)
    monkeypatch.setitem(TASKS, "short", short)
    stop = threading.Event()
    together = threading.Thread(target=run_together, args=(open_workshop(db), "w", 2, stop), daemon=True)
    together.start()
    for kind, sign in (("long", busy), ("short", free)):
        with writing(db) as conn:
            jobs.put(conn, kind, {}, now=datetime.now(UTC))
        assert sign.wait(5), kind
    stop.set()
    together.join(5)
    assert not together.is_alive()
    assert left(db, "long") + left(db, "short") == 0


def test_a_wake_is_faster_than_the_poll(sqlite_db: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The web wakes the worker of its own process; without a wake it looks later."""
    monkeypatch.setattr("bot.worker.IDLE_S", 5)
    done = threading.Event()

    def task(shop: Workshop, job: Job) -> None:
        ignore(shop, job)
        done.set()

    monkeypatch.setitem(TASKS, "quick", task)
    stop, worker = threading.Event(), Worker(open_workshop(sqlite_db))
    thread = threading.Thread(target=worker.run, args=(stop,), daemon=True)
    thread.start()
    time.sleep(0.3)
    with writing(sqlite_db) as conn:
        jobs.put(conn, "quick", {}, now=datetime.now(UTC))
    worker.wake.set()
    assert done.wait(2)
    stop.set()
    worker.wake.set()
    thread.join()


def test_it_reconciles_at_start_and_every_five_minutes(
    sqlite_db: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`reconcile` runs at the start and at each fifth minute: once, though there are three workers."""
    runs: list[datetime] = []

    def reconcile(shop: Workshop, job: Job) -> None:
        runs.append(shop.clock())
        ignore(shop, job)

    monkeypatch.setitem(TASKS, "reconcile", reconcile)
    start = clock()
    team = [Worker(open_workshop(sqlite_db, clock)) for _ in range(3)]
    team[0]._step()
    clock.advance(70)
    for _ in range(30):
        for worker in team[:1] if clock() < start + timedelta(seconds=100) else team:
            while worker._step():
                pass
        clock.advance(20)
    minutes = [(moment - start).total_seconds() for moment in runs]
    assert [at for at in minutes if at >= 300] == [310, 610]
    assert minutes[0] == 0


def test_it_sweeps_once_a_night(sqlite_db: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three workers sweep once between them, at three at night in India; a missed night is made up for."""
    runs: list[datetime] = []

    def sweep(shop: Workshop, job: Job) -> None:
        runs.append(shop.clock())
        ignore(shop, job)

    monkeypatch.setitem(TASKS, "sweep_media", sweep)
    team = [Worker(open_workshop(sqlite_db, clock)) for _ in range(3)]
    for hour in range(72):
        for worker in team if not 30 < hour < 50 else []:
            while worker._step():
                pass
        clock.advance(3600)
    first = datetime(2026, 1, 5, 22, tzinfo=UTC)
    assert runs == [first, datetime(2026, 1, 7, 11, tzinfo=UTC), first + timedelta(days=2)]


def test_a_dead_reconcile_is_followed_by_the_next(
    sqlite_db: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A provider that refuses us for an hour leaves one dead job, not one for each round."""

    def reconcile(shop: Workshop, job: Job) -> None:
        raise jobs.Dead("401")

    monkeypatch.setitem(TASKS, "reconcile", reconcile)
    worker = Worker(open_workshop(sqlite_db, clock))
    for _ in range(12):
        while worker._step():
            pass
        clock.advance(300)
    assert len(jobs.dead(sqlite_db)) == 1


def test_a_database_that_is_down_is_waited_for(sqlite_db: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop outlives a database error, and goes on when it is over."""
    worker = Worker(open_workshop(sqlite_db))
    with writing(sqlite_db) as conn:
        conn.execute(text("ALTER TABLE job RENAME TO away"))
    assert worker._step() is False
    with writing(sqlite_db) as conn:
        conn.execute(text("ALTER TABLE away RENAME TO job"))
    assert worker._step() is True


def test_a_term_signal_drains(db: Engine, ran: Callable[[], list[tuple[int, str, int]]]) -> None:
    """SIGTERM: the job in hand is finished, the next one is left, and the process ends well."""
    put(db, datetime.now(UTC), 1, 2, seconds=0.8)
    with worker_process(db, lease_s=5) as process:
        assert started(process) == 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
    assert [n for n, _, _ in ran()] == [1]
    assert [job.payload["n"] for job in jobs.claim(db, datetime.now(UTC), kinds=["note"])] == [2]


def test_a_killed_workers_jobs_go_on(db: Engine, ran: Callable[[], list[tuple[int, str, int]]]) -> None:
    """One of two processes is killed -9 in mid-task: 30 jobs run once each, each seller's in order."""
    put(db, datetime.now(UTC), *range(30), seconds=0.05, keys=3)
    with worker_process(db, lease_s=1) as first, worker_process(db, lease_s=1):
        started(first)
        wait_for(lambda: len(ran()) >= 5, 20)
        started(first)
        first.kill()
        wait_for(lambda: len(ran()) >= 30, 20)
    rows = ran()
    assert sorted(n for n, _, _ in rows) == list(range(30))
    for seller in range(3):
        assert [n for n, key, _ in rows if key == f"seller:{seller}"] == list(range(seller, 30, 3))
    assert len({pid for _, _, pid in rows}) == 2


@pytest.mark.slow
def test_a_dead_workers_job_goes_on_within_15_seconds(
    db: Engine, ran: Callable[[], list[tuple[int, str, int]]]
) -> None:
    """With the real lease: killed in mid-task, its job is done elsewhere 15 seconds later at most."""
    put(db, datetime.now(UTC), 1, seconds=0.5)
    with worker_process(db, lease_s=jobs.LEASE_S) as first:
        started(first)
        first.kill()
        with worker_process(db, lease_s=jobs.LEASE_S):
            assert wait_for(lambda: len(ran()) == 1, 20) < 15


@pytest.mark.slow
def test_many_killed_workers_lose_nothing(db: Engine, ran: Callable[[], list[tuple[int, str, int]]]) -> None:
    """600 jobs of 12 sellers, a worker killed -9 again and again: each job once, each seller in order."""
    put(db, datetime.now(UTC), *range(600), seconds=0.01, keys=12)
    with worker_process(db, lease_s=1):
        for _ in range(4):
            with worker_process(db, lease_s=1) as victim:
                started(victim)
                time.sleep(0.4)
                victim.kill()
        wait_for(lambda: len(ran()) >= 600, 60)
    rows = ran()
    assert sorted(n for n, _, _ in rows) == list(range(600))
    for seller in range(12):
        assert [n for n, key, _ in rows if key == f"seller:{seller}"] == list(range(seller, 600, 12))

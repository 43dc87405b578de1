"""The leased table: nothing is lost, nothing runs out of its order, nobody ends another's job."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select

from bot import jobs
from bot.jobs import Job, NewJob
from models import JobRow
from models.database import reading, writing
from tests.conftest import Clock


def put(db: Engine, clock: Clock, *numbers: int, key: str | None = None, **given: object) -> None:
    with writing(db) as conn:
        for number in numbers:
            jobs.put(conn, "count", {"n": number}, now=clock(), key=key, **given)  # type: ignore[arg-type]


def take(db: Engine, clock: Clock) -> Job:
    [job] = jobs.claim(db, clock())
    return job


def take_at(db: Engine, clock: Clock, seconds: float) -> Job:
    clock.advance(seconds)
    return take(db, clock)


def finish(db: Engine, job: Job) -> None:
    with writing(db) as conn:
        jobs.finish(conn, job)


def waiting(db: Engine) -> int:
    with reading(db) as conn:
        return conn.execute(select(func.count()).select_from(JobRow)).scalar_one()


def test_a_finished_job_is_gone(db: Engine, clock: Clock) -> None:
    """Put, claimed with its payload, finished: then the table is empty."""
    put(db, clock, 7, key="seller:1")
    job = take(db, clock)
    assert (job.kind, job.key, job.payload, job.attempts) == ("count", "seller:1", {"n": 7}, 1)
    assert jobs.claim(db, clock()) == []
    finish(db, job)
    assert waiting(db) == 0


def test_a_job_belongs_to_its_transaction(db: Engine, clock: Clock) -> None:
    """A rollback takes back the job that was put, and the end of the job that was finished."""
    put(db, clock, 1)
    job = take(db, clock)
    with pytest.raises(RuntimeError), writing(db) as conn:
        jobs.put(conn, "count", {"n": 2}, now=clock())
        jobs.finish(conn, job)
        raise RuntimeError
    assert waiting(db) == 1


def test_a_job_waits_for_its_moment(db: Engine, clock: Clock) -> None:
    """A job for later is not due before, and `next_run_at` tells when it is."""
    put(db, clock, 1, run_at=clock() + timedelta(minutes=5))
    assert jobs.claim(db, clock()) == []
    assert jobs.next_run_at(db) == clock() + timedelta(minutes=5)
    clock.advance(300)
    assert take(db, clock).payload == {"n": 1}


def test_the_longest_due_is_first(db: Engine, clock: Clock) -> None:
    """Jobs come in the order of their moments, not of their putting."""
    put(db, clock, 1, run_at=clock() + timedelta(seconds=2))
    put(db, clock, 2, run_at=clock() + timedelta(seconds=1))
    clock.advance(2)
    assert [job.payload["n"] for job in jobs.claim(db, clock(), limit=5)] == [2, 1]


def test_only_the_kinds_that_are_wanted(db: Engine, clock: Clock) -> None:
    """A worker for some kinds leaves the others."""
    with writing(db) as conn:
        jobs.put_many(conn, [NewJob("a", {}), NewJob("b", {}), NewJob("a", {})], now=clock())
    assert [job.kind for job in jobs.claim(db, clock(), kinds=["b"], limit=5)] == ["b"]


def test_one_at_a_time_for_a_key(db: Engine, clock: Clock) -> None:
    """The second job of a key waits for the end of the first; other keys and no key do not."""
    put(db, clock, 1, 2, key="seller:1")
    put(db, clock, 3, key="seller:2")
    put(db, clock, 4, 5)
    first, *others = jobs.claim(db, clock(), limit=9)
    assert [first.payload["n"], *(job.payload["n"] for job in others)] == [1, 3, 4, 5]
    assert jobs.claim(db, clock()) == []
    finish(db, first)
    assert take(db, clock).payload == {"n": 2}


def test_a_key_is_of_one_kind(db: Engine, clock: Clock) -> None:
    """A slow job of another kind does not hold up the messages of the same key."""
    with writing(db) as conn:
        jobs.put(conn, "slow", {}, now=clock(), key="seller:1")
        jobs.put(conn, "count", {}, now=clock(), key="seller:1")
    assert [job.kind for job in jobs.claim(db, clock(), limit=2)] == ["slow", "count"]


def test_order_is_kept_while_the_first_waits_to_be_tried_again(db: Engine, clock: Clock) -> None:
    """A failed job in back-off keeps its place: what comes after it does not overtake."""
    put(db, clock, 1, 2, key="seller:1")
    assert jobs.fail(db, take(db, clock), clock(), "busy") is False
    assert jobs.claim(db, clock.advance(1)) == []
    job = take_at(db, clock, 1)
    assert (job.payload, job.attempts) == ({"n": 1}, 2)
    finish(db, job)
    assert take(db, clock).payload == {"n": 2}


def test_a_job_for_later_holds_up_nobody(db: Engine, clock: Clock) -> None:
    """A reminder for next week is put before an answer of today, but the answer goes today."""
    put(db, clock, 1, key="seller:1", run_at=clock() + timedelta(days=7))
    put(db, clock, 2, key="seller:1")
    assert take(db, clock).payload == {"n": 2}


def test_the_waits_grow(db: Engine, clock: Clock) -> None:
    """2, 4, 8 … seconds lie between the attempts; the eighth failure is the last, and told as such."""
    put(db, clock, 1)
    waits = []
    for _ in range(jobs.MAX_ATTEMPTS - 1):
        assert jobs.fail(db, take(db, clock), clock(), "busy") is False
        due = jobs.next_run_at(db)
        assert due is not None
        waits.append((due - clock()).total_seconds())
        clock.now = due
    assert waits == [2, 4, 8, 16, 32, 64, 128]
    assert jobs.fail(db, take(db, clock), clock(), "busy") is True
    assert [(job.attempts, job.error) for job in jobs.dead(db)] == [(8, "busy")]


def test_a_task_may_say_when(db: Engine, clock: Clock) -> None:
    """`after_s` replaces the usual wait."""
    put(db, clock, 1)
    jobs.fail(db, take(db, clock), clock(), "limit", after_s=90)
    assert jobs.next_run_at(db) == clock() + timedelta(seconds=90)


def test_a_job_that_is_not_to_blame_waits_without_end(db: Engine, clock: Clock) -> None:
    """What it needs is away: however often that is so, it does not die of it, and those behind it wait."""
    put(db, clock, 1, 2, key="seller:1")
    for _ in range(3 * jobs.MAX_ATTEMPTS):
        jobs.wait(db, take(db, clock), clock(), "away", 30)
        assert jobs.claim(db, clock.advance(29)) == []
        clock.advance(1)
    job = take(db, clock)
    assert job.payload == {"n": 1} and jobs.dead(db) == []
    assert jobs.fail(db, job, clock(), "broken") is False
    clock.advance(jobs.LONGEST_WAIT_S)
    late = take(db, clock)
    clock.advance(jobs.LEASE_S)
    take(db, clock)
    jobs.wait(db, late, clock(), "away", 0)
    assert jobs.claim(db, clock()) == []


def test_a_dead_job_lets_the_next_pass(db: Engine, clock: Clock) -> None:
    """What can never work must not silence a seller: the next job of its key runs."""
    put(db, clock, 1, 2, key="seller:1")
    assert jobs.fail(db, take(db, clock), clock(), "no such number", retry=False) is True
    assert take(db, clock).payload == {"n": 2}


def test_the_dead_can_be_called_back(db: Engine, clock: Clock) -> None:
    """`retry` gives a dead job all its attempts again; ids that are not dead are passed over."""
    put(db, clock, 1, 2)
    jobs.fail(db, take(db, clock), clock(), "gone", retry=False)
    [gone] = jobs.dead(db)
    assert jobs.retry(db, [gone.id, gone.id + 1, 4711]) == 1
    assert jobs.dead(db) == []
    assert {(job.payload["n"], job.attempts) for job in jobs.claim(db, clock(), limit=2)} == {(1, 1), (2, 1)}


def test_a_lease_runs_out(db: Engine, clock: Clock) -> None:
    """A job whose worker is silent for the lease goes to the next worker, and not a moment before."""
    put(db, clock, 1)
    take(db, clock)
    assert jobs.claim(db, clock.advance(jobs.LEASE_S - 1)) == []
    assert take_at(db, clock, 1).attempts == 2


def test_a_renewed_lease_does_not_run_out(db: Engine, clock: Clock) -> None:
    """A worker that tells it is alive keeps its job."""
    put(db, clock, 1)
    job = take(db, clock)
    assert jobs.renew(db, job, clock.advance(10)) is True
    assert jobs.claim(db, clock.advance(10)) == []


def test_who_lost_the_lease_ends_nothing(db: Engine, clock: Clock) -> None:
    """The late worker can neither finish, fail nor renew what another one holds."""
    put(db, clock, 1)
    late = take(db, clock)
    current = take_at(db, clock, jobs.LEASE_S)
    with pytest.raises(jobs.LostLease), writing(db) as conn:
        jobs.put(conn, "effect", {}, now=clock())
        jobs.finish(conn, late)
    assert jobs.fail(db, late, clock(), "late", retry=False) is False
    assert jobs.fail(db, late, clock(), "late") is False
    assert jobs.renew(db, late, clock()) is False
    assert waiting(db) == 1
    finish(db, current)
    assert waiting(db) == 0


def test_a_job_that_kills_its_workers_dies(db: Engine, clock: Clock) -> None:
    """After eight workers died of it, no ninth one takes it."""
    put(db, clock, 1)
    for _ in range(jobs.MAX_ATTEMPTS):
        take(db, clock)
        clock.advance(jobs.LEASE_S)
    assert jobs.claim(db, clock()) == []
    assert [job.error for job in jobs.dead(db)] == ["its worker died each time"]


def test_one_of_a_name_waits(db: Engine, clock: Clock) -> None:
    """Put twice under one unique key, a job runs once, at the later moment, with its first payload."""
    put(db, clock, 1, unique_key="album:1")
    put(db, clock, 2, unique_key="album:1", run_at=clock() + timedelta(seconds=4))
    put(db, clock, 3, unique_key="album:1", run_at=clock() + timedelta(seconds=1))
    assert jobs.claim(db, clock.advance(3)) == []
    assert take_at(db, clock, 1).payload == {"n": 1}
    assert waiting(db) == 1


def test_put_while_it_runs_means_once_more(db: Engine, clock: Clock) -> None:
    """Who asks while the job runs may be too late for this run, so there is another one."""
    put(db, clock, 1, unique_key="album:1")
    job = take(db, clock)
    put(db, clock, 1, unique_key="album:1")
    finish(db, job)
    again = take(db, clock)
    assert again.attempts == 1
    finish(db, again)
    assert waiting(db) == 0


def test_put_while_it_dies_means_once_more(db: Engine, clock: Clock) -> None:
    """The same when the run ends badly: the new request is not buried with the old one."""
    put(db, clock, 1, unique_key="album:1")
    job = take(db, clock)
    put(db, clock, 1, unique_key="album:1")
    assert jobs.fail(db, job, clock(), "gone", retry=False) is False
    assert take(db, clock).attempts == 1


def test_put_again_the_dead_live(db: Engine, clock: Clock) -> None:
    """A dead job of that name does not swallow new requests for ever."""
    put(db, clock, 1, unique_key="reconcile")
    jobs.fail(db, take(db, clock), clock(), "gone", retry=False)
    put(db, clock, 1, unique_key="reconcile")
    assert take(db, clock).attempts == 1
    assert jobs.dead(db) == []


@pytest.mark.postgres
def test_two_claims_at_once_share_nothing(postgres_db: Engine, clock: Clock) -> None:
    """On PostgreSQL a claim passes over rows that another one is just taking."""
    put(postgres_db, clock, 1, 2)
    with writing(postgres_db) as conn:
        conn.execute(select(JobRow).where(JobRow.payload["n"].as_integer() == 1).with_for_update())
        assert [job.payload["n"] for job in jobs.claim(postgres_db, clock(), limit=5)] == [2]


def test_each_lane_sees_its_own_jobs_only(db: Engine, clock: Clock) -> None:
    """What is put through an engine is claimed, counted, listed as dead and retried through it alone."""
    chat = jobs.own_lane(db, "chat:1")
    put(chat, clock, 1)
    assert (jobs.claim(db, clock()), jobs.next_run_at(db)) == ([], None)
    put(db, clock, 2)
    job = take(chat, clock)
    assert (job.payload, jobs.claim(chat, clock())) == ({"n": 1}, [])
    jobs.fail(chat, job, clock(), "never", retry=False)
    assert (jobs.dead(db), jobs.retry(db, [job.id])) == ([], 0)
    with writing(db) as conn:
        jobs.forget_dead(conn, "count")
    assert [dead.id for dead in jobs.dead(chat)] == [job.id]
    assert jobs.retry(chat, [job.id]) == 1
    assert (take(db, clock).payload, take(chat, clock).payload) == ({"n": 2}, {"n": 1})


def test_keys_of_two_lanes_have_nothing_to_do_with_each_other(db: Engine, clock: Clock) -> None:
    """Neither waits for the other's first job, and each has its own job of a unique key."""
    chat = jobs.own_lane(db, "chat:1")
    put(db, clock, 1, key="seller:1")
    put(chat, clock, 2, key="seller:1")
    assert (take(chat, clock).payload, take(db, clock).payload) == ({"n": 2}, {"n": 1})
    put(db, clock, 3, unique_key="album:1")
    put(chat, clock, 4, unique_key="album:1")
    assert (take(chat, clock).payload, take(db, clock).payload) == ({"n": 4}, {"n": 3})

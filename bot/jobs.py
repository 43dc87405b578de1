"""Background work that survives: a table of jobs, each held by a lease while it is done.

A job is put in the transaction that makes it necessary, and finished in the transaction that does it. A
worker that dies loses its lease, and another worker goes on; so a job may run twice, but ends once.

Jobs of one `key` and `kind` run one at a time in the order they were put, also while the first of them waits
to be tried again. Only a dead job lets the next ones pass: what no retry can mend must not silence a seller
for ever. It stays in the list of the dead, and runs when a person asks for it.

Every engine works in one lane of the table: what is put through it is claimed through it, and nothing else.
The service works in the unnamed lane.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    Select,
    Update,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from models import JobRow
from models.base import UtcTime
from models.database import reading, writing

MAX_ATTEMPTS = 8
FIRST_WAIT_S = 2
LONGEST_WAIT_S = 600
# With the time between two looks at the table, a dead worker's job goes on within 15 seconds.
LEASE_S = 12
SHARES, LARGEST_SHARE = 4, 8
"""A crowd is shared out among so many, in shares of at most so many jobs."""

_job = JobRow.__table__
_columns = _job.c


class Retry(Exception):
    """A task's word for "not now": try again after `after_s` seconds, or after the usual back-off.

    The reason is kept and shown: it holds no text of a message and no number of a person.
    """

    def __init__(self, reason: str, after_s: float | None = None) -> None:
        super().__init__(reason)
        self.after_s = after_s


class Dead(Exception):
    """A task's word for "never": trying again cannot help. The reason is kept and shown, as for `Retry`."""


class LostLease(Exception):
    """The job is no longer ours: its lease ran out and another worker has it. Roll back what was done."""


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to put. `run_at` None is at once; of jobs with an equal `unique_key` only one waits."""

    kind: str
    payload: dict[str, Any]
    key: str | None = None
    run_at: datetime | None = None
    unique_key: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed job. `attempts` counts this one, from 1; `token` proves the lease; `puts` as in the table."""

    id: int
    kind: str
    key: str | None
    payload: dict[str, Any]
    attempts: int
    token: str
    puts: int


@dataclass(frozen=True, slots=True)
class DeadJob:
    """A job that nobody tries any more, as `dead list` shows it."""

    id: int
    kind: str
    key: str | None
    attempts: int
    error: str | None
    created_at: datetime


def own_lane(engine: Engine, lane: str) -> Engine:
    """The same database, seen by somebody whose jobs are nobody else's, and who takes nobody else's.

    The lane goes with the engine and not with each job, so that no task can forget to pass it on.
    """
    return engine.execution_options(lane=lane)


def put(
    conn: Connection,
    kind: str,
    payload: dict[str, Any],
    *,
    now: datetime,
    key: str | None = None,
    run_at: datetime | None = None,
    unique_key: str | None = None,
) -> None:
    """Put one job in the caller's transaction.

    If one with this `unique_key` waits already, it keeps its payload and at most moves later; if it runs
    right now it will run once more; if it is dead it lives again.
    """
    put_many(conn, [NewJob(kind, payload, key, run_at, unique_key)], now=now)


def put_many(conn: Connection, jobs: Sequence[NewJob], *, now: datetime) -> None:
    """Put several jobs, in this order, in the caller's transaction."""
    lane = lane_of(conn)
    plain = [_values(job, lane, now) for job in jobs if job.unique_key is None]
    unique = [_values(job, lane, now) for job in jobs if job.unique_key is not None]
    if plain:
        conn.execute(_INSERT, plain)
    for values in unique:
        conn.execute(_UPSERT[conn.dialect.name], values)


def claim(
    engine: Engine,
    now: datetime,
    *,
    kinds: Sequence[str] | None = None,
    lease_s: float = LEASE_S,
    limit: int = 1,
) -> list[Job]:
    """Take up to `limit` due jobs, the longest due first, and hold them for `lease_s` seconds.

    A job whose worker died in each of its attempts is laid with the dead instead.
    """
    due = _DUE.limit(limit) if kinds is None else _DUE.where(_columns.kind.in_(kinds)).limit(limit)
    return _claim(engine, now, due, lease_s, lambda rows: rows)


def claim_share(engine: Engine, now: datetime, alike: str, lease_s: float = LEASE_S) -> list[Job]:
    """Take the job that is due longest; of a crowd of kind `alike` a worker's share at once.

    A share is small beside what is due, so that others have theirs, and of one kind whose jobs are short, so
    that none waits behind a long one.
    """

    def share(rows: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
        leading = takewhile(lambda row: row.kind == alike, rows)
        return rows[: max(1, len(list(leading)) // SHARES)]

    return _claim(engine, now, _DUE_MANY, lease_s, share)


def _claim(
    engine: Engine,
    now: datetime,
    due: Select[Any],
    lease_s: float,
    chosen: Callable[[Sequence[Row[Any]]], Sequence[Row[Any]]],
) -> list[Job]:
    mine = {"now": now, "lane": lane_of(engine)}
    if engine.dialect.name == "sqlite":
        # A look costs no write lock; an idle worker must not stand in the way of the web.
        with reading(engine) as conn:
            if conn.execute(_DUE.limit(1), mine).first() is None:
                return []
    with writing(engine) as conn:
        rows = chosen(conn.execute(due.with_for_update(skip_locked=True, of=_job), mine).all())
        worn = [row.id for row in rows if row.attempts >= MAX_ATTEMPTS]
        if worn:
            conn.execute(
                update(_job)
                .where(_columns.id.in_(worn))
                .values(status="dead", lease_token=None, lease_until=None, error="its worker died each time")
            )
        return _lease(conn, [row for row in rows if row.id not in worn], now, lease_s)


def renew(engine: Engine, job: Job, now: datetime, lease_s: float = LEASE_S) -> bool:
    """Hold the job for `lease_s` seconds from now; False when it is no longer ours."""
    with writing(engine) as conn:
        held = _held(job).values(lease_until=now + timedelta(seconds=lease_s))
        return conn.execute(held).rowcount == 1


def finish(conn: Connection, job: Job) -> None:
    """End the job in the task's own transaction. Raises LostLease when it is no longer ours."""
    done = delete(_job).where(
        _columns.id == job.id, _columns.lease_token == job.token, _columns.puts == job.puts
    )
    if conn.execute(done).rowcount == 0:
        _run_again(conn, job)


def fail(
    engine: Engine, job: Job, now: datetime, error: str, retry: bool = True, after_s: float | None = None
) -> bool:
    """Give a failed job back: to be tried again later, or to the dead. Answers whether it is dead now.

    The waits are 2, 4, 8 … seconds, at most ten minutes, unless `after_s` says otherwise. Nothing happens
    when the job is no longer ours.
    """
    with writing(engine) as conn:
        if retry and job.attempts < MAX_ATTEMPTS:
            wait = min(FIRST_WAIT_S * 2 ** (job.attempts - 1), LONGEST_WAIT_S) if after_s is None else after_s
            later = now + timedelta(seconds=wait)
            conn.execute(_held(job).values(lease_token=None, lease_until=None, run_at=later, error=error))
            return False
        dead = _held(job).where(_columns.puts == job.puts)
        changes = {"status": "dead", "lease_token": None, "lease_until": None, "error": error}
        if conn.execute(dead.values(**changes)).rowcount == 1:
            return True
        with suppress(LostLease):
            _run_again(conn, job)
        return False


def wait(engine: Engine, job: Job, now: datetime, reason: str, after_s: float) -> None:
    """Give back a job that is not to blame, for what it needs is away: this attempt does not bring its end.

    Nothing happens when the job is no longer ours.
    """
    # Never back to 0: as a job that was tried and failed it holds up the later ones of its key.
    attempts = case((_columns.attempts > 1, _columns.attempts - 1), else_=1)
    later = now + timedelta(seconds=after_s)
    values = {"lease_token": None, "lease_until": None, "run_at": later, "error": reason}
    with writing(engine) as conn:
        conn.execute(_held(job).values(**values, attempts=attempts))


def dead(engine: Engine) -> list[DeadJob]:
    """The jobs that nobody tries any more, the oldest first."""
    wanted = select(*(_columns[name] for name in DeadJob.__dataclass_fields__))
    mine = (_columns.lane == lane_of(engine), _columns.status == "dead")
    with reading(engine) as conn:
        rows = conn.execute(wanted.where(*mine).order_by(_columns.id)).all()
    return [DeadJob(*row) for row in rows]


def retry(engine: Engine, ids: Sequence[int]) -> int:
    """Let dead jobs run again at once, with all their attempts; answers how many there were."""
    alive = (
        update(_job)
        .where(_columns.id.in_(ids), _columns.lane == lane_of(engine), _columns.status == "dead")
        .values(status="ready", attempts=0, error=None)
    )
    with writing(engine) as conn:
        return conn.execute(alive).rowcount


def cancel(conn: Connection, unique_key: str) -> None:
    """Take back a job of this key that nobody has begun: what it was put for has happened."""
    waiting = (_columns.lane == lane_of(conn), _columns.unique_key == unique_key, _columns.status == "ready")
    conn.execute(delete(_job).where(*waiting, _columns.lease_until.is_(None)))


def forget_dead(conn: Connection, kind: str) -> None:
    """Drop the dead jobs of a kind whose next job does all that they left undone."""
    dead = (_columns.lane == lane_of(conn), _columns.kind == kind, _columns.status == "dead")
    conn.execute(delete(_job).where(*dead))


def due(conn: Connection, kind: str, now: datetime) -> int:
    """How many jobs of a kind may run at `now` and have not ended."""
    waiting = (_columns.lane == lane_of(conn), _columns.status == "ready", _columns.run_at <= now)
    return conn.scalar(select(func.count()).where(*waiting, _columns.kind == kind)) or 0


def next_run_at(engine: Engine) -> datetime | None:
    """When the next job is due; None when none waits."""
    with reading(engine) as conn:
        moment: datetime | None = conn.execute(
            select(func.min(_columns.run_at)).where(
                _columns.lane == lane_of(engine), _columns.status == "ready"
            )
        ).scalar()
    return moment


def lane_of(of: Engine | Connection) -> str:
    """The lane of this engine; the service's has no name."""
    return str(of.get_execution_options().get("lane", ""))


def _values(job: NewJob, lane: str, now: datetime) -> dict[str, Any]:
    return {
        "lane": lane,
        "kind": job.kind,
        "key": job.key,
        "payload": job.payload,
        "run_at": job.run_at or now,
        "unique_key": job.unique_key,
        "created_at": now,
        "attempts": 0,
        "status": "ready",
        "puts": 1,
    }


def _due() -> Select[Any]:
    """Jobs that may run: due, not held, and none of their key and kind before them.

    A job put for a later moment holds up nobody until that moment comes; one that was tried and failed does.
    """
    now = bindparam("now", type_=UtcTime)
    before = _job.alias("before")
    waits_for = exists().where(
        before.c.lane == _columns.lane,
        before.c.key == _columns.key,
        before.c.kind == _columns.kind,
        before.c.id < _columns.id,
        before.c.status == "ready",
        or_(before.c.run_at <= now, before.c.attempts > 0),
    )
    return (
        select(_job)
        .where(
            _columns.lane == bindparam("lane"),
            _columns.status == "ready",
            _columns.run_at <= now,
            or_(_columns.lease_until.is_(None), _columns.lease_until <= now),
            or_(_columns.key.is_(None), ~waits_for),
        )
        .order_by(_columns.run_at, _columns.id)
    )


def _lease(conn: Connection, rows: Sequence[Row[Any]], now: datetime, lease_s: float) -> list[Job]:
    if not rows:
        return []
    token = uuid4().hex
    conn.execute(
        update(_job)
        .where(_columns.id.in_([row.id for row in rows]))
        .values(
            lease_token=token,
            lease_until=now + timedelta(seconds=lease_s),
            attempts=_columns.attempts + 1,
        )
    )
    return [Job(row.id, row.kind, row.key, row.payload, row.attempts + 1, token, row.puts) for row in rows]


def _held(job: Job) -> Update:
    return update(_job).where(_columns.id == job.id, _columns.lease_token == job.token)


def _run_again(conn: Connection, job: Job) -> None:
    """It was asked for once more while it ran, so what asked may have come too late for this run."""
    fresh = _held(job).values(lease_token=None, lease_until=None, attempts=0)
    if conn.execute(fresh).rowcount == 0:
        raise LostLease(f"job {job.id} ({job.kind})")


def _upsert(dialect: Any) -> Any:
    statement = dialect.insert(_job)
    later = statement.excluded.run_at
    return statement.on_conflict_do_update(
        index_elements=["lane", "unique_key"],
        set_={
            "run_at": case((later > _columns.run_at, later), else_=_columns.run_at),
            "puts": _columns.puts + 1,
            "attempts": case((_columns.status == "dead", 0), else_=_columns.attempts),
            "status": "ready",
        },
    )


_DUE = _due()
_DUE_MANY = _DUE.limit(SHARES * LARGEST_SHARE)
_INSERT = insert(_job).inline()
_UPSERT = {"sqlite": _upsert(sqlite).inline(), "postgresql": _upsert(postgresql).inline()}

"""The loop that runs tasks, one job at a time; start as many as you like, on as many machines."""

from __future__ import annotations

import signal
import threading
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import structlog

from bot import jobs
from bot.jobs import Job
from bot.media.store import StoreDown
from bot.metrics import FAILURES
from bot.tasks import TASKS
from bot.tasks.workshop import Workshop
from models.database import writing

IDLE_S = 0.2
RECONCILE_EVERY_S = 300
SWEEP_EVERY_S = 86_400
SWEEP_AT_S = 77_400
"""Seconds after midnight UTC: three o'clock at night in India."""
OLD_DRAFTS_AT_S = 18_000
"""Seconds after midnight UTC: half past ten in India, for it writes to people."""
STORE_WAIT_S = 30
"""Before a job looks again for a media store that is full or away."""

log = structlog.get_logger("worker")


class Worker:
    """Runs due jobs of `shop`. Set `wake` after a commit to have the next job looked for at once.

    `lease_s`: seconds that a job is held, renewed while its task runs.
    """

    def __init__(
        self,
        shop: Workshop,
        name: str = "worker",
        wake: threading.Event | None = None,
        lease_s: float = jobs.LEASE_S,
    ) -> None:
        self.shop = shop
        self.name = name
        self.lease_s = lease_s
        self.wake = wake or threading.Event()
        self._in_hand: Job | None = None
        self._next_round: datetime | None = None

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; the job in hand is finished, no new one is taken."""
        done = threading.Event()
        heart = threading.Thread(target=self._beat, args=(done,), name=f"{self.name}-heart", daemon=True)
        heart.start()
        log.info("worker_started", worker=self.name)
        try:
            while not stop.is_set():
                if not self._step():
                    self.wake.wait(IDLE_S)
                    self.wake.clear()
        finally:
            done.set()
            heart.join()
            log.info("worker_stopped", worker=self.name)

    def run_once(self) -> bool:
        """Run the job that is due longest; False when none is due."""
        return self._take(self.shop.clock())

    def drain(self, until: datetime | None = None) -> int:
        """Run all that is due at `until` (default: now by the shop's clock), in that order; answers how many.

        The clock stands still meanwhile: a job that fails waits for its next moment.
        """
        count = 0
        while self._take(until or self.shop.clock()):
            count += 1
        return count

    def _step(self) -> bool:
        """One look at the table; what fails outside a task (a database that is down) is waited for."""
        try:
            self._keep_house()
            return self.run_once()
        except Exception as error:
            log.error("worker_failed", worker=self.name, error=type(error).__name__, place=_place(error))
            return False

    def _take(self, now: datetime) -> bool:
        claimed = jobs.claim_share(self.shop.db, now, alike="send_message", lease_s=self.lease_s)
        fresh_until = time.monotonic() + self.lease_s / 3
        for job in claimed:
            # What was claimed long ago may be another worker's by now.
            if time.monotonic() > fresh_until and not self._still_ours(job):
                continue
            self._in_hand = job
            try:
                self._do(job)
            finally:
                self._in_hand = None
        return bool(claimed)

    def _still_ours(self, job: Job) -> bool:
        return jobs.renew(self.shop.db, job, self.shop.clock(), self.lease_s)

    def _do(self, job: Job) -> None:
        try:
            task = TASKS.get(job.kind)
            if task is None:
                raise jobs.Dead(f"no task is called {job.kind}")
            task(self.shop, job)
        except jobs.LostLease:
            log.warning("lease_lost", kind=job.kind, job=job.id)
        except jobs.Retry as wanted:
            self._give_back(job, str(wanted), after_s=wanted.after_s)
        except StoreDown as down:
            self._wait_for_store(job, str(down))
        except jobs.Dead as end:
            self._give_back(job, str(end), retry=False)
        except Exception as error:
            # The words of a strange exception may be hers: only its type and place are told.
            FAILURES.labels(job.kind, type(error).__name__).inc()
            self._give_back(job, f"{type(error).__name__} at {_place(error)}")

    def _wait_for_store(self, job: Job, reason: str) -> None:
        """However long a bucket is away or a disk is full, no job dies of it."""
        FAILURES.labels(job.kind, "store").inc()
        jobs.wait(self.shop.db, job, self.shop.clock(), reason, STORE_WAIT_S)
        log.error("store_down", kind=job.kind, job=job.id, error=reason, again_in_s=STORE_WAIT_S)

    def _give_back(self, job: Job, reason: str, retry: bool = True, after_s: float | None = None) -> None:
        """A task counts the failures that it knows; here are counted the dead and the unexpected."""
        dead = jobs.fail(self.shop.db, job, self.shop.clock(), reason, retry, after_s)
        if dead:
            FAILURES.labels(job.kind, "dead").inc()
        tell = log.error if dead else log.warning
        tell(
            "job_dead" if dead else "job_failed", kind=job.kind, job=job.id, tries=job.attempts, error=reason
        )

    def _beat(self, done: threading.Event) -> None:
        """Renew the lease of a long job from beside it."""
        while not done.wait(self.lease_s / 3):
            job = self._in_hand
            if job is None:
                continue
            try:
                jobs.renew(self.shop.db, job, self.shop.clock(), self.lease_s)
            except Exception as error:
                log.warning("lease_not_renewed", kind=job.kind, job=job.id, error=type(error).__name__)

    def _keep_house(self) -> None:
        """Put `reconcile` and `count_figures` for each coming fifth minute, `sweep_media` for each night.

        All workers name the same minute, so they ask for one job, however many they are.
        """
        now = self.shop.clock()
        if self._next_round is not None and now < self._next_round:
            return
        mark, coming = _next(now, RECONCILE_EVERY_S)
        night, at_night = _next(now, SWEEP_EVERY_S, SWEEP_AT_S)
        day, at_day = _next(now, SWEEP_EVERY_S, OLD_DRAFTS_AT_S)
        with writing(self.shop.db) as conn:
            # The next one looks at all that a dead one left undone.
            jobs.forget_dead(conn, "reconcile")
            if self._next_round is None:
                jobs.put(conn, "reconcile", {}, now=now, unique_key="reconcile:start")
            jobs.put(conn, "reconcile", {}, now=now, run_at=coming, unique_key=f"reconcile:{mark}")
            jobs.put(conn, "count_figures", {}, now=now, run_at=coming, unique_key=f"figures:{mark}")
            jobs.put(conn, "sweep_media", {}, now=now, run_at=at_night, unique_key=f"sweep:{night}")
            jobs.put(conn, "old_drafts", {}, now=now, run_at=at_day, unique_key=f"old_drafts:{day}")
        self._next_round = coming


def _next(now: datetime, every_s: int, at_s: int = 0) -> tuple[int, datetime]:
    """The next round moment after `now`, in seconds since 1970 and as a moment."""
    mark = ((int(now.timestamp()) - at_s) // every_s + 1) * every_s + at_s
    return mark, datetime.fromtimestamp(mark, UTC)


def run_together(shop: Workshop, name: str, count: int, stop: threading.Event) -> None:
    """Run `count` workers in threads until `stop`: one long download holds up nobody's answer."""
    workers = [Worker(shop, f"{name}-{number}") for number in range(1, count + 1)]
    threads = [threading.Thread(target=worker.run, args=(stop,), name=worker.name) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set; call it in the main thread, before `run`."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        # The handler may interrupt this very thread inside the event's own lock: set it from another one.
        threading.Thread(target=stop.set, daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    return stop


def _place(error: Exception) -> str:
    """File and line where it was raised, without a word of what it said."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"

"""The long-running processes: `serve` (web, and a worker beside it) and `work` (a worker alone)."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import structlog

from bot.settings import ROOT, Settings

log = structlog.get_logger("serve")
THREADS = 4
"""Requests at once in one web process."""
WORKERS = 4
"""Jobs at once in one worker process: one slow download must not hold up another seller's answer."""
RESTART_AFTER_S = 2.0
PARENT = "SANGWARI_SERVE"
"""Not a setting: by this variable `serve` tells the processes that it starts whose they are."""


def serve(settings: Settings, host: str, port: int, worker: bool) -> int:
    """Serve until SIGTERM or Ctrl-C; the requests in hand are finished and the worker ends its job."""
    settings.require_secrets()
    if (settings.sms_gateway or settings.call_provider) and not settings.simulator:
        from bot.channels import open_channels
        from bot.channels.exchange import exchange

        open_channels(settings)  # here it says what the gateway lacks; in a process below it would be lost
        exchange(settings)
    if settings.simulator:
        _prepare_simulator(host, port)
    os.environ[PARENT] = str(os.getpid())
    # Only here: granian's workers import this module anew, and the parent needs nothing of the application.
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces

    beside = _Beside() if worker else None
    try:
        Granian(
            "app:create_app",
            factory=True,
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            http=HTTPModes.http1,
            blocking_threads=threads(settings),
            websockets=False,
            respawn_failed_workers=True,
            working_dir=ROOT,
            log_level="warning",  # type: ignore[arg-type]
        ).serve()
    finally:
        if beside:
            beside.stop()
    return 0


def end_with_parent() -> None:
    """Let this process end when the `serve` that started it was killed and could not see to it.

    Otherwise it would go on beside the next `serve`, with the code and the secrets of before.
    """
    parent = os.environ.get(PARENT)

    def watch() -> None:
        while str(os.getppid()) == parent:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)

    if parent:
        threading.Thread(target=watch, name="parent", daemon=True).start()


def threads(settings: Settings) -> int:
    """With files on this machine a second thread only fights for the interpreter (measured: a tenth slower).

    PostgreSQL and S3 are waited for, and the simulator's page calls its own server.
    """
    here = settings.database_url.startswith("sqlite:") and settings.media_url.startswith("file:")
    return 1 if here and not settings.simulator else THREADS


def _prepare_simulator(host: str, port: int) -> None:
    """Development secrets of this start, shared with the processes below by the environment."""
    reachable = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 (an address to compare with)
    os.environ.setdefault("PUBLIC_URL", f"http://{reachable}:{port}")
    os.environ.setdefault("TWILIO_AUTH_TOKEN", secrets.token_hex(16))
    os.environ.setdefault("SECRET_KEY", secrets.token_hex(16))
    sys.stdout.write(f"simulator: http://{host}:{port}/simulator\n")
    sys.stdout.flush()


class _Beside:
    """The worker process of `serve`, started again when it dies."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._process = self._start()
        threading.Thread(target=self._watch, daemon=True).start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, str(ROOT / "app.py"), "work"], cwd=ROOT)

    def _watch(self) -> None:
        while not self._stopping.is_set():
            code = self._process.wait()
            if self._stopping.wait(RESTART_AFTER_S):
                return
            log.error("worker_died", code=code)
            self._process = self._start()

    def stop(self) -> None:
        self._stopping.set()
        self._process.terminate()
        self._process.wait()


def work(settings: Settings) -> int:
    """Run jobs until SIGTERM; the job in hand is finished."""
    from bot.channels import open_channels
    from bot.media.store import MediaStore
    from bot.talk import Talk
    from bot.tasks.workshop import Workshop
    from bot.worker import run_together, stop_on_signals
    from models.database import connect, migrate

    settings.require_secrets()
    stop = stop_on_signals()
    end_with_parent()
    db = connect(settings.database_url)
    migrate(db)
    shop = Workshop(
        db=db,
        settings=settings,
        store=MediaStore(settings.media_url),
        channels=dict(open_channels(settings)),
        talk=Talk.load(settings),
        clock=lambda: datetime.now(UTC),
    )
    run_together(shop, f"worker-{os.getpid()}", WORKERS, stop)
    return 0

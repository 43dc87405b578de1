"""`app.py serve` is one thing: killed in part it mends itself, killed as a whole it leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from bot.settings import ROOT
from tests.killed_house import free_port, until

pytestmark = pytest.mark.slow


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def serve(tmp_path: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A running simulator; all that is left of it at the end is killed."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "app.py"), "serve", "--port", str(port)],
        cwd=ROOT,
        env=os.environ | {"SIMULATOR": "1", "VAR_DIR": str(tmp_path), "DATABASE_URL": "", "QUEUE_URL": ""},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    until(lambda: answers(port))
    yield process
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def answers(port: int) -> bool:
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.get(f"http://127.0.0.1:{port}/readyz", timeout=2).status_code == 200
        except requests.RequestException:
            return False


def children(pid: int) -> dict[str, int]:
    """The living processes that it started: `web` and `work`."""
    found = {}
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in thread.read_text().split():
            words = Path(f"/proc/{child}/cmdline").read_bytes()
            found["work" if words.endswith(b"work\0") else "web"] = int(child)
    return found


@pytest.mark.parametrize("name", ["web", "work"])
def test_a_part_that_dies_comes_back(serve: subprocess.Popen[bytes], port: int, name: str) -> None:
    """kill -9 of the web process or of the worker beside it: there is a new one, and the door answers."""
    before = children(serve.pid)
    os.kill(before[name], signal.SIGKILL)
    until(lambda: children(serve.pid).get(name) not in (None, before[name]), 20)
    until(lambda: answers(port), 20)
    assert serve.poll() is None


def test_what_serve_started_ends_with_it(serve: subprocess.Popen[bytes], port: int) -> None:
    """kill -9 of `serve` alone: web and worker end by themselves, and the port is free."""
    started = children(serve.pid)
    assert set(started) == {"web", "work"}
    serve.kill()
    serve.wait()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started.values()), 20)
    assert not answers(port)


def test_sigterm_ends_all_of_it(serve: subprocess.Popen[bytes]) -> None:
    """Status 0, and nothing is left running."""
    started = children(serve.pid)
    serve.terminate()
    assert serve.wait(30) == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in started.values())

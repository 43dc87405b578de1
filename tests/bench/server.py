"""A server process to measure: started, pinned, watched through /proc, stopped."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
START_LIMIT_S = 60
TICKS = os.sysconf("SC_CLK_TCK")


class NoStart(Exception):
    """The server did not answer in time or ended; the message carries the end of its log."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: `start_s` is the time from its start to its first answer."""

    pid: int
    port: int
    start_s: float

    def cpu_s(self) -> float:
        """CPU seconds that its processes have used so far."""
        ticks = 0
        for pid in processes(self.pid):
            numbers = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(numbers[11]) + int(numbers[12])
        return ticks / TICKS

    def pss_mb(self) -> float:
        """Memory of its processes, shared pages counted once (PSS)."""
        kilobytes = 0
        for pid in processes(self.pid):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    kilobytes += int(line.split()[1])
        return kilobytes / 1024


def processes(root: int) -> list[int]:
    """A process and all its descendants."""
    found = [root]
    for pid in found:
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            found += [int(child) for child in children.read_text().split()]
    return found


def cores() -> tuple[set[int], set[int]]:
    """The cores for the server and for the load: apart where there are two, else both on all."""
    available = sorted(os.sched_getaffinity(0))
    if len(available) < 2:
        return set(available), set(available)
    return {available[-1]}, set(available[:-1])


@contextmanager
def pinned(chosen: set[int]) -> Iterator[None]:
    """Processes started inside stay on the chosen cores: they inherit ours, which we take back at the end."""
    ours = os.sched_getaffinity(0)
    os.sched_setaffinity(0, chosen)
    try:
        yield
    finally:
        os.sched_setaffinity(0, ours)


@contextmanager
def running(command: list[str], environ: dict[str, str], log: Path, where: Path) -> Iterator[Server]:
    """Start `command` with `--port N` added in the folder `where`, wait for /healthz, end it with SIGTERM.

    Its processes stay on the cores that the caller is on.
    """
    port = free_port()
    started = time.perf_counter()
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, "--port", str(port)],
            env=environ,
            cwd=where,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        _wait(process, port, log)
        yield Server(process.pid, port, time.perf_counter() - started)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    limit = time.perf_counter() + START_LIMIT_S
    while time.perf_counter() < limit and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://{HOST}:{port}/healthz", timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.005)
        else:
            return
    raise NoStart(f"no answer from {process.args!r}:\n{log.read_text(errors='replace')[-2000:]}")

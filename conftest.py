"""Which real parts the tests may use, and a last word on every test that was left out.

A test that needs a real part carries its marker. Where the part is not reachable the test is skipped with
the reason; with REQUIRE_SERVICES=1 (the check machine) such a test fails instead.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")


def _port(number: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", number), timeout=1).close()
    except OSError:
        return False
    return True


def _twilio_openapi() -> bool:
    folder = os.environ.get("TWILIO_OPENAPI", "")
    return bool(folder) and (Path(folder) / "messages.json").is_file() and shutil.which("npx") is not None


REAL_PARTS: dict[str, tuple[str, Callable[[], bool]]] = {
    "postgres": ("PostgreSQL at 127.0.0.1:5432 is not reachable", lambda: _port(5432)),
    "redis": ("Redis at 127.0.0.1:6379 is not reachable", lambda: _port(6379)),
    "rabbitmq": ("RabbitMQ at 127.0.0.1:5672 is not reachable", lambda: _port(5672)),
    "chromium": ("no chromium on the path", lambda: any(map(shutil.which, CHROMIUM_NAMES))),
    "npm": ("no npm on the path, from which axe-core comes", lambda: shutil.which("npm") is not None),
    "twilio_openapi": (
        "TWILIO_OPENAPI names no folder with messages.json, or npx is missing",
        _twilio_openapi,
    ),
}
REQUIRED = os.environ.get("REQUIRE_SERVICES") == "1"
_reachable: dict[str, bool] = {}
_deselected: Counter[str] = Counter()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose real part is missing, saying which."""
    for mark in item.iter_markers():
        if mark.name not in REAL_PARTS:
            continue
        reason, probe = REAL_PARTS[mark.name]
        if mark.name not in _reachable:
            _reachable[mark.name] = probe()
        if not _reachable[mark.name]:
            pytest.skip(f"{mark.name}: {reason}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip of a real part into a failure where REQUIRE_SERVICES=1."""
    report = yield
    needs = {mark.name for mark in item.iter_markers()} & set(REAL_PARTS)
    if REQUIRED and needs and report.skipped:
        report.outcome = "failed"
        report.longrepr = (
            f"left out although REQUIRE_SERVICES=1: {', '.join(sorted(needs))}: {report.longrepr}"
        )
    return report


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Count what `-m` left out, by marker."""
    for item in items:
        _deselected["slow" if item.get_closest_marker("slow") else "by choice"] += 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A parallel run's workers hand their counts to the process that prints."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["deselected"] = dict(_deselected)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Each worker collects every test, so their counts are the same: keep the largest."""
    global _deselected
    _deselected |= Counter(getattr(node, "workeroutput", {}).get("deselected", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end how many tests were left out, and why."""
    reasons: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[text.removeprefix("Skipped: ")] += 1
    reasons.update({f"{name} (make check runs them)": count for name, count in _deselected.items()})
    if reasons:
        terminalreporter.section("left out")
        for reason, count in sorted(reasons.items()):
            terminalreporter.line(f"{count:5d} × {reason}")

"""The bench measures what it says it does, in the form that others read."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SPREADS = {
    "turn": {
        "ratio_to_bare",
        "turns_per_s",
        "bare_turns_per_s",
        "p50_ms",
        "p99_ms",
        "cpu_ms",
        "rss_mb",
        "start_s",
    },
    "photo": {"cpu_ms", "peak_mb"},
    "voice": {"decode_s"},
}


@pytest.mark.slow
def test_bench_prints_the_figures_as_json() -> None:
    """`app.py bench --json`: median, min and max of every figure; both sides on the same store, on disk."""
    done = subprocess.run(
        [sys.executable, "app.py", "bench", "--json", "--rounds", "1", "--talks", "2"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["turn"].pop("store"), found["turn"].pop("synchronous")) == ("sqlite", "FULL")
    assert {part: set(figures) for part, figures in found.items()} == SPREADS
    for figures in found.values():
        for spread in figures.values():
            assert set(spread) == {"median", "min", "max"}
            assert 0 < spread["min"] <= spread["median"] <= spread["max"]


@pytest.mark.slow
def test_what_a_photo_costs_can_be_measured_alone() -> None:
    """`app.py bench --photos`: CPU and memory of one large photo, without the talk."""
    command = [sys.executable, "app.py", "bench", "--photos", "--json", "--rounds", "1"]
    found = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout)
    assert {part: set(figures) for part, figures in found.items()} == {"photo": SPREADS["photo"]}
    assert 0 < found["photo"]["peak_mb"]["max"] <= 150


@pytest.mark.slow
def test_how_fast_a_worker_sends_can_be_measured_alone() -> None:
    """`app.py bench --send`: nobody's message is lost, doubled or out of order, and the figures are there."""
    command = [sys.executable, "app.py", "bench", "--send", "--json", "--rounds", "1", "--talks", "2"]
    found = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout)
    assert set(found) == {"send"} and set(found["send"]) == {"messages_per_s", "calls_per_s", "ratio_to_bare"}

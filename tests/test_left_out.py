"""Tests that need a part which is not there: left out and told, or failed where nothing may be left out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SUITE = """
import pytest

@pytest.mark.twilio_openapi
def test_with_the_documents(): pass

@pytest.mark.slow
def test_slow(): pass

def test_plain(): pass
"""


def run(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """A small suite under our conftest, on a machine without Twilio's documents."""
    shutil.copy(ROOT / "conftest.py", folder)
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "tests").mkdir()
    (folder / "tests" / "test_suite.py").write_text(SUITE)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    kept |= {"TWILIO_OPENAPI": "", "REQUIRE_SERVICES": ""} | environ
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *arguments],
        cwd=folder,
        env=kept,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_missing_part_is_told_at_the_end(tmp_path: Path, workers: str) -> None:
    """`make test` passes without a real part and says what it left out and why, alone or on two cores."""
    done = run(tmp_path, "-n", workers, "-m", "not slow")
    assert done.returncode == 0, done.stdout
    told = done.stdout.partition(" left out ")[2]
    assert "1 × twilio_openapi: TWILIO_OPENAPI names no folder" in told
    assert "1 × slow (make check runs them)" in told


def test_where_nothing_may_be_left_out_a_missing_part_fails(tmp_path: Path) -> None:
    """With REQUIRE_SERVICES=1, as on the check machine, a test without its part fails the run."""
    done = run(tmp_path, REQUIRE_SERVICES="1")
    assert done.returncode == 1
    assert "left out although REQUIRE_SERVICES=1: twilio_openapi" in done.stdout

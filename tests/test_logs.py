"""Logs: standard error only, JSON lines, and never a whole phone number."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from bot.logs import mask

SID = "SM" + "0" * 22 + "9199999123"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("whatsapp:+919999912345", "whatsapp:…2345"),
        ("919999912345", "…2345"),
        ("99999 12345", "…2345"),
        ("+91-99999-12345 called", "…2345 called"),
        ("To=whatsapp%3A%2B919999912345&x=1", "To=whatsapp%3A%2B…2345&x=1"),
        ("९९९९९१२३४५", "…२३४५"),
        ("whatsapp:IN.a1B2c3D4e5F6g7H8", "whatsapp:IN.…g7H8"),
        (f"message {SID}", f"message {SID}"),
        ("listing 1041 costs 15000", "listing 1041 costs 15000"),
        ("", ""),
    ],
)
def test_mask(text: str, expected: str) -> None:
    """Of a number its last four digits remain; the ids of messages and small numbers stay whole."""
    assert mask(text) == expected


PROGRAM = """
import logging, structlog
from bot import logs
logs.configure()
log = structlog.get_logger("room")
log.info("heard", address="whatsapp:+919999912345", deep={"to": ["+919999912345"]}, number=919999912345)
logging.getLogger("library").warning("sent to %s", "+919999912345")
try:
    raise ValueError("no such person: +919999912345")
except ValueError:
    log.exception("failed")
"""


def test_nothing_leaks() -> None:
    """Values, nested ones, other libraries' lines and exception texts are masked; stdout stays empty."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["heard", "sent to …2345", "failed"]
    assert "ValueError: no such person: …2345" in lines[2]["exception"]
    assert "9999912345" not in done.stderr and "99999" not in done.stderr

"""One round of one side: start it on a fresh database, warm it, measure it, check what it did."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench import server, store, talk

ROOT = Path(__file__).resolve().parent.parent.parent
LANES = 8
WARM_TALKS = 3


class Untrue(Exception):
    """The run measured something else than whole talks: a refused request, or a talk without its listing."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two servers: `command` takes `--port N`; a whole talk leaves one row in `leaves`."""

    name: str
    command: list[str]
    leaves: str
    environ: dict[str, str] = field(default_factory=dict)


GRANIAN = [sys.executable, "-m", "granian", "--interface", "wsgi", "--blocking-threads", "1"]
BARE = Side("bare", [*GRANIAN, "tests.bench.bare:app"], leaves="conversation")
PRODUCT = Side(
    "product",
    [sys.executable, "app.py", "serve", "--web-only"],
    leaves="listing",
    environ={
        "PUBLIC_URL": talk.PUBLIC_URL,
        "SECRET_KEY": "bench",
        "API_TOKEN": "bench",
        "TWILIO_ACCOUNT_SID": talk.ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": talk.AUTH_TOKEN,
        "TWILIO_WHATSAPP_FROM": talk.OUR_NUMBER,
        "SIMULATOR": "",
    },
)


def measure(side: Side, folder: Path, talks: int, database: str | None = None) -> dict[str, float]:
    """Measure one side: one seller at a time for the latencies, then eight at once, `talks` talks each.

    Raises Untrue; times are ms or s as their names say, memory is MB.
    """
    with store.fresh(database, folder) as url:
        environ = os.environ | side.environ | {"DATABASE_URL": url, "VAR_DIR": str(folder)}
        with server.running(side.command, environ, folder / f"{side.name}.log", ROOT) as web:
            load(web.port, [_talks(0, WARM_TALKS)])
            single = load(web.port, [_talks(WARM_TALKS, talks)])
            lanes = [_talks(lane * 10_000, talks) for lane in range(1, LANES + 1)]
            cpu = web.cpu_s()
            many = load(web.port, lanes)
            cpu = web.cpu_s() - cpu
            memory = web.pss_mb()
        done, sent = store.count(url, side.leaves), WARM_TALKS + talks + talks * LANES
    if done != sent:
        raise Untrue(f"{side.name}: {sent} talks left {done} rows in {side.leaves}")
    turns = sum(map(len, lanes))
    latencies = sorted(single["latencies_ms"])
    return {
        "turns_per_s": turns / many["seconds"],
        "p50_ms": latencies[len(latencies) // 2],
        "p99_ms": latencies[len(latencies) * 99 // 100],
        "cpu_ms": cpu * 1000 / turns,
        "rss_mb": memory,
        "start_s": web.start_s,
    }


def _talks(first: int, count: int) -> list[str]:
    return [request for seller in talk.sellers(first, count) for request in talk.requests_of(seller)]


def load(port: int, lanes: list[list[str]]) -> dict[str, Any]:
    """Run the load in a process of its own; raises Untrue when a request was not answered with 200."""
    plan = json.dumps({"host": server.HOST, "port": port, "lanes": lanes})
    command = [sys.executable, str(Path(__file__).with_name("load.py"))]
    with server.pinned(server.cores()[1]):
        done = subprocess.run(command, input=plan, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Untrue(done.stderr[-2000:])
    found: dict[str, Any] = json.loads(done.stdout)
    if found["failures"]:
        raise Untrue("refused: " + "\n".join(found["failures"]))
    return found

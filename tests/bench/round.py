"""One round of one side: start it on a fresh database, warm it, measure it, check what it did."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
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

    The server has a core of its own where there are two. Raises Untrue; times are ms or s as their names say,
    memory is MB.
    """
    apart, rest = server.cores()
    with store.fresh(database, folder) as url:
        with server.pinned(apart), start(side, folder, url) as web, server.pinned(rest):
            load([(web.port, talks_of(0, WARM_TALKS))])
            single = load([(web.port, talks_of(WARM_TALKS, talks))])
            cpu = web.cpu_s()
            turns, seconds = crowd([web], talks)
            cpu = web.cpu_s() - cpu
            memory = web.pss_mb()
        check(side, url, WARM_TALKS + talks + talks * LANES)
    latencies = sorted(single["latencies_ms"])
    return {
        "turns_per_s": turns / seconds,
        "p50_ms": latencies[len(latencies) // 2],
        "p99_ms": latencies[len(latencies) * 99 // 100],
        "cpu_ms": cpu * 1000 / turns,
        "rss_mb": memory,
        "start_s": web.start_s,
    }


def scale(side: Side, folder: Path, talks: int, database: str, processes: int) -> float:
    """Turns a second of this many processes on one PostgreSQL, on all cores together with the load."""
    with store.fresh(database, folder) as url, ExitStack() as open_servers:
        webs = [open_servers.enter_context(start(side, folder, url)) for _ in range(processes)]
        for number, web in enumerate(webs):
            load([(web.port, talks_of(number * WARM_TALKS, WARM_TALKS))])
        turns, seconds = crowd(webs, talks)
        open_servers.close()
        check(side, url, WARM_TALKS * processes + talks * LANES)
    return turns / seconds


def many(side: Side, folder: Path, listings: int) -> list[float]:
    """Milliseconds of every turn of one seller who hands over this many listings, after her first."""
    apart, rest = server.cores()
    seller = talk.sellers(0, 1)[0]
    with store.fresh(None, folder) as url:
        with server.pinned(apart), start(side, folder, url) as web, server.pinned(rest):
            load([(web.port, talk.requests_of(seller))])
            said = [request for _ in range(listings) for request in talk.requests_of(seller, talk.AGAIN)]
            latencies: list[float] = load([(web.port, said)])["latencies_ms"]
        check(side, url, listings + 1)
    return latencies


def start(side: Side, folder: Path, url: str) -> AbstractContextManager[server.Server]:
    """The side's server on the database at `url`; what it says goes to a file of its name."""
    environ = os.environ | side.environ | {"DATABASE_URL": url, "VAR_DIR": str(folder)}
    return server.running(side.command, environ, folder / f"{side.name}.log", ROOT)


def crowd(webs: Sequence[server.Server], talks: int) -> tuple[int, float]:
    """Eight sellers at once, spread over the servers: the turns and the seconds they took."""
    lanes = [(webs[lane % len(webs)].port, talks_of((lane + 1) * 10_000, talks)) for lane in range(LANES)]
    return sum(len(requests) for _port, requests in lanes), load(lanes)["seconds"]


def check(side: Side, url: str, talks: int) -> None:
    """Raise Untrue unless every talk left its row."""
    rows = store.count(url, side.leaves)
    if rows != talks:
        raise Untrue(f"{side.name}: {talks} talks left {rows} rows in {side.leaves}")


def talks_of(first: int, count: int) -> list[str]:
    """The requests of `count` sellers, one after the other."""
    return [request for seller in talk.sellers(first, count) for request in talk.requests_of(seller)]


def load(lanes: list[tuple[int, list[str]]]) -> dict[str, Any]:
    """Run the load in a process of its own; raises Untrue when a request was not answered with 200."""
    plan = json.dumps({"host": server.HOST, "lanes": lanes})
    command = [sys.executable, str(Path(__file__).with_name("load.py"))]
    done = subprocess.run(command, input=plan, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Untrue(done.stderr[-2000:])
    found: dict[str, Any] = json.loads(done.stdout)
    if found["failures"]:
        raise Untrue("refused: " + "\n".join(found["failures"]))
    return found

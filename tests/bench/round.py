"""One round: both sides on fresh databases, warmed, measured in turn, and checked for what they did."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench import server, store, talk

ROOT = Path(__file__).resolve().parent.parent.parent
LANES = 8
WARM_TALKS = 3
SLICES = 3
"""Each round measures A B A B A B: what disturbs the machine for a second then disturbs both."""


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
        # The limits count as always, but nobody here is stopped for being as fast as a machine.
        "LIMIT_MESSAGES_MINUTE": "1000000",
        "LIMIT_MESSAGES_DAY": "1000000",
        "LIMIT_SENT_DAY": "1000000",
        "LIMIT_SPEND_DAY": "1000000",
        "LIMIT_SPEND_DAY_ALL": "1000000",
    },
)


@dataclass(slots=True)
class Measured:
    """A running side and what it has done so far; times are seconds, latencies milliseconds."""

    webs: list[server.Server]
    talks: int = 0
    turns: int = 0
    seconds: float = 0.0
    cpu_s: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)
    pss_mb: float = 0.0

    def warm(self) -> None:
        """What the first turns load and compile is not the turn's price."""
        for web in self.webs:
            load([(web.port, self._next(WARM_TALKS))])

    def single(self, talks: int) -> None:
        """One seller after the other: the latencies."""
        self.latencies_ms += load([(self.webs[0].port, self._next(talks))])["latencies_ms"]

    def crowd(self, talks: int) -> None:
        """Eight sellers at once, spread over the processes: the turns a second and their CPU."""
        lanes = [(self.webs[lane % len(self.webs)].port, self._next(talks)) for lane in range(LANES)]
        cpu = sum(web.cpu_s() for web in self.webs)
        self.seconds += load(lanes)["seconds"]
        self.cpu_s += sum(web.cpu_s() for web in self.webs) - cpu
        self.turns += sum(len(requests) for _port, requests in lanes)
        self.pss_mb = sum(web.pss_mb() for web in self.webs)

    def figures(self) -> dict[str, float]:
        """What was measured, by the names of `bench --json`."""
        latencies = sorted(self.latencies_ms)
        return {
            "turns_per_s": self.turns / self.seconds,
            "p50_ms": latencies[len(latencies) // 2],
            "p99_ms": latencies[len(latencies) * 99 // 100],
            "cpu_ms": self.cpu_s * 1000 / self.turns,
            "rss_mb": self.pss_mb,
            "start_s": self.webs[0].start_s,
        }

    def _next(self, talks: int) -> list[str]:
        """The requests of so many new sellers, one after the other."""
        sellers = talk.sellers(self.talks, talks)
        self.talks += talks
        return [request for seller in sellers for request in talk.requests_of(seller)]


@contextmanager
def measuring(
    side: Side, folder: Path, database: str | None = None, processes: int = 1
) -> Iterator[Measured]:
    """The side's processes on a fresh database; at the end Untrue unless every talk left its row."""
    with store.fresh(database, folder) as url:
        with ExitStack() as servers:
            webs = [servers.enter_context(start(side, folder, url)) for _ in range(processes)]
            measured = Measured(webs)
            measured.warm()
            yield measured
        check(side, url, measured.talks)


def measure(folder: Path, talks: int, database: str | None = None) -> tuple[Measured, Measured]:
    """The bare limit and the product, each on the core that the load does not use, `talks` talks a seller."""
    apart, rest = server.cores()
    with ExitStack() as sides:
        with server.pinned(apart):
            both = [sides.enter_context(measuring(side, folder, database)) for side in (BARE, PRODUCT)]
        sides.enter_context(server.pinned(rest))
        slices = min(SLICES, talks)
        for step in range(slices):
            share = talks * (step + 1) // slices - talks * step // slices
            for measured in both:
                measured.single(share)
            for measured in both:
                measured.crowd(share)
    return both[0], both[1]


def scale(folder: Path, talks: int, database: str, processes: int) -> float:
    """Turns a second of so many product processes on one PostgreSQL, on all cores together with the load."""
    with measuring(PRODUCT, folder, database, processes) as measured:
        measured.crowd(talks)
    return measured.turns / measured.seconds


def many(folder: Path, listings: int) -> list[float]:
    """Milliseconds of every turn of one seller who hands over this many listings, after her first."""
    apart, rest = server.cores()
    seller = talk.sellers(90_000, 1)[0]
    with store.fresh(None, folder) as url:
        with server.pinned(apart), start(PRODUCT, folder, url) as web, server.pinned(rest):
            load([(web.port, talk.requests_of(seller))])
            said = [request for _ in range(listings) for request in talk.requests_of(seller, talk.AGAIN)]
            latencies: list[float] = load([(web.port, said)])["latencies_ms"]
        check(PRODUCT, url, listings + 1)
    return latencies


@contextmanager
def start(side: Side, folder: Path, url: str) -> Iterator[server.Server]:
    """The side's server on the database at `url`; what it says goes to a file of its name."""
    environ = os.environ | side.environ | {"DATABASE_URL": url, "VAR_DIR": str(folder)}
    with server.running(side.command, environ, folder / f"{side.name}.log", ROOT) as web:
        yield web


def check(side: Side, url: str, talks: int) -> None:
    """Raise Untrue unless every talk left its row."""
    rows = store.count(url, side.leaves)
    if rows != talks:
        raise Untrue(f"{side.name}: {talks} talks left {rows} rows in {side.leaves}")


def load(lanes: Sequence[tuple[int, list[str]]]) -> dict[str, Any]:
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

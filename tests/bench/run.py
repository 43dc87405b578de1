"""`app.py bench`: the product's turn beside the bare limit, in turn, A B A B, as ratios.

Trust the ratios; the absolute figures are this machine's, now.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.pages import pages
from tests.bench.pictures import photo_cost, voice_decode_s
from tests.bench.round import ROOT, many, measure, scale
from tests.bench.sends import sending

Spread = dict[str, float]


def spread(values: Sequence[float]) -> Spread:
    """Median, smallest and largest of the rounds."""
    return {
        "median": round(statistics.median(values), 3),
        "min": round(min(values), 3),
        "max": round(max(values), 3),
    }


def bench_turn(rounds: int, talks: int, database: str | None) -> dict[str, Any]:
    """Both sides in turn, `rounds` times, each time on fresh databases."""
    bare: list[dict[str, float]] = []
    ours: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory(dir=ROOT / "var", prefix="bench-") as place:
        for number in range(1, rounds + 1):
            for kept, measured in zip((bare, ours), measure(Path(place), talks, database), strict=True):
                kept.append(measured.figures())
            print(f"round {number}: bare {bare[-1]}\n         product {ours[-1]}", file=sys.stderr)
    ratios = [mine["turns_per_s"] / limit["turns_per_s"] for mine, limit in zip(ours, bare, strict=True)]
    found: dict[str, Any] = {
        "ratio_to_bare": spread(ratios),
        "turns_per_s": spread([one["turns_per_s"] for one in ours]),
        "bare_turns_per_s": spread([one["turns_per_s"] for one in bare]),
    }
    for name in ("p50_ms", "p99_ms", "cpu_ms", "rss_mb", "start_s"):
        found[name] = spread([one[name] for one in ours])
    return found | {"store": "postgresql" if database else "sqlite", "synchronous": "FULL"}


def bench_scale(rounds: int, talks: int, database: str) -> dict[str, Any]:
    """Two processes beside one, on PostgreSQL, with all cores."""
    one: list[float] = []
    two: list[float] = []
    with tempfile.TemporaryDirectory(dir=ROOT / "var", prefix="bench-") as place:
        for number in range(1, rounds + 1):
            one.append(scale(Path(place), talks, database, 1))
            two.append(scale(Path(place), talks, database, 2))
            print(f"round {number}: one process {one[-1]:.0f}, two {two[-1]:.0f}", file=sys.stderr)
    return {
        "ratio_two_to_one": spread([more / less for more, less in zip(two, one, strict=True)]),
        "one_turns_per_s": spread(one),
        "two_turns_per_s": spread(two),
    }


def bench_many(rounds: int, listings: int) -> dict[str, Any]:
    """Does a seller's last listing cost what her first did? Median ms a turn of ten listings each."""
    found = []
    with tempfile.TemporaryDirectory(dir=ROOT / "var", prefix="bench-") as place:
        for _ in range(rounds):
            latencies = many(Path(place), listings)
            share = len(latencies) // listings * 10
            found.append([statistics.median(part) for part in (latencies[:share], latencies[-share:])])
    return {
        "first_ms": spread([first for first, _last in found]),
        "last_ms": spread([last for _first, last in found]),
        "ratio_last_to_first": spread([last / first for first, last in found]),
        "listings": listings,
    }


def bench_sends(rounds: int, people: int, database: str | None) -> dict[str, Any]:
    """One worker and a carrier of ours: messages a second, beside the same calls with nothing around them."""
    with tempfile.TemporaryDirectory(dir=ROOT / "var", prefix="bench-") as place:
        found = [sending(Path(place), database, people) for _ in range(rounds)]
    return {name: spread([one[name] for one in found]) for name in found[0]}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the bench and print it: a table, or with --json one object."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=5, help="how often each side is measured (default 5)")
    parser.add_argument("--talks", type=int, default=25, help="talks a seller and round (default 25)")
    parser.add_argument(
        "--database",
        help="PostgreSQL URL: both sides on new databases beside it, then two processes beside one",
    )
    parser.add_argument("--many", type=int, default=0, help="also: so many listings of one seller")
    parser.add_argument("--photos", action="store_true", help="only what a photo costs")
    parser.add_argument("--send", action="store_true", help="only how fast one worker sends")
    parser.add_argument(
        "--console", type=int, default=0, metavar="PEOPLE", help="only the console's pages, so many people"
    )
    chosen = parser.parse_args(argv)
    if chosen.rounds < 1 or chosen.talks < 1:
        parser.error("--rounds and --talks must be at least 1")
    with alone():
        found = measured(chosen)
    print(json.dumps(found) if chosen.json else table(found))
    return 0


def measured(chosen: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Everything the bench measures, part by part."""
    if chosen.console:
        with tempfile.TemporaryDirectory(dir=ROOT / "var", prefix="bench-") as place:
            return pages(Path(place), chosen.database, chosen.console, chosen.rounds)
    if chosen.send:
        return {"send": bench_sends(chosen.rounds, 20 * chosen.talks, chosen.database)}
    photo = {name: spread(values) for name, values in photo_cost(chosen.rounds).items()}
    if chosen.photos:
        return {"photo": photo}
    found: dict[str, dict[str, Any]] = {
        "turn": bench_turn(chosen.rounds, chosen.talks, chosen.database),
        "photo": photo,
        "voice": {"decode_s": spread(voice_decode_s(chosen.rounds))},
    }
    if chosen.many:
        found["many"] = bench_many(chosen.rounds, chosen.many)
    if chosen.database:
        found["scale"] = bench_scale(chosen.rounds, chosen.talks, chosen.database)
    return found


@contextmanager
def alone() -> Iterator[None]:
    """Two benches at once would measure each other: the second waits."""
    place = ROOT / "var"
    place.mkdir(exist_ok=True)
    with (place / "bench.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def table(found: dict[str, dict[str, Any]]) -> str:
    """The figures for a reader: one line each, median and range."""
    lines = []
    for part, figures in found.items():
        for name, value in figures.items():
            shown = (
                f"{value['median']:10} ({value['min']} to {value['max']})"
                if isinstance(value, dict)
                else value
            )
            lines.append(f"{part:6} {name:18} {shown}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())

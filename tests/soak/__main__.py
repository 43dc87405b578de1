"""`python -m tests.soak 10000 [DATABASE_URL]`: so many talks; prints what happened and which rules broke."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import structlog

from models.database import connect, migrate
from tests.soak.check import broken
from tests.soak.run import soak


def main(count: int, url: str = "") -> int:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with TemporaryDirectory() as folder:
        engine = connect(url or f"sqlite:///{folder}/soak.db")
        migrate(engine)
        began = perf_counter()
        with soak(Path(folder), engine, count, seed=1) as world:
            found = broken(world)
            print(f"{count} talks, {perf_counter() - began:.0f} s, {dict(sorted(world.counts.items()))}")
        engine.dispose()
    print("\n".join(found[:50]) or "every rule holds")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), *sys.argv[2:3]))

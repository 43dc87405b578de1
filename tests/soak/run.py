"""One soak from beginning to end."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from tests.conftest import Clock
from tests.soak.carrier import Carrier
from tests.soak.world import World, settings_of

APART_S = 20.0
"""A new seller begins every so many seconds, on average."""
AFTERWARDS_S = 4 * 86_400.0
"""So long the world goes on when all are done: reminders, expiries, late reports."""


@contextmanager
def soak(folder: Path, db: Engine, count: int, seed: int) -> Iterator[World]:
    """A world in which `count` sellers have come to their end."""
    clock, chance = Clock(), random.Random(seed)
    with Carrier(chance, clock) as carrier:
        world = World(settings_of(folder, carrier), carrier, db, clock, chance)
        carrier.world = world
        world.run(count, seed, count * APART_S)
        world.goes_on(AFTERWARDS_S)
        yield world

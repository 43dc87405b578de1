"""Hundreds of talks over three channels with carriers that fail, doubt, repeat, reorder and drop."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.soak.check import broken
from tests.soak.run import soak


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_every_talk_comes_to_its_end(tmp_path: Path, db: Engine, seed: int) -> None:
    """Each message is answered, each listing arrives once, nothing goes to who said stop, all is in order."""
    with soak(tmp_path, db, count=150, seed=seed) as world:
        assert broken(world) == []
        assert all(world.counts[name] for name in ("whatsapp taken", "sms taken", "calls answered", "stops"))

"""Whatever happens, in whatever order and with sweeps killed in between: what is needed is there."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from bot import jobs
from bot.tasks.workshop import Workshop
from bot.worker import Worker
from models import Listing, ListingEvent, Media, Rendition
from models.database import connect, reading, writing
from tests.conftest import Clock
from tests.test_sweep_media import AgedStore, copy, keep, kept, listed, open_shop

WAITS_H = (1, 20, 30, 24 * 25, 24 * 100)
YOUNG = timedelta(days=1)
DOINGS = (
    "photo",
    "note",
    "put",
    "row",
    "copy",
    "prompt",
    "list",
    "taken",
    "erase",
    "wait",
    "sweep",
    "killed",
)
Doing = tuple[str, int]


class Killed(BaseException):
    """The process is gone."""


class MortalStore(AgedStore):
    """Dies at the deletion after so many."""

    left = 1_000_000

    def delete_old(self, sha256: str, before: Any) -> bool:
        self.left -= 1
        if self.left < 0:
            raise Killed
        return super().delete_old(sha256, before)


class House:
    """One service's database, store and clock; `put` is what a fetch has put and not yet committed."""

    def __init__(self, folder: Path, template: Path) -> None:
        shutil.copy(template, folder / "test.db")
        self.clock = Clock()
        opened = open_shop(folder, connect(f"sqlite:///{folder}/test.db"), self.clock)
        self.store = MortalStore(opened.settings.media_url)
        self.store.clock = self.clock
        voice = replace(opened.settings, voice_days=60)
        self.shop: Workshop = replace(opened, store=self.store, settings=voice)
        self.put: dict[str, Any] = {}

    def do(self, what: str, which: int) -> None:
        data = b"bytes %d" % which
        if what in ("photo", "note"):
            keep(self.shop, data, {"note": "voice"}.get(what, what))
        elif what == "put":
            self.put[self.store.put(data)] = self.clock.now
        elif what == "row":
            for name in self.fresh():
                keep(self.shop, b"another", "photo", sha256=name)
        elif what == "prompt":
            self.once(Rendition.source == f"{which:064}") or copy(self.shop, f"{which:064}", data, "prompt")
        elif what == "wait":
            self.clock.advance(3600 * WAITS_H[which])
        elif what in ("sweep", "killed"):
            self.sweep(which if what == "killed" else 1_000_000)
        else:
            self.do_with_row(what, which, data)

    def do_with_row(self, what: str, which: int, data: bytes) -> None:
        with reading(self.shop.db) as conn:
            rows = conn.execute(select(Media.id, Media.sha256).where(Media.sha256.is_not(None))).all()
        if not rows:
            return
        row = rows[which % len(rows)]
        this = Media.id == row.id
        if what == "copy":
            self.once(Rendition.source == row.sha256) or copy(self.shop, row.sha256, b"of " + data)
        elif what == "list":
            self.once(Listing.number == row.id) or listed(self.shop, row.id)
        else:
            with writing(self.shop.db) as conn:
                conn.execute(update(ListingEvent).values(acked_at=self.clock.now))
                conn.execute(
                    delete(Media).where(this)
                    if what == "taken"
                    else update(Media).where(this).values(status="erased")
                )

    def once(self, where: Any) -> bool:
        """Is there such a row already?"""
        with reading(self.shop.db) as conn:
            return conn.execute(select(1).where(where)).first() is not None

    def sweep(self, deletions: int) -> None:
        with writing(self.shop.db) as conn:
            jobs.put(conn, "sweep_media", {}, now=self.clock.now, unique_key="sweep")
        self.store.left = deletions
        try:
            Worker(self.shop).drain()
        except Killed:
            self.clock.advance(jobs.LEASE_S)

    def fresh(self) -> set[str]:
        return {name for name, at in self.put.items() if self.clock.now - at < YOUNG}

    def needed(self) -> set[str]:
        """What a row, a listing, or a fetch of the last day names."""
        with reading(self.shop.db) as conn:
            live = select(Media.sha256).where(Media.sha256.is_not(None), Media.status != "erased")
            names = {*conn.scalars(live), *conn.scalars(select(Rendition.sha256))}
            waiting = select(ListingEvent.body).where(ListingEvent.acked_at.is_(None))
            for message in [*conn.scalars(select(Listing.message)), *conn.scalars(waiting)]:
                names |= {each["sha256"] for each in (*message["photos"], *message["voice_notes"])}
        return names | self.fresh()


@given(st.lists(st.tuples(st.sampled_from(DOINGS), st.integers(0, len(WAITS_H) - 1)), max_size=25))
@example([("note", 0), ("copy", 0), ("wait", 4), ("list", 0), ("sweep", 0), ("erase", 0), ("killed", 0)])
@example([("put", 0), ("wait", 2), ("put", 0), ("sweep", 0), ("row", 0), ("wait", 1), ("sweep", 0)])
@example([("put", 0), ("wait", 1), ("sweep", 0), ("row", 0)])
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_byte_that_is_needed_is_there_and_in_the_end_no_other(
    _sqlite_template: Path, doings: list[Doing]
) -> None:
    """After each step nothing needed is missing; after two quiet nights nothing else is left."""
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder), _sqlite_template)
        for what, which in doings:
            house.do(what, which)
            assert house.needed() <= kept(house.shop), (what, which)
        house.clock.advance(40 * 24 * 3600)
        for _ in range(2):
            house.sweep(1_000_000)
            house.clock.advance(24 * 3600)
        assert kept(house.shop) == house.needed()
        house.shop.db.dispose()

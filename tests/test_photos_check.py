"""The task that judges a stored photo: its verdict, its pictures, and what it does after a crash."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, func, insert, select, update

from bot import jobs
from bot.media.photos import examine
from bot.media.sheet import sheet_of
from bot.tasks import check_photo
from bot.tasks.workshop import Workshop
from bot.worker import Worker
from models import Listing, Media, Rendition
from models.database import connect, reading, writing
from tests.degraded import IMAGES, degraded, picture, sent
from tests.open_rooms import attachment, job_kinds, media_row, seller, settings_for, workshop

BOWL = (IMAGES / "bowl.jpg").read_bytes()
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@pytest.fixture
def shop(tmp_path: Path, db: Engine) -> Workshop:
    return workshop(settings_for(tmp_path, album_settle_s=60.0), db)


def stored(shop: Workshop, data: bytes, seller_id: int | None = None) -> int:
    """A photo that was fetched: its bytes, its row and its job."""
    name = shop.store.put(data)
    with writing(shop.db) as conn:
        her = seller_id or seller(conn)
        media_id = attachment(conn, her, "https://api.twilio.com/x", status="stored", sha256=name)
        jobs.put(conn, "check_photo", {"media_id": media_id}, now=datetime.now(UTC))
    return media_id


def check(shop: Workshop) -> None:
    """Everything that is due."""
    Worker(shop).drain()


def made(db: Engine, source: str) -> dict[str, Any]:
    """The rows of what was made of these bytes, by kind."""
    with reading(db) as conn:
        rows = conn.execute(select(Rendition.__table__).where(Rendition.source == source))
        return {row.kind: row for row in rows}


def files(shop: Workshop) -> set[str]:
    """The names of everything in the store."""
    return {path.name for path in Path(shop.settings.media_url[7:]).rglob("*") if path.is_file()}


def test_a_photo_gets_its_verdict_and_its_pictures(shop: Workshop) -> None:
    """One job: the row says how it is, the store has a shop picture and a thumbnail, the album settles."""
    media_id = stored(shop, BOWL)
    check(shop)
    row = media_row(shop.db, media_id)
    assert (row.status, row.width, row.height) == ("ready", 1478, 1000)
    assert row.verdict == examine(BOWL).judgement.as_json()
    pictures = made(shop.db, row.sha256)
    assert {kind: (one.width, one.height) for kind, one in pictures.items()} == {
        "shop": (1478, 1478),
        "thumbnail": (320, 320),
    }
    for one in pictures.values():
        assert sha256(shop.store.read(one.sha256)).hexdigest() == one.sha256
    assert job_kinds(shop.db) == ["settle_album"]


def test_a_refused_photo_has_pictures_too(shop: Workshop) -> None:
    """After two refusals the talk takes what she has; what cannot be opened at all has none."""
    dark = stored(shop, sent(degraded(picture("bowl"), ["exposed -4"])))
    broken = stored(shop, BOWL[:9000], media_row(shop.db, dark).seller_id)
    check(shop)
    first, second = media_row(shop.db, dark), media_row(shop.db, broken)
    assert (first.status, second.status) == ("refused", "refused")
    assert set(made(shop.db, first.sha256)) == {"shop", "thumbnail"} and made(shop.db, second.sha256) == {}
    assert second.verdict["problems"] == ["unreadable"]


def test_pictures_are_made_once(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another seller's photo of the same bytes shares what was made; it is judged all the same."""
    stored(shop, BOWL)
    check(shop)
    wanted: list[bool] = []

    def watched(source: Any, *, pictures: bool) -> Any:
        wanted.append(pictures)
        return examine(source, pictures=pictures)

    monkeypatch.setattr(check_photo, "examine", watched)
    with writing(shop.db) as conn:
        other = seller(conn, "whatsapp:+919999900077")
    again = stored(shop, BOWL, other)
    before = files(shop)
    check(shop)
    assert wanted == [False] and files(shop) == before
    assert media_row(shop.db, again).verdict["verdict"] == "ok", "what another seller sent is not the same"


def test_the_same_photo_in_another_listing(shop: Workshop) -> None:
    """However long ago she used it, a photo counts once; the earlier one is named.

    One that she threw out, or of a product she gave up, may come again.
    """
    first = stored(shop, BOWL)
    check(shop)
    her = media_row(shop.db, first).seller_id
    with writing(shop.db) as conn:
        long_ago = datetime.now(UTC) - timedelta(days=400)
        conn.execute(update(Media).values(created_at=long_ago, delivered_at=long_ago))
    given_up = stored(shop, sent(picture("bowl"), 70), her)
    check(shop)
    assert media_row(shop.db, given_up).verdict["same_as"] is None
    with writing(shop.db) as conn:
        listed = {"id": "l", "number": 1, "seller_id": her, "version": 1, "status": "live", "message": {}}
        listed |= {"slots": {"photos": [{"id": first}]}, "provenance": {}}
        conn.execute(
            insert(Listing).values(**listed, photos_pending=False, created_at=long_ago, updated_at=long_ago)
        )
        conn.execute(update(Media).where(Media.id == given_up).values(delivered_at=long_ago))
    again = stored(shop, sent(picture("bowl"), 60), her)
    check(shop)
    row = media_row(shop.db, again)
    assert (row.status, row.verdict["problems"], row.verdict["same_as"]) == ("refused", ["same"], first)


def test_a_refused_photo_is_no_earlier_one(shop: Workshop) -> None:
    """What was refused may be sent again: it is refused for what it is, not for being there."""
    dark = sent(degraded(picture("bowl"), ["exposed -4"]))
    first = stored(shop, dark)
    second = stored(shop, dark, media_row(shop.db, first).seller_id)
    check(shop)
    assert media_row(shop.db, second).verdict["same_as"] is None


def test_two_at_one_moment(shop: Workshop) -> None:
    """Of two copies that are judged at the same moment one is taken and the other is the same."""
    first = stored(shop, BOWL)
    second = stored(shop, sent(picture("bowl")), media_row(shop.db, first).seller_id)
    workers = [threading.Thread(target=check, args=(shop,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    rows = [media_row(shop.db, media_id) for media_id in (first, second)]
    assert sorted(row.status for row in rows) == ["ready", "refused"]


def test_bytes_that_are_gone(shop: Workshop) -> None:
    """Nothing can be judged: it failed, and she is told of it like of the others."""
    media_id = stored(shop, BOWL)
    shop.store.delete(media_row(shop.db, media_id).sha256)
    check(shop)
    assert media_row(shop.db, media_id).status == "failed" and job_kinds(shop.db) == ["settle_album"]


def test_taken_back_while_it_was_judged(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """She erased it meanwhile: its pictures do not stay, unless another photo has the same."""
    media_id = stored(shop, BOWL)

    def erased_meanwhile(source: Any, *, pictures: bool) -> Any:
        with writing(shop.db) as conn:
            conn.execute(delete(Media).where(Media.id == media_id))
        return examine(source, pictures=pictures)

    monkeypatch.setattr(check_photo, "examine", erased_meanwhile)
    check(shop)
    assert files(shop) == {sha256(BOWL).hexdigest()} and made(shop.db, sha256(BOWL).hexdigest()) == {}
    assert job_kinds(shop.db) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from bot.media.store import MediaStore
from bot.tasks import check_photo
from bot.worker import Worker
from models.database import connect
from tests.open_rooms import settings_for, workshop
settings = settings_for(Path(sys.argv[1]))
end = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
put, puts = MediaStore.put, []
def counted(self, data):
    name = put(self, data)
    puts.append(name)
    return end() if len(puts) == int(sys.argv[2]) else name
MediaStore.put = counted
if sys.argv[2] == "9":
    check_photo.settle_soon = end
Worker(workshop(settings, connect(settings.database_url)), lease_s=0.01).drain()
"""


@pytest.mark.parametrize(
    "moment", [1, 2, 9], ids=["after the first picture", "after both", "in the transaction"]
)
def test_killed_in_the_middle(tmp_path: Path, moment: int) -> None:
    """kill -9 at any moment: the next worker does it all, once, and the store holds nothing else."""
    shop = workshop(settings_for(tmp_path))
    media_id = stored(shop, BOWL)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), str(moment)], check=False)
    assert killed.returncode == -9 and media_row(shop.db, media_id).status == "stored"
    assert made(shop.db, sha256(BOWL).hexdigest()) == {}
    later = datetime.now(UTC) + timedelta(seconds=30)
    Worker(replace(shop, db=connect(shop.settings.database_url), clock=lambda: later)).run_once()
    row = media_row(shop.db, media_id)
    names = {one.sha256 for one in made(shop.db, row.sha256).values()}
    assert row.status == "ready" and len(names) == 2
    assert files(shop) == {row.sha256} | names


def test_a_sheet_is_made_once(shop: Workshop) -> None:
    """One row for one list of photos in one order; a photo without a thumbnail leaves its number empty."""
    her = media_row(shop.db, stored(shop, BOWL)).seller_id
    stored(shop, (IMAGES / "drum.jpg").read_bytes(), her)
    check(shop)
    with reading(shop.db) as conn:
        names = list(conn.scalars(select(Media.sha256).order_by(Media.id)))
    first = sheet_of(shop.db, shop.store, names, NOW)
    before = files(shop)
    assert sheet_of(shop.db, shop.store, names, NOW) == first and files(shop) == before
    assert sheet_of(shop.db, shop.store, names[::-1], NOW) != first
    assert sheet_of(shop.db, shop.store, names, NOW, ["front", "side"]) != first or not _words_can_be_drawn()
    lacking = sheet_of(shop.db, shop.store, [*names, "0" * 64], NOW)
    with reading(shop.db) as conn:
        count = conn.scalar(select(func.count()).where(Rendition.kind == "sheet"))
    assert lacking != first and count == 3, "one that lacks a picture is not kept for good"


def _words_can_be_drawn() -> bool:
    from bot.media import sheet

    return sheet._font_for_words() is not None

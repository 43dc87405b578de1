"""The nightly sweep takes what nobody names and what is too old, and never a byte that something needs."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, insert, select, update
from structlog.testing import capture_logs

from bot import jobs
from bot.handoff.given import Photo, VoiceNote
from bot.handoff.hand_over import hand_over
from bot.media.store import MediaStore
from bot.settings import MissingSetting, Settings
from bot.tasks import sweep_media
from bot.tasks.workshop import Workshop
from bot.worker import Worker
from models import Conversation, ListingEvent, Media, Rendition, Transcription
from models.database import reading, writing
from tests.conftest import Clock
from tests.listing_inputs import given, next_version
from tests.open_rooms import attachment, job_kinds, media_row, outgoing, seller, settings_for, workshop
from tests.s3_server import S3Server

DAYS = 24 * 3600
NUMBERS = count()


class AgedStore(MediaStore):
    """A folder whose files are as old as the test's clock says."""

    clock: Clock

    def put(self, data: bytes) -> str:
        path = self.path_of(sha256(data).hexdigest())
        assert path is not None
        before = path.stat().st_mtime_ns if path.exists() else None
        name = super().put(data)
        if path.stat().st_mtime_ns != before:
            os.utime(path, (self.clock.now.timestamp(),) * 2)
        return name


def open_shop(tmp_path: Path, db: Engine, clock: Clock) -> Workshop:
    settings = settings_for(tmp_path)
    store = AgedStore(settings.media_url)
    store.clock = clock
    return replace(workshop(settings, db), store=store, clock=clock)


@pytest.fixture
def shop(tmp_path: Path, db: Engine, clock: Clock) -> Workshop:
    return open_shop(tmp_path, db, clock)


def kept(shop: Workshop) -> set[str]:
    return {name for name, _, _ in shop.store.names()}


def sweep(shop: Workshop) -> None:
    with writing(shop.db) as conn:
        jobs.put(conn, "sweep_media", {}, now=shop.clock())
    Worker(shop).drain()


def keep(shop: Workshop, data: bytes, kind: str = "voice", **values: Any) -> int:
    """An attachment of a new seller that came now, was judged and told, with its bytes; its id."""
    now = shop.clock()
    given_values = {"status": "ready", "sha256": shop.store.put(data), "transcript": "हाँ"}
    when = {"created_at": now, "delivered_at": now}
    with writing(shop.db) as conn:
        her = seller(conn, f"whatsapp:+9199999{next(NUMBERS):05}")
        return attachment(conn, her, "", kind, **when | given_values | values)


def copy(shop: Workshop, source: str, data: bytes, kind: str = "speech") -> str:
    """Something made from `source`; the name of its bytes."""
    name = shop.store.put(data)
    row = {"source": source, "kind": kind, "sha256": name, "created_at": shop.clock()}
    with writing(shop.db) as conn:
        conn.execute(insert(Rendition).values(row))
    return name


def named(shop: Workshop, media_id: int) -> str:
    return str(media_row(shop.db, media_id).sha256)


def listed(shop: Workshop, media_id: int, **changes: Any) -> None:
    """A listing of hers that names this photo or note."""
    row = media_row(shop.db, media_id)
    photos = (Photo(row.id, row.sha256, 100, 100),) if row.kind == "photo" else ()
    notes = (VoiceNote(row.id, row.sha256, 1.0),) if row.kind == "voice" else ()
    listing = given(number=row.id, photos=photos, voice_notes=notes, **changes)
    with writing(shop.db) as conn:
        hand_over(conn, row.seller_id, listing, publish=False)


def test_what_nobody_names_goes_after_a_day(shop: Workshop, clock: Clock) -> None:
    """A photo, a note and a copy stay; bytes without a row go, but not on their first day."""
    photo, note = keep(shop, b"photo", "photo"), keep(shop, b"note")
    speech = copy(shop, named(shop, note), b"speech")
    orphan = shop.store.put(b"orphan")
    clock.advance(0.9 * DAYS)
    sweep(shop)
    assert orphan in kept(shop)
    clock.advance(0.2 * DAYS)
    sweep(shop)
    assert kept(shop) == {named(shop, photo), named(shop, note), speech} and job_kinds(shop.db) == []


def test_bytes_whose_row_is_on_its_way_stay(shop: Workshop, clock: Clock) -> None:
    """Old bytes that nobody named are put again: the row that will name them may come late that day."""
    shop.store.put(b"twice sent")
    clock.advance(5 * DAYS)
    name = shop.store.put(b"twice sent")
    sweep(shop)
    clock.advance(0.9 * DAYS)
    sweep(shop)
    assert kept(shop) == {name}


def test_half_written_files_go(shop: Workshop, clock: Clock) -> None:
    """What a killed writer left beside its place is cleared after a day."""
    scrap = Path(shop.settings.media_url[7:]) / "ab" / ".new-x"
    scrap.parent.mkdir(parents=True)
    scrap.write_bytes(b"half")
    os.utime(scrap, (clock.now.timestamp(),) * 2)
    sweep(shop)
    assert scrap.exists()
    clock.advance(2 * DAYS)
    sweep(shop)
    assert not scrap.exists()


@pytest.mark.parametrize("gone", [delete(Media), update(Media).values(status="erased")])
def test_a_copy_goes_with_its_source(shop: Workshop, clock: Clock, gone: Any) -> None:
    """She took her note back, or it was erased: the copy for the ear is no longer kept either."""
    note = keep(shop, b"note")
    copy(shop, named(shop, note), b"speech")
    clock.advance(2 * DAYS)
    with writing(shop.db) as conn:
        conn.execute(gone)
    sweep(shop)
    with reading(shop.db) as conn:
        assert kept(shop) == set() and conn.execute(select(Rendition.source)).all() == []


def test_what_a_listing_names_stays_without_its_row(shop: Workshop, clock: Clock) -> None:
    """The marketplace shows the photo, with or without our own row of it; its copies stay too."""
    photo = keep(shop, b"photo", "photo")
    kept_names = {named(shop, photo), copy(shop, named(shop, photo), b"thumbnail", "thumbnail")}
    listed(shop, photo)
    clock.advance(2 * DAYS)
    with writing(shop.db) as conn:
        conn.execute(delete(Media))
    sweep(shop)
    assert kept(shop) == kept_names


def test_a_version_that_the_backend_has_yet_to_take_keeps_its_photos(shop: Workshop, clock: Clock) -> None:
    """An earlier version names a photo that the latest one does not: it stays until that version is taken."""
    photo = keep(shop, b"photo", "photo")
    row = media_row(shop.db, photo)
    first = given(photos=(Photo(row.id, row.sha256, 100, 100),))
    with writing(shop.db) as conn:
        message = hand_over(conn, row.seller_id, first, publish=False)
        hand_over(conn, row.seller_id, next_version(first, message, photos=()), publish=False)
        conn.execute(delete(Media))
    clock.advance(2 * DAYS)
    sweep(shop)
    assert kept(shop) == {row.sha256}
    with writing(shop.db) as conn:
        conn.execute(update(ListingEvent).values(acked_at=clock()))
    sweep(shop)
    assert kept(shop) == set()


def test_an_old_note_is_erased_and_its_words_stay(shop: Workshop, clock: Clock) -> None:
    """After VOICE_DAYS the bytes and the copy for the ear go; transcript and length do not."""
    old, shop = keep(shop, b"old", seconds=7.5), replace(shop, settings=replace(shop.settings, voice_days=30))
    copy(shop, named(shop, old), b"speech of old")
    photo = keep(shop, b"photo", "photo")
    clock.advance(20 * DAYS)
    young = keep(shop, b"young")
    clock.advance(11 * DAYS)
    sweep(shop)
    row = media_row(shop.db, old)
    assert (row.status, row.sha256, row.transcript, row.seconds) == ("erased", None, "हाँ", 7.5)
    assert kept(shop) == {named(shop, photo), named(shop, young)}


@pytest.mark.parametrize("days", [0, -1, 10**12])
def test_zero_voice_days_keeps_every_note(shop: Workshop, clock: Clock, days: int) -> None:
    """Without a limit, or with a limit beyond all reason, nothing grows too old."""
    shop = replace(shop, settings=replace(shop.settings, voice_days=days))
    note = keep(shop, b"note")
    clock.advance(5000 * DAYS)
    sweep(shop)
    assert kept(shop) == {named(shop, note)}


@pytest.mark.parametrize("given_days", ["1.5", "inf", "a month"])
def test_voice_days_is_a_whole_number(given_days: str) -> None:
    """What cannot be one is refused at start, by name."""
    assert Settings.from_environment({"VOICE_DAYS": "90"}).voice_days == 90
    with pytest.raises(MissingSetting, match="VOICE_DAYS"):
        Settings.from_environment({"VOICE_DAYS": given_days})


@pytest.mark.parametrize(
    "values",
    [
        {"status": "stored", "transcript": None, "delivered_at": None},
        {"delivered_at": None},
    ],
)
def test_a_note_whose_words_are_not_told_yet_stays(
    shop: Workshop, clock: Clock, values: dict[str, Any]
) -> None:
    """Not written down, or written down and not told to the talk: it is needed, however old it is."""
    note = keep(shop, b"note", **values)
    clock.advance(400 * DAYS)
    sweep(shop)
    assert kept(shop) == {named(shop, note)} and media_row(shop.db, note).status != "erased"


def test_a_note_that_waits_at_the_desk_stays(shop: Workshop, clock: Clock) -> None:
    """Whatever else was told of it."""
    note = keep(shop, b"note")
    row = {"media_id": note, "language": "hi", "status": "waiting", "created_at": shop.clock()}
    with writing(shop.db) as conn:
        conn.execute(insert(Transcription).values(row))
    clock.advance(400 * DAYS)
    sweep(shop)
    assert kept(shop) == {named(shop, note)}


def test_a_note_that_a_listing_names_stays(shop: Workshop, clock: Clock) -> None:
    """The marketplace may listen to it as long as the listing is there."""
    note, other = keep(shop, b"note"), keep(shop, b"other")
    speech = copy(shop, named(shop, note), b"speech")
    listed(shop, note)
    clock.advance(400 * DAYS)
    sweep(shop)
    assert kept(shop) == {named(shop, note), speech}
    assert media_row(shop.db, other).status == "erased"


def test_the_same_bytes_of_two_sellers_go_when_both_are_done_with(shop: Workshop, clock: Clock) -> None:
    """A note that was passed on is old for one of them and young for the other."""
    first = keep(shop, b"passed on")
    clock.advance(150 * DAYS)
    second = keep(shop, b"passed on")
    clock.advance(40 * DAYS)
    sweep(shop)
    assert media_row(shop.db, first).sha256 is None and kept(shop) == {named(shop, second)}


def test_a_listing_that_is_just_handed_over_keeps_its_note(
    postgres_db: Engine, tmp_path: Path, clock: Clock
) -> None:
    """Her turn holds her talk and has read the note; the sweep waits for it and then sees the listing."""
    shop = open_shop(tmp_path, postgres_db, clock)
    note = keep(shop, b"note")
    her = media_row(shop.db, note).seller_id
    talk = {"seller_id": her, "state": {}, "revision": 1}
    with writing(shop.db) as conn:
        conn.execute(
            insert(Conversation).values(talk | dict.fromkeys(("updated_at", "last_inbound_at"), clock()))
        )
    clock.advance(400 * DAYS)
    row = media_row(shop.db, note)
    sweeping = threading.Thread(target=sweep, args=(shop,))
    with writing(shop.db) as conn:
        conn.execute(update(Conversation).values(revision=2))
        sweeping.start()
        sweeping.join(0.5)
        assert sweeping.is_alive()
        notes = (VoiceNote(row.id, row.sha256, 1.0),)
        hand_over(conn, her, given(photos=(), voice_notes=notes), publish=False)
    sweeping.join()
    assert named(shop, note) == row.sha256 and kept(shop) == {row.sha256}


@pytest.mark.parametrize("form", ["{name}", "https://sangwari.example/media/{name}"])
def test_a_prompt_that_is_heard_stays(shop: Workshop, clock: Clock, form: str) -> None:
    """A prompt that no message carried for a month is forgotten, its bytes a night later; others stay."""
    used, unused = (copy(shop, name * 64, name.encode(), "prompt") for name in "ab")
    sheet = copy(shop, "c" * 64, b"c", "sheet")
    clock.advance(20 * DAYS)
    with writing(shop.db) as conn:
        outgoing(conn, seller(conn), body={"audio": form.format(name=used)}, created_at=clock())
    clock.advance(11 * DAYS)
    sweep(shop)
    assert kept(shop) == {used, unused, sheet}
    with reading(shop.db) as conn:
        assert list(conn.scalars(select(Rendition.sha256))) == [used]
    sweep(shop)
    assert kept(shop) == {used}


def test_a_strange_database_sweeps_nothing(shop: Workshop, clock: Clock) -> None:
    """Most of a large store in no table is a mistake in DATABASE_URL: refused, told, and tried next night."""
    for number in range(120):
        shop.store.put(b"%d" % number)
    clock.advance(2 * DAYS)
    with capture_logs() as logs:
        sweep(shop)
    assert len(kept(shop)) == 120 and "sweep_refused" in [entry["event"] for entry in logs]
    [dead] = jobs.dead(shop.db)
    assert dead.error == "of 120 files 120 are in no table: is this the store's database?"
    for number in range(120):
        keep(shop, b"%d" % number, "photo")
    sweep(shop)
    assert len(kept(shop)) == 120 and jobs.dead(shop.db) == []


def test_a_shorter_time_for_notes_is_no_strange_database(shop: Workshop, clock: Clock) -> None:
    """Notes that this very sweep gave up are no mistake, however many they are."""
    for number in range(120):
        keep(shop, b"%d" % number)
    clock.advance(200 * DAYS)
    sweep(shop)
    assert kept(shop) == set() and jobs.dead(shop.db) == []


@pytest.mark.parametrize("at", ["drop_copies", "_orphans", "drop_unused"])
def test_a_sweep_killed_in_the_middle_is_made_good_by_the_next(
    shop: Workshop, clock: Clock, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """Rows go before bytes: no row is left whose bytes are gone, and the bytes go the next time."""
    young = keep(shop, b"photo", "photo")
    old = keep(shop, b"old")
    copy(shop, named(shop, old), b"speech")
    clock.advance(400 * DAYS)
    with monkeypatch.context() as patch:

        def die(*_: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(sweep_media, at, die)
        with pytest.raises(KeyboardInterrupt):
            sweep(shop)
    assert media_row(shop.db, old).sha256 is None and named(shop, young) in kept(shop)
    clock.advance(jobs.LEASE_S)
    Worker(shop).drain()
    assert kept(shop) == {named(shop, young)} and job_kinds(shop.db) == []


def test_a_bucket_is_swept_too(tmp_path: Path, sqlite_db: Engine, s3: S3Server) -> None:
    """The same in S3, where the ages are the bucket's own."""
    later = datetime.now(UTC) + timedelta(days=2)
    shop = workshop(settings_for(tmp_path, media_url=s3.media_url), sqlite_db)
    note = keep(shop, b"note")
    orphans = [shop.store.put(b"orphan %d" % number) for number in range(5)]
    sweep(shop)
    assert kept(shop) == {named(shop, note), *orphans}
    sweep(replace(shop, clock=lambda: later))
    assert kept(shop) == {named(shop, note)}

"""A disk that is full, a bucket that is away: jobs wait, the web says try again, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from bot import jobs
from bot.media.links import link
from bot.tasks import settle_album
from bot.tasks.workshop import Workshop
from bot.web import create_app
from bot.worker import Worker
from models import JobRow
from models.database import reading, writing
from tests.fake_twilio import FakeTwilio
from tests.open_rooms import attachment, house, media_row, seller, settings_for, workshop
from tests.s3_server import S3Server
from tests.small_disk import SmallDisk

HERE = Path(__file__).parent
PHOTO = (HERE / "images" / "bowl.jpg").read_bytes() + bytes(200_000)
"""Larger than the small disk; what follows the end of a JPEG is no harm."""


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as fake:
        yield fake


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the talk would be told."""
    heard: list[Any] = []
    monkeypatch.setattr(settle_album, "receive", lambda _db, _talk, inbound, _now: heard.append(inbound))
    return heard


def arrive(shop: Workshop, url: str) -> int:
    with writing(shop.db) as conn:
        media_id = attachment(conn, seller(conn), url)
        jobs.put(conn, "fetch_media", {"media_id": media_id}, now=datetime.now(UTC))
    return media_id


def work(shop: Workshop, later_s: float) -> None:
    """Run everything that is due by then."""
    moment = datetime.now(UTC) + timedelta(seconds=later_s)
    Worker(replace(shop, clock=lambda: moment)).drain()


def waiting(shop: Workshop) -> list[tuple[str, str, str | None]]:
    with reading(shop.db) as conn:
        rows = conn.execute(select(JobRow.kind, JobRow.status, JobRow.error).order_by(JobRow.id))
        return [(row.kind, row.status, row.error) for row in rows]


def numbers(shop: Workshop) -> list[str]:
    """The lines of /metrics."""
    app = create_app(shop.settings, house(shop.settings, shop.db))
    return app.test_client().get("/metrics").text.splitlines()


def test_a_full_disk_is_waited_for(tmp_path: Path, twilio: FakeTwilio, told: list[Any]) -> None:
    """For hours no attempt brings the job's end; log and metrics name the reason; with room all goes on."""
    with SmallDisk(tmp_path / "media") as disk:
        shop = workshop(settings_for(tmp_path, twilio, media_url=f"file://{disk.folder}"))
        media_id = arrive(shop, twilio.attach("MM1", "image/jpeg", PHOTO))
        with capture_logs() as logs:
            for minute in range(20):
                work(shop, 60 * minute + 1)
        assert waiting(shop) == [("fetch_media", "ready", "media store: the disk is full")]
        assert {(entry["event"], entry["error"]) for entry in logs} == {
            ("store_down", "media store: the disk is full")
        }
        assert 'sangwari_jobs_waiting_for_store{kind="fetch_media"} 1.0' in numbers(shop)
        assert media_row(shop.db, media_id).status == "waiting" and len(twilio.media) == 1 and told == []
        assert list(shop.store.names()) == []
        disk.grow()
        work(shop, 3600)
        row = media_row(shop.db, media_id)
        assert row.status == "ready" and shop.store.read(row.sha256) == PHOTO
        assert waiting(shop) == [] and len(told) == 1
        assert not any(line.startswith("sangwari_jobs_waiting_for_store{") for line in numbers(shop))


def test_a_bucket_that_goes_away_in_the_middle(
    tmp_path: Path, twilio: FakeTwilio, told: list[Any], s3: S3Server
) -> None:
    """Away before the photo is put, and again before it is judged: it waits both times, and is not failed."""
    shop = workshop(settings_for(tmp_path, twilio, media_url=s3.media_url))
    s3.stop()
    media_id = arrive(shop, twilio.attach("MM1", "image/jpeg", PHOTO))
    work(shop, 1)
    assert media_row(shop.db, media_id).status == "waiting" and len(twilio.media) == 1
    s3.start()
    moment = datetime.now(UTC) + timedelta(minutes=10)
    Worker(replace(shop, clock=lambda: moment)).run_once()
    assert media_row(shop.db, media_id).status == "stored"
    s3.stop()
    work(shop, 1200)
    assert media_row(shop.db, media_id).status == "stored" and told == []
    [(kind, status, error)] = waiting(shop)
    assert (kind, status) == ("check_photo", "ready") and str(error).startswith("media store: ")
    s3.start()
    work(shop, 2400)
    row = media_row(shop.db, media_id)
    assert row.status == "ready" and shop.store.read(row.sha256) == PHOTO
    assert waiting(shop) == [] and len(told) == 1 and twilio.media == {}


def test_a_photo_in_a_bucket_that_is_away_is_asked_for_again(tmp_path: Path, s3: S3Server) -> None:
    """503 with a word when to come back, no 500 and no 404; the same address works afterwards."""
    settings = settings_for(tmp_path, media_url=s3.media_url)
    opened = house(settings)
    client = create_app(settings, opened).test_client()
    path = link(settings, opened.store.put(PHOTO)).removeprefix(settings.public_url)
    s3.stop()
    with capture_logs() as logs:
        answer = client.get(path)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert [entry["event"] for entry in logs] == ["store_failed"]
    assert client.get("/readyz").status_code == 200
    s3.start()
    assert client.get(path).data == PHOTO
    part = client.get(path, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.data) == (206, PHOTO[100:200])

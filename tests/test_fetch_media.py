"""Attachments come from known hosts only, the credentials stay at home, and the bytes decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from bot import jobs
from bot.media import download
from bot.media.download import Downloader, DownloadError
from bot.tasks import settle_album
from bot.tasks.transcribe import submit
from bot.tasks.workshop import Workshop
from bot.worker import Worker
from models import Media
from models.database import reading, writing
from tests.fake_twilio import ACCOUNT, FakeTwilio
from tests.open_rooms import attachment, job_kinds, media_row, seller, settings_for, workshop

HERE = Path(__file__).parent
BOWL = (HERE / "images" / "bowl.jpg").read_bytes()
SMALL = (HERE / "images" / "coffee_small.jpg").read_bytes()
VOICE = (HERE / "audio" / "brass_elephant_hi.ogg").read_bytes()


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as fake:
        yield fake


@pytest.fixture
def shop(tmp_path: Path, twilio: FakeTwilio, db: Engine) -> Workshop:
    return workshop(settings_for(tmp_path, twilio), db)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the talk would be told: these tests look at the attachments, not at the talk."""
    heard: list[Any] = []
    monkeypatch.setattr(settle_album, "receive", lambda _db, _talk, inbound, _now: heard.append(inbound))
    return heard


def arrive(shop: Workshop, url: str, kind: str = "photo", seller_id: int | None = None) -> int:
    """An attachment came in: its row and its job, as receive writes them."""
    with writing(shop.db) as conn:
        media_id = attachment(conn, seller_id or seller(conn), url, kind)
        jobs.put(conn, "fetch_media", {"media_id": media_id}, now=datetime.now(UTC))
    return media_id


def work(shop: Workshop, later_s: float = 0) -> None:
    """Run everything that is due by then."""
    moment = datetime.now(UTC) + timedelta(seconds=later_s)
    Worker(replace(shop, clock=lambda: moment)).drain()


def status(shop: Workshop, media_id: int) -> str:
    return str(media_row(shop.db, media_id).status)


def test_a_photo_comes_home(shop: Workshop, twilio: FakeTwilio, told: list[Any]) -> None:
    """It is fetched, kept, judged, told of, and deleted at the provider."""
    media_id = arrive(shop, twilio.attach("MM1", "image/jpeg", BOWL))
    work(shop, 1)
    row = media_row(shop.db, media_id)
    assert (row.status, row.kind, row.content_type, row.size) == ("ready", "photo", "image/jpeg", len(BOWL))
    assert (row.width, row.height, row.verdict["verdict"]) == (1478, 1000, "ok")
    assert shop.store.read(row.sha256) == BOWL
    assert twilio.media == {} and job_kinds(shop.db) == []
    assert [(inbound.kind, inbound.media_ids) for inbound in told] == [("media_ready", (media_id,))]


def test_an_album_is_told_once(shop: Workshop, twilio: FakeTwilio, told: list[Any]) -> None:
    """Three photos, one too small and one sent twice: one word about all of them, when the last is judged."""
    first = arrive(shop, twilio.attach("MM1", "image/jpeg", BOWL))
    her = media_row(shop.db, first).seller_id
    second = arrive(shop, twilio.attach("MM2", "image/jpeg", SMALL), seller_id=her)
    third = arrive(shop, twilio.attach("MM3", "image/jpeg", BOWL), seller_id=her)
    work(shop, 1)
    [inbound] = told
    assert inbound.media_ids == (first, second, third)
    assert inbound.provider_id == f"album:{first}-{third}"
    assert [status(shop, media_id) for media_id in inbound.media_ids] == ["ready", "refused", "refused"]
    assert media_row(shop.db, third).verdict["same_as"] == first
    work(shop, 60)
    assert len(told) == 1


def test_an_album_waits_for_its_last_photo(
    shop: Workshop, twilio: FakeTwilio, told: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is said while a photo is on its way, nor before the album has settled."""
    shop = replace(shop, settings=replace(shop.settings, album_settle_s=4.0))
    first = arrive(shop, twilio.attach("MM1", "image/jpeg", BOWL))
    work(shop, 1)
    assert status(shop, first) == "ready" and told == []
    with monkeypatch.context() as patch:
        patch.setattr(Downloader, "_check", _refuse_for_now)
        url = twilio.attach("MM2", "image/jpeg", BOWL)
        second = arrive(shop, url, seller_id=media_row(shop.db, first).seller_id)
        for later_s in (1.5, 4, 5):
            work(shop, later_s)
    assert told == []
    work(shop, 30)
    [inbound] = told
    assert inbound.media_ids == (first, second)


def _refuse_for_now(_self: Downloader, _url: object) -> None:
    raise DownloadError("busy", permanent=False)


def test_gone_for_good(shop: Workshop, told: list[Any]) -> None:
    """What the provider no longer has is a failure, and she is told."""
    media_id = arrive(shop, shop.settings.twilio_base_url + f"{ACCOUNT}/Messages/MM1/Media/ME1")
    work(shop, 1)
    assert status(shop, media_id) == "failed" and [inbound.media_ids for inbound in told] == [(media_id,)]
    assert job_kinds(shop.db) == []


def test_a_provider_that_stays_away(tmp_path: Path, told: list[Any]) -> None:
    """After all attempts it is a failure too."""
    shop = workshop(settings_for(tmp_path, twilio_base_url="http://127.0.0.1:9"))
    media_id = arrive(shop, "http://127.0.0.1:9/photo")
    for attempt in range(jobs.MAX_ATTEMPTS):
        assert status(shop, media_id) == "waiting"
        work(shop, 700 * attempt)
    work(shop, 9000)
    assert status(shop, media_id) == "failed" and len(told) == 1


@pytest.mark.parametrize(
    ("claim", "data", "expected"),
    [
        ("photo", VOICE, ("voice", "stored", "audio/ogg")),
        ("voice", BOWL, ("photo", "ready", "image/jpeg")),
        ("photo", b"MZ\x90 a program", ("photo", "refused", "application/octet-stream")),
        ("voice", b"<html>", ("voice", "refused", "application/octet-stream")),
        ("voice", b"OggS" + bytes(24) + b"OpusHead" + bytes(99), ("voice", "refused", "audio/ogg")),
    ],
)
def test_bytes_decide(
    shop: Workshop, twilio: FakeTwilio, told: list[Any], claim: str, data: bytes, expected: tuple[str, ...]
) -> None:
    """An attachment is taken for what it is, whatever was claimed; what is neither is refused and told."""
    media_id = arrive(shop, twilio.attach("MM1", "image/jpeg", data), claim)
    work(shop, 1)
    row = media_row(shop.db, media_id)
    assert (row.kind, row.status, row.content_type) == expected
    assert len(told) == (0 if row.status == "stored" else 1)


def test_a_good_note_waits_for_the_desk(shop: Workshop, twilio: FakeTwilio, told: list[Any]) -> None:
    """A person writes it down: until then it is stored, with its length."""
    media_id = arrive(shop, twilio.attach("MM1", "audio/ogg", VOICE), "voice")
    work(shop, 1)
    row = media_row(shop.db, media_id)
    assert (row.status, row.verdict["verdict"]) == ("stored", "ok") and 5 < row.seconds < 6
    assert told == [] and job_kinds(shop.db) == []


def test_taken_back_while_it_came(
    shop: Workshop, twilio: FakeTwilio, told: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """She refused or erased it meanwhile: the bytes do not stay, here or there."""
    media_id = arrive(shop, twilio.attach("MM1", "image/jpeg", BOWL))
    fetch = Downloader.fetch

    def fetch_and_erase(self: Downloader, url: str) -> bytes:
        data = fetch(self, url)
        with writing(shop.db) as conn:
            conn.execute(Media.__table__.delete())
        return data

    monkeypatch.setattr(Downloader, "fetch", fetch_and_erase)
    work(shop, 1)
    with reading(shop.db) as conn:
        assert conn.execute(select(Media.__table__).where(Media.id == media_id)).first() is None
    assert twilio.media == {} and told == []
    assert [path for path in Path(shop.settings.media_url[7:]).rglob("*") if path.is_file()] == []


def test_only_what_is_ours_is_deleted(shop: Workshop, twilio: FakeTwilio) -> None:
    """An attachment of our account, also by its usual address; no other account's and no other host's."""
    path = twilio.attach("MM1", "image/jpeg", BOWL).removeprefix(twilio.url)
    channel = shop.channels["whatsapp"]
    for foreign in ("https://example.com" + path, twilio.url + path.replace("AC0", "AC1"), "no address"):
        channel.delete_media(foreign)
    assert twilio.calls == [] and path in twilio.media
    channel.delete_media("https://api.twilio.com" + path)
    channel.delete_media("https://api.twilio.com" + path)
    assert path not in twilio.media and len(twilio.calls) == 2


def test_a_transcript_is_told_once(shop: Workshop, twilio: FakeTwilio, told: list[Any]) -> None:
    """What the desk wrote comes as her words; a second version changes nothing."""
    media_id = arrive(shop, twilio.attach("MM1", "audio/ogg", VOICE), "voice")
    work(shop, 1)
    for words in ("पीतल का हाथी", "कुछ और"):
        submit(shop, media_id, words, by="desk")
        work(shop, 2)
    [inbound] = told
    assert (inbound.kind, inbound.text, inbound.media_ids) == ("media_ready", "पीतल का हाथी", (media_id,))
    row = media_row(shop.db, media_id)
    assert (row.status, row.transcript, row.transcribed_by) == ("ready", "पीतल का हाथी", "desk")


@pytest.mark.parametrize(
    "url",
    [
        "http://api.twilio.com/photo",
        "https://example.com/photo",
        "https://twilio.com.example.com/photo",
        "https://eviltwilio.com/photo",
        "https://user:word@api.twilio.com/photo",
        "https://169.254.169.254/latest/meta-data",
        "http://127.0.0.2:80/photo",
        "http://[::1/photo",
        "file:///etc/passwd",
        "ftp://api.twilio.com/photo",
        "//api.twilio.com/photo",
        "",
    ],
)
def test_hosts_that_media_never_come_from(url: str, tmp_path: Path, twilio: FakeTwilio) -> None:
    """Only the provider's hosts, only encrypted, plain HTTP at most on this machine."""
    with pytest.raises(DownloadError) as refusal:
        Downloader(settings_for(tmp_path, twilio)).fetch(url)
    assert refusal.value.permanent


def test_the_simulator_brings_its_own_photos(tmp_path: Path, twilio: FakeTwilio) -> None:
    """Only with SIMULATOR=1 may media come from our own page, and then without any credentials."""
    own = settings_for(tmp_path, public_url=twilio.url.replace("127.0.0.1", "localhost"))
    with pytest.raises(DownloadError, match="host"):
        Downloader(own).fetch(own.public_url + "/photo")
    with pytest.raises(DownloadError, match="http-401"):
        Downloader(replace(own, simulator=True)).fetch(own.public_url + "/photo")
    assert "Authorization" not in twilio.calls[-1][2]


def test_credentials_stay_at_home(
    tmp_path: Path, twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A redirect to another origin is followed without them, and without those of a .netrc."""
    (tmp_path / "netrc").write_text("default login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with FakeTwilio() as elsewhere:
        url = twilio.attach("MM1", "image/jpeg", BOWL)
        twilio.redirects[url.removeprefix(twilio.url)] = elsewhere.attach("MM1", "image/jpeg", BOWL)
        with pytest.raises(DownloadError, match="http-401"):
            Downloader(settings_for(tmp_path, twilio)).fetch(url)
        assert "Authorization" in twilio.calls[-1][2]
        assert "Authorization" not in elsewhere.calls[-1][2]


def test_redirects_end(tmp_path: Path, twilio: FakeTwilio) -> None:
    """A ring of redirects, or one to a foreign host, is given up."""
    twilio.redirects["/ring"] = "/ring"
    twilio.redirects["/out"] = "https://example.com/photo"
    with pytest.raises(DownloadError, match="too many"):
        Downloader(settings_for(tmp_path, twilio)).fetch(twilio.url + "/ring")
    with pytest.raises(DownloadError, match="host"):
        Downloader(settings_for(tmp_path, twilio)).fetch(twilio.url + "/out")


def test_too_large(tmp_path: Path, twilio: FakeTwilio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing over the cap is read to its end, whatever length is announced."""
    monkeypatch.setattr(download, "CAP", 1000)
    downloader = Downloader(settings_for(tmp_path, twilio))
    assert len(downloader.fetch(twilio.attach("MM1", "image/jpeg", bytes(1000)))) == 1000
    with pytest.raises(DownloadError, match="too large"):
        downloader.fetch(twilio.attach("MM1", "image/jpeg", bytes(1001)))

"""Stored bytes are shown to whoever holds a signed address, for a while, as what they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from bot.media.links import MAX_AGE_S, link, sha256_of
from bot.settings import Settings
from bot.web import create_app
from tests.open_rooms import house, settings_for

BOWL = (Path(__file__).parent / "images" / "bowl.jpg").read_bytes()


@pytest.fixture(params=["file", "s3"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Flask:
    kept = {"media_url": request.getfixturevalue("s3").media_url} if request.param == "s3" else {}
    settings = settings_for(tmp_path, **kept)
    return create_app(settings, house(settings))


def path_of(app: Flask, data: bytes) -> str:
    opened = app.extensions["sangwari"]
    address = link(opened.settings, opened.store.put(data))
    assert address.startswith("https://sangwari.example/media/")
    return address.removeprefix("https://sangwari.example")


def test_a_photo_is_shown(app: Flask) -> None:
    """With its true type, cacheable by its content, and closed to whatever might be hidden in it."""
    answer = app.test_client().get(path_of(app, BOWL))
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/jpeg", BOWL)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    again = app.test_client().get(path_of(app, BOWL), headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_ranges(app: Flask) -> None:
    """A phone plays a note from its middle."""
    answer = app.test_client().get(path_of(app, BOWL), headers={"Range": "bytes=10-19"})
    assert (answer.status_code, answer.data) == (206, BOWL[10:20])


def test_a_web_page_is_only_bytes(app: Flask) -> None:
    """What is neither photo nor sound is never shown as a page."""
    assert app.test_client().get(path_of(app, b"<html><script>")).mimetype == "application/octet-stream"


def test_wrong_addresses(app: Flask) -> None:
    """Forged, foreign, erased: not found, all the same."""
    good = path_of(app, BOWL)
    foreign = link(Settings(secret_key="another"), "a" * 64).rpartition("/")[2]
    erased = path_of(app, b"gone")
    app.extensions["sangwari"].store.delete(sha256_of(app.extensions["sangwari"].settings, erased[7:]) or "")
    for path in (good[:-1], good[:-1] + "é", "/media/x", f"/media/{foreign}", erased):
        assert app.test_client().get(path).status_code == 404


def test_addresses_grow_old(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while an address no longer works."""
    path = path_of(app, BOWL)
    monkeypatch.setattr("bot.media.links.MAX_AGE_S", -1)
    assert MAX_AGE_S > 0 and app.test_client().get(path).status_code == 404

"""The provider fetches a prompt over HTTP, without a password, whole or in pieces."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from werkzeug.serving import make_server

from bot.media.links import link
from bot.settings import Settings
from bot.speech.voices import Part, make, plan
from bot.web import create_app
from tests.open_rooms import house, settings_for

PROMPT = make(plan([Part("utter_x", 0, "सही है?")], "hi", Settings()))


@pytest.fixture(params=["file", "memory"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a stored prompt, as the provider is told it, at a real server."""
    settings = settings_for(tmp_path, media_url=f"{request.param}://{tmp_path}/media")
    opened = house(settings)
    server = make_server("127.0.0.1", 0, create_app(settings, opened), threaded=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    path = link(settings, opened.store.put(PROMPT)).removeprefix(settings.public_url)
    yield f"http://127.0.0.1:{server.server_port}{path}"
    server.shutdown()
    server.server_close()


def test_it_is_fetched_whole(address: str) -> None:
    """As the kind of sound it is, with its length, and without anything to log in with."""
    answer = requests.get(address, timeout=10)
    assert (answer.status_code, answer.content) == (200, PROMPT)
    assert answer.headers["Content-Type"] == "audio/ogg"
    assert answer.headers["Content-Length"] == str(len(PROMPT))
    assert len(address) < 300


def test_it_can_be_asked_for_first(address: str) -> None:
    """HEAD tells all that GET would, and sends nothing."""
    head, got = requests.head(address, timeout=10), requests.get(address, timeout=10)
    same = ("Content-Type", "Content-Length", "ETag", "Accept-Ranges", "Cache-Control")
    assert {name: head.headers.get(name) for name in same} == {name: got.headers.get(name) for name in same}
    assert (head.status_code, head.content) == (200, b"") and head.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=10-19", 10, 19),
        ("bytes=100-", 100, len(PROMPT) - 1),
        ("bytes=-20", len(PROMPT) - 20, len(PROMPT) - 1),
        (f"bytes=0-{len(PROMPT) * 2}", 0, len(PROMPT) - 1),
    ],
)
def test_it_is_fetched_in_pieces(address: str, wanted: str, first: int, last: int) -> None:
    """Each piece is exactly what was asked for, and says where it belongs."""
    answer = requests.get(address, headers={"Range": wanted}, timeout=10)
    assert (answer.status_code, answer.content) == (206, PROMPT[first : last + 1])
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(PROMPT)}"
    assert answer.headers["Content-Type"] == "audio/ogg"


def test_a_piece_beyond_the_end(address: str) -> None:
    """It is refused, not answered with something else."""
    answer = requests.get(address, headers={"Range": f"bytes={len(PROMPT)}-"}, timeout=10)
    assert answer.status_code == 416


def test_what_is_known_is_not_sent_again(address: str) -> None:
    """A second fetch costs no bytes; a piece of other bytes is not mixed in."""
    tag = requests.get(address, timeout=10).headers["ETag"]
    assert requests.get(address, headers={"If-None-Match": tag}, timeout=10).status_code == 304
    other = requests.get(address, headers={"Range": "bytes=5-9", "If-Range": '"other"'}, timeout=10)
    assert (other.status_code, other.content) == (200, PROMPT)


def test_nobody_guesses_an_address(address: str) -> None:
    """One letter less is not found."""
    assert requests.get(address[:-1], timeout=10).status_code == 404

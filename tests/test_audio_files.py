"""Sound from strangers: every file gets one verdict, nothing else is opened, and none takes much memory."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.media import audio
from bot.media.audio import CAP_S, Probe, examine, probe
from tests.sound_files import FORMS, film, for_hours, form

HERE = Path(__file__).parent
NOTE = HERE / "audio" / "brass_elephant_hi.ogg"
UNREADABLE = Probe("refuse", ("unreadable",), 0.0)


@pytest.mark.parametrize("name", FORMS)
def test_what_phones_send(name: str) -> None:
    """Every form is heard whole, at 16 kHz mono, and well."""
    found, sound = examine(form(name))
    assert (found.verdict, found.problems) == ("ok", ())
    assert found.seconds == pytest.approx(3, abs=0.1) and sound.dtype == np.float32 and sound.ndim == 1


def test_a_film_is_heard() -> None:
    """Of a film its sound is heard; without sound there is nothing to hear."""
    found = probe(film(with_sound=True))
    assert found.problems == () and found.seconds == pytest.approx(3, abs=0.1)
    assert probe(film(with_sound=False)) == UNREADABLE


TITLE = (("title", "हाथी \x01" + "é" * 3000), ("language", "x-none"), ("rotate", "90"))


@pytest.mark.parametrize("name", ["ogg", "mp3", "m4a", "webm"])
def test_tags_do_not_matter(name: str) -> None:
    """A long and strange title is no reason to refuse what she said."""
    found = probe(form(name, tags=TITLE))
    assert found.problems == () and found.seconds == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize("name", ["mp3", "m4a", "webm"])
@pytest.mark.parametrize("wrong", [b"\xe9\xff", b"\xff\xfe"])
def test_tags_in_another_encoding(name: str, wrong: bytes) -> None:
    """Nor is a title that is no UTF-8."""
    found = probe(form(name, tags=TITLE).replace("é".encode(), wrong))
    assert found.problems == () and found.seconds == pytest.approx(3, abs=0.1)


@pytest.fixture(scope="module")
def bait() -> Iterator[tuple[str, list[str]]]:
    """A server that offers a good voice note, and who asked for it."""
    asked: list[str] = []

    class Bait(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(NOTE.read_bytes())

        def log_message(self, *_said: Any) -> None:
            """Tests are silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Bait)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/note.ogg", asked
    server.shutdown()
    server.server_close()


LISTS = {
    "m3u": "#EXTM3U\n#EXTINF:5,\n{place}\n",
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{place}\n#EXT-X-ENDLIST\n",
    "concat": "ffconcat version 1.0\nfile '{place}'\n",
    "pls": "[playlist]\nNumberOfEntries=1\nFile1={place}\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash"><BaseURL>{place}</BaseURL></MPD>',
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\na={place}\n",
    "plain": "{place}",
}


@pytest.mark.parametrize(
    "start", [b"", b"ID3", b"OggS" + bytes(24) + b"OpusHead", b"\0\0\0\x18ftypM4A ", b"#!AMR\n"]
)
@pytest.mark.parametrize("name", LISTS)
def test_a_list_opens_nothing(name: str, start: bytes, bait: tuple[str, list[str]]) -> None:
    """A playlist or script, bare or behind the first bytes of a sound: nothing that it names is opened."""
    url, asked = bait
    for place in (url, str(NOTE), NOTE.as_uri()):
        assert probe(start + LISTS[name].format(place=place).encode()).verdict == "refuse"
    assert asked == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"O",
        b"OggS",
        b"ID3",
        b"#!AMR\n",
        b"\xff\xfb",
        bytes(5000),
        b"\xff" * 5000,
        b"RIFF\x24\0\0\0WAVEfmt ",
        (HERE / "images" / "bowl.jpg").read_bytes(),
        (HERE / "images" / "LICENCES.txt").read_bytes(),
    ],
)
def test_no_sound_at_all(data: bytes) -> None:
    """Empty, too short, something else: unreadable."""
    assert probe(data) == UNREADABLE


def test_mislabelled() -> None:
    """The first bytes say which form it is: what then does not keep it is not read as another one."""
    starts = {"ogg": b"OggS", "mp3": b"ID3\x04\0\0\0\0\0\0", "amr": b"#!AMR\n", "webm": b"\x1aE\xdf\xa3"}
    for promised, start in starts.items():
        for name in FORMS:
            if promised not in name:
                assert probe(start + form(name)[len(start) :]) == UNREADABLE, (promised, name)


@pytest.mark.parametrize("name", FORMS)
def test_cut_short(name: str) -> None:
    """A note that ends too early is heard up to there, or is unreadable."""
    data = form(name)
    whole = probe(data).seconds
    for part in range(20):
        found = probe(data[: len(data) * part // 20])
        assert found == UNREADABLE or 0 < found.seconds <= whole
    assert isinstance(probe(data[len(data) // 2 :]), Probe)


def test_samples_that_are_no_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A decoder that makes infinities of damaged bytes harms nobody."""
    wild = np.array([np.nan, np.inf, -np.inf, 0.5] * 8000, np.float32)
    monkeypatch.setattr(audio, "_parts", lambda _data, _form: iter([wild]))
    found, sound = examine(NOTE.read_bytes())
    assert found.problems == ("clipped",) and np.isfinite(sound).all() and np.abs(sound).max() <= 1


def _memory(files: list[Path]) -> int:
    """The most memory, in kB, that a process of its own needed to judge these files."""
    code = (
        "import resource, sys; from pathlib import Path; from bot.media.audio import probe\n"
        "for name in sys.argv[1:]: print(probe(Path(name).read_bytes()).seconds, file=sys.stderr)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    command = [sys.executable, "-c", code, *map(str, files)]
    done = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_an_hour(tmp_path: Path) -> None:
    """Of an hour two minutes are heard, and it takes no more memory than the file and they do."""
    hour = tmp_path / "hour.ogg"
    hour.write_bytes(for_hours(1))
    found = probe(hour.read_bytes())
    assert (found.verdict, found.problems, found.seconds) == ("warn", ("too_long",), CAP_S)
    room = hour.stat().st_size / 1024 + 4 * CAP_S * audio.RATE * 4 / 1024
    assert _memory([hour]) - _memory([NOTE]) < room


def mutations(count: int) -> Iterator[bytes]:
    """Files of all forms, cut, spliced, stretched, and with bytes changed anywhere or in their heads."""
    chance = random.Random(11)
    good = [*(form(name) for name in FORMS), film(with_sound=True)]
    for _ in range(count):
        data = bytearray(chance.choice(good))
        at = chance.randrange(len(data))
        match chance.randrange(6):
            case 0:
                del data[at:]
            case 1:
                data[at:at] = chance.randbytes(chance.randrange(1, 300))
            case 2:
                del data[at : at + chance.randrange(1, 600)]
            case 3:
                data += chance.choice(good)
            case 4:
                data[at:] = chance.choice(good)[at:]
        reach = len(data) if chance.random() < 0.5 else min(len(data), 500)
        for _ in range(chance.choice((1, 3, 20, 200)) if reach else 0):
            data[chance.randrange(reach)] = chance.randrange(256)
        yield bytes(data)


def _judged(count: int) -> None:
    for data in mutations(count):
        found = probe(data)
        assert isinstance(found, Probe) and found.seconds <= CAP_S
        assert (found.verdict == "refuse") == bool({"silent", "unreadable"} & set(found.problems))
        assert all(0 <= bar <= 100 for bar in found.waveform)


def test_damaged_files() -> None:
    """Two hundred damaged files: always a verdict."""
    _judged(200)


@pytest.mark.slow
def test_thousands_of_damaged_files() -> None:
    """Four thousand damaged files: always a verdict."""
    _judged(4000)

"""A service elsewhere writes notes down: what it is sent, and every way in which it can fail us."""

from __future__ import annotations

import base64
import json
import threading
import time
import wave
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.media.audio import decode
from bot.speech import http as room
from bot.speech.hearing import Heard, Note, NotHeard
from bot.speech.http import Service

NOTE = Note(
    "17", decode((Path(__file__).parent / "audio" / "brass_elephant_hi.ogg").read_bytes()), "hne", "price"
)


@dataclass
class Bench:
    """A service of this test: what it answers next, and the calls it had."""

    status: int = 200
    body: bytes = b'{"text": "x"}'
    headers: dict[str, str] = field(default_factory=dict)
    wait_s: float = 0.0
    drip_s: float = 0.0
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[ThreadingHTTPServer, list[Bench]]]:
    benches: list[Bench] = []

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bench = benches[-1]
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            bench.calls.append((dict(self.headers), sent))
            time.sleep(bench.wait_s)
            self.send_response(bench.status)
            for name, value in bench.headers.items():
                self.send_header(name, value)
            self.end_headers()
            step = 1 if bench.drip_s else len(bench.body) or 1
            try:
                for at in range(0, len(bench.body), step):
                    self.wfile.write(bench.body[at : at + step])
                    time.sleep(bench.drip_s)
            except OSError:
                pass  # who called has hung up

        def log_message(self, *_said: Any) -> None:
            """Tests are silent."""

    opened = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    opened.daemon_threads = True
    threading.Thread(target=opened.serve_forever, daemon=True).start()
    yield opened, benches
    opened.shutdown()
    opened.server_close()


@pytest.fixture
def bench(server: tuple[ThreadingHTTPServer, list[Bench]]) -> Bench:
    opened, benches = server
    benches.append(Bench(url=f"http://127.0.0.1:{opened.server_address[1]}/hear"))
    return benches[-1]


def hear(bench: Bench) -> Heard:
    service = Service(bench.url, "secret")
    try:
        return service.hear(NOTE)
    finally:
        service.close()


def refused(bench: Bench) -> NotHeard:
    with pytest.raises(NotHeard) as refusal:
        hear(bench)
    return refusal.value


def test_what_is_sent_and_what_comes_back(bench: Bench) -> None:
    """The form of docs/speech.md, both ways: sound, language, open question, id, bearer token."""
    bench.body = json.dumps({"text": " ढाई सौ ", "confidence": 0.75, "more": [1]}).encode()
    assert hear(bench) == Heard("ढाई सौ", 0.75, "http:127.0.0.1")
    [(headers, body)] = bench.calls
    assert headers["Authorization"] == "Bearer secret" and headers["Content-Type"] == "application/json"
    sent = json.loads(body)
    assert set(sent) == {"id", "language", "asks", "audio"}
    assert (sent["id"], sent["language"], sent["asks"]) == ("17", "hne", "price")
    with wave.open(BytesIO(base64.b64decode(sent["audio"]))) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 16_000)
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2") / 32767
    assert np.allclose(samples, NOTE.sound, atol=1e-4)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"text": "सौ"}, ("सौ", None)),
        ({"text": "सौ", "confidence": None}, ("सौ", None)),
        ({"text": "सौ", "confidence": 0}, ("सौ", 0.0)),
        ({"text": "सौ", "confidence": 1}, ("सौ", 1.0)),
        ({"text": "  "}, ("", None)),
    ],
)
def test_good_answers(bench: Bench, answer: object, expected: tuple[str, float | None]) -> None:
    """A service need not say how sure it is; no words are an answer too."""
    bench.body = json.dumps(answer).encode()
    heard = hear(bench)
    assert (heard.text, heard.confidence) == expected


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"\xff\xfe",
        b"[" * 50_000,
        b"null",
        b'"text"',
        b'["text"]',
        b"{}",
        b'{"text": null}',
        b'{"text": 5}',
        b'{"text": ["a"]}',
        b'{"text": "a", "confidence": "0.5"}',
        b'{"text": "a", "confidence": true}',
        b'{"text": "a", "confidence": 1.5}',
        b'{"text": "a", "confidence": -1}',
        b'{"text": "a", "confidence": NaN}',
        b'{"text": "a", "confidence": 1e999}',
        b'{"text": "' + b"a" * 8001 + b'"}',
    ],
)
def test_wrong_answers(bench: Bench, body: bytes) -> None:
    """What is not the agreed form is not heard, and asking again would not help."""
    bench.body = body
    assert not refused(bench).again


def test_a_huge_answer_is_not_read(bench: Bench) -> None:
    """Nothing over the cap is taken, announced or not."""
    bench.body = b'{"text": "a", "x": "' + b"a" * (8 << 20) + b'"}'
    assert "too large" in str(refused(bench))


@pytest.mark.parametrize(
    ("status", "again"),
    [
        (500, True),
        (503, True),
        (429, True),
        (408, True),
        (400, False),
        (401, False),
        (404, False),
        (204, False),
    ],
)
def test_statuses(bench: Bench, status: int, again: bool) -> None:
    """Its own trouble may pass; what it holds against our call will not."""
    bench.status = status
    refusal = refused(bench)
    assert str(refusal) == f"http-{status}" and refusal.again is again


def test_a_redirect_is_not_followed(bench: Bench) -> None:
    """What she said, and our token, go to the address of the settings and nowhere else."""
    bench.status, bench.headers = 307, {"Location": bench.url + "/elsewhere"}
    assert not refused(bench).again and len(bench.calls) == 1


def test_nobody_there() -> None:
    """A refused connection may pass."""
    with pytest.raises(NotHeard) as refusal:
        Service("http://127.0.0.1:9/hear", "").hear(NOTE)
    assert refusal.value.again


def test_too_slow(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that does not answer is not waited for; it may be quicker next time."""
    monkeypatch.setattr(room, "TIMEOUT_S", (1.0, 0.2))
    bench.wait_s = 1.0
    assert refused(bench).again


def test_a_drip(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is one that answers a letter at a time."""
    monkeypatch.setattr(room, "WHOLE_S", 0.5)
    bench.drip_s, bench.body = 0.02, b'{"text": "' + b"a" * 500 + b'"}'
    refusal = refused(bench)
    assert refusal.again and str(refusal) == "too slow"


def test_cut_short(bench: Bench) -> None:
    """An answer that ends too early is no answer."""
    bench.headers = {"Content-Length": "5000"}
    assert refused(bench)


def test_the_token_is_ours(bench: Bench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A .netrc of the machine does not take its place."""
    (tmp_path / "netrc").write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    hear(bench)
    assert bench.calls[-1][0]["Authorization"] == "Bearer secret"


def test_a_token_that_no_header_can_hold(bench: Bench) -> None:
    """A setting gone wrong is a failure like others."""
    with pytest.raises(NotHeard):
        Service(bench.url, "संगवारी").hear(NOTE)


def test_the_reason_tells_nothing_of_her(bench: Bench) -> None:
    """Reasons go to logs and metrics: they hold nothing of the answer."""
    for body in (b"9876500000 my secret", b'{"text": {"secret": 1}}'):
        bench.body = body
        assert "secret" not in str(refused(bench))

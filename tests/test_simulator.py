"""The simulator over HTTP: her actions reach the real doors, signed; only invented phones can be opened."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import requests
from PIL import Image
from sqlalchemy import select
from werkzeug.serving import make_server

from bot.settings import Settings
from bot.tasks.workshop import Workshop
from bot.web import MAX_BODY, create_app
from bot.web.house import House
from bot.web.simulated_calls import CallFailed, Phone, post, text
from bot.worker import Worker
from models import Message
from models.database import reading
from tests.open_rooms import house, settings_for

IMAGES = Path(__file__).parent / "images"
NOTE = Path(__file__).parent / "audio" / "brass_elephant_hi.ogg"
HER = {"channel": "whatsapp", "phone": "+919999954321"}


@dataclass(frozen=True)
class Served:
    """A running simulator and the worker that does its jobs when told."""

    url: str
    house: House
    worker: Worker

    def say(self, **fields: Any) -> requests.Response:
        """One action of hers; `files` is a list of (name, bytes, content type)."""
        files = [("files", file) for file in fields.pop("files", [])]
        form = HER | {name: str(value) for name, value in fields.items()}
        answer = self.post("say", form, files)
        self.worker.drain()
        return answer

    def post(self, path: str, form: dict[str, str], files: Any = None) -> requests.Response:
        headers = {"X-Simulator": "1"}
        url = f"{self.url}/simulator/{path}"
        return requests.post(url, data=form, files=files, headers=headers, timeout=20)

    def talk(self, **who: str) -> dict[str, Any]:
        """What the page shows of her."""
        answer = requests.get(f"{self.url}/simulator/talk", params=HER | who, timeout=20)
        shown: dict[str, Any] = answer.json()
        return shown


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(tmp_path) as running:
        yield running


@contextmanager
def serving(tmp_path: Path) -> Iterator[Served]:
    """A simulator on a free port of this machine."""
    room = make_server("127.0.0.1", 0, lambda *_: [], threaded=True)
    url = f"http://127.0.0.1:{room.server_port}"
    given: dict[str, Any] = {"simulator": True, "public_url": url, "twilio_account_sid": ""}
    settings = settings_for(tmp_path, var_dir=str(tmp_path / "var"), **given)
    opened = house(settings)
    room.app = create_app(settings, opened)
    threading.Thread(target=room.serve_forever, daemon=True).start()
    yield Served(url, opened, Worker(workshop(opened), "test"))
    room.shutdown()
    room.server_close()
    opened.db.dispose()


def workshop(opened: House) -> Workshop:
    return Workshop(
        db=opened.db,
        settings=opened.settings,
        store=opened.store,
        channels=dict(opened.channels),
        talk=opened.talk,
        clock=opened.clock,
    )


def photo(name: str = "bowl.jpg") -> tuple[str, bytes, str]:
    return name, (IMAGES / name).read_bytes(), "image/jpeg"


def consented(served: Served) -> None:
    """She has said yes and is asked for photos."""
    served.say(text="नमस्ते")
    for title in ("हिंदी", "हाँ, राज़ी"):
        button = next(b for b in served.talk()["messages"][-1]["buttons"] if b["title"] == title)
        served.say(payload=button["payload"], title=title)
    assert served.talk()["draft"]["asks"]["slot"] == "photos"


def test_the_page_is_whole_and_locked(served: Served) -> None:
    """Everything comes from us, no script stands in the page, and the policy forbids the rest."""
    page = requests.get(served.url + "/simulator", timeout=20)
    assert page.status_code == 200
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "//" not in page.text.replace("<!--", "")
    assert page.text.count("<script") == page.text.count('<script type="module" src="/static/')
    assert " style=" not in page.text


def test_the_simulator_is_a_setting(tmp_path: Path) -> None:
    """Without SIMULATOR=1 there is no such page; with it there is no API."""
    off = settings_for(tmp_path, simulator=False)
    assert create_app(off, house(off)).test_client().get("/simulator").status_code == 404
    on = settings_for(tmp_path, simulator=True)
    client = create_app(on, house(on)).test_client()
    bearer = {"Authorization": f"Bearer {on.api_token}"}
    assert client.get("/simulator").status_code == 200
    assert client.get("/api/v1/listings", headers=bearer).status_code == 404
    assert client.get("/console").status_code == 404


def test_words_go_through_the_signed_door(served: Served) -> None:
    """What she types is a stored message of the real channel with Twilio's kind of id, and it is answered."""
    answer = served.say(text="नमस्ते")
    [sid] = answer.json()["sent"]
    with reading(served.house.db) as conn:
        row = conn.execute(select(Message.__table__).where(Message.provider_id == sid)).one()
    assert (row.channel, row.address) == ("whatsapp", "whatsapp:+919999954321")
    assert sid.startswith("SM")
    assert len(sid) == 34
    shown = served.talk()["messages"]
    assert (shown[0]["by"], shown[0]["text"]) == ("her", "नमस्ते")
    assert shown[-1]["by"] == "us"
    assert shown[-1]["buttons"]


def test_a_talk_that_stands_still_is_not_sent_again(served: Served) -> None:
    """The page asks often: 304 until something happens."""
    served.say(text="नमस्ते")
    url = f"{served.url}/simulator/talk"
    first = requests.get(url, params=HER, timeout=20)
    known = {"If-None-Match": first.headers["ETag"]}
    assert requests.get(url, params=HER, headers=known, timeout=20).status_code == 304
    served.say(text="हिंदी")
    assert requests.get(url, params=HER, headers=known, timeout=20).status_code == 200


def test_a_message_on_its_way_is_not_on_her_screen(served: Served) -> None:
    """Until the worker has sent it, the page only shows that somebody writes."""
    served.post("say", HER | {"text": "नमस्ते"})
    before = served.talk()
    assert [message["by"] for message in before["messages"]] == ["her"]
    assert before["typing"]
    served.worker.drain()
    after = served.talk()
    assert "us" in {message["by"] for message in after["messages"]}
    assert not after["typing"]


def test_an_album_is_one_call_a_photo(served: Served) -> None:
    """Three photos with a caption: three messages, the words with the first, one answer to all."""
    consented(served)
    before = len(served.talk()["messages"])
    files = [photo(name) for name in ("bowl.jpg", "drum.jpg", "brushes.jpg")]
    answer = served.say(text="पीतल का हाथी", files=files)
    assert len(answer.json()["sent"]) == 3
    fresh = served.talk()["messages"][before:]
    hers = [message for message in fresh if message["by"] == "her"]
    assert [message["text"] for message in hers] == ["पीतल का हाथी", "", ""]
    assert [message["media"][0]["status"] for message in hers] == ["ready"] * 3
    again = requests.get(hers[0]["media"][0]["url"], timeout=20)
    assert (again.content, again.headers["Content-Type"]) == (files[0][1], "image/jpeg")


def test_a_camera_photo_fits(served: Served) -> None:
    """A photo of several MB goes through, although a webhook call may only be small."""
    consented(served)
    noise = np.random.default_rng(1).integers(0, 255, (1500, 2000, 3), dtype=np.uint8)
    out = BytesIO()
    Image.fromarray(noise).save(out, "JPEG", quality=95)
    assert len(out.getvalue()) > 2 * MAX_BODY
    assert served.say(files=[("big.jpg", out.getvalue(), "image/jpeg")]).status_code == 200
    kept = next(m for m in served.talk()["messages"] if m.get("media"))["media"][0]
    assert kept["status"] in ("ready", "refused")


def test_a_voice_note_waits_for_the_desk(served: Served) -> None:
    """What the desk writes goes on as her words, once; before that the note only waits."""
    consented(served)
    served.say(files=[("note.ogg", NOTE.read_bytes(), "audio/ogg")])
    note = next(m for m in served.talk()["messages"] if m.get("media"))["media"][0]
    assert (note["kind"], note["status"], note["transcript"]) == ("voice", "stored", None)
    words = HER | {"media_id": str(note["id"]), "text": "पीतल का हाथी, दाम पंद्रह सौ रुपये"}
    assert served.post("transcript", words).status_code == 200
    assert served.post("transcript", words).status_code == 409
    served.worker.drain()
    note = next(m for m in served.talk()["messages"] if m.get("media"))["media"][0]
    assert note["transcript"].startswith("पीतल का हाथी")


def test_a_transcript_is_for_her_own_note(served: Served) -> None:
    """Another phone, another kind of id or no words: 400."""
    consented(served)
    served.say(files=[("note.ogg", NOTE.read_bytes(), "audio/ogg")])
    note = next(m for m in served.talk()["messages"] if m.get("media"))["media"][0]
    words = HER | {"media_id": str(note["id"]), "text": "हाथी"}
    assert served.post("transcript", words | {"phone": "+919999900001"}).status_code == 400
    assert served.post("transcript", words | {"media_id": "x"}).status_code == 400
    assert served.post("transcript", words | {"text": " "}).status_code == 400


def test_a_recording_becomes_what_whatsapp_sends(served: Served) -> None:
    """The browser records WebM; the house gets OGG/Opus."""
    consented(served)
    served.say(files=[("note.webm", webm(), "audio/webm;codecs=opus")])
    note = next(m for m in served.talk()["messages"] if m.get("media"))["media"][0]
    data = requests.get(note["url"], timeout=20).content
    assert data.startswith(b"OggS")
    assert b"OpusHead" in data[:128]
    assert note["status"] == "stored"
    assert note["seconds"] == pytest.approx(2.0, abs=0.2)


def test_a_place_arrives(served: Served) -> None:
    """A pin is a message with its two numbers; halves of one are refused."""
    served.say(text="नमस्ते")
    served.say(latitude=19.5951, longitude=81.6638)
    pins = [m["location"] for m in served.talk()["messages"] if m["by"] == "her" and m["location"]]
    assert pins == [[19.5951, 81.6638]]
    assert served.say(latitude=19.5).status_code == 400


def test_the_keypad_phone_reads_numbered_text(served: Served) -> None:
    """By SMS the choices stand in the text, in one part of plain letters, and the number is an answer."""
    sms = {"channel": "sms"}
    served.say(text="BECHNA", **sms)
    asked = served.talk(**sms)["messages"][-1]
    assert "1 " in asked["text"]
    assert asked["parts"] == 1
    served.say(text="3", **sms)
    talk = served.talk(**sms)
    assert talk["draft"]["language"] == "hi-Latn"
    assert served.talk()["messages"] == []


@pytest.mark.parametrize(
    "who",
    [
        {"phone": "+919812345678"},
        {"phone": "+91999991234"},
        {"phone": "+919999912345\n"},
        {"phone": ""},
        {"channel": "voice"},
    ],
)
def test_only_invented_numbers(served: Served, who: dict[str, str]) -> None:
    """Nobody's real talk can be read or spoken in."""
    assert requests.get(f"{served.url}/simulator/talk", params=HER | who, timeout=20).status_code == 400
    assert served.post("say", HER | who | {"text": "नमस्ते"}).status_code == 400


def test_another_site_cannot_act_in_her_name(served: Served) -> None:
    """A form without our header is refused, and an action without content too."""
    url = f"{served.url}/simulator/say"
    assert requests.post(url, data=HER | {"text": "नमस्ते"}, timeout=20).status_code == 403
    assert served.say().status_code == 400


@pytest.mark.parametrize("name", ["0" * 32, "../test.db", "x", "%2e%2e%2ftest.db"])
def test_only_files_of_the_phone_are_offered(served: Served, name: str) -> None:
    """A wrong name is a 404, whatever it looks like."""
    assert requests.get(f"{served.url}/simulator/media/{name}", timeout=20).status_code == 404


def test_a_closed_door_is_said(tmp_path: Path) -> None:
    """A refused or unreachable webhook is an answer to the page, not silence."""
    nowhere = Settings(simulator=True, public_url="http://127.0.0.1:1")
    with pytest.raises(CallFailed):
        post(nowhere, Phone("whatsapp", "+919999912345"), text("नमस्ते"))
    with serving(tmp_path) as served:
        strange = Settings(simulator=True, public_url=served.url, twilio_auth_token="wrong")
        with pytest.raises(CallFailed, match="403"):
            post(strange, Phone("whatsapp", "+919999912345"), text("नमस्ते"))


def webm() -> bytes:
    """Two seconds of a tone, as MediaRecorder writes them."""
    out = BytesIO()
    with av.open(out, "w", format="webm") as container:
        stream = container.add_stream("libopus", rate=48000, layout="mono")
        for start in range(0, 96000, 960):
            wave = 0.3 * np.sin(np.arange(start, start + 960) * 2 * np.pi * 300 / 48000)
            frame = av.AudioFrame.from_ndarray(wave.astype(np.float32)[None, :], format="flt", layout="mono")
            frame.sample_rate, frame.pts = 48000, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()

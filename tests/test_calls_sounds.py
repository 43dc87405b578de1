"""What is played and recorded on a telephone line: made once, whole, and in a form that exchanges know."""

from __future__ import annotations

import wave
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select, update

from bot import jobs
from bot.media.audio import RATE, decode, probe
from bot.media.download import Downloader, DownloadError
from bot.media.sniff import sniff
from bot.media.store import MediaStore
from bot.settings import Settings
from bot.speech.prompts import Part, Unspeakable
from bot.speech.telephone import TELEPHONE_RATE, encode, telephone
from bot.tasks import make_prompts
from models import Message, Rendition
from models.database import reading, writing
from tests.conftest import Clock
from tests.fake_exchange import FakeExchange
from tests.open_rooms import HER, message_row, outgoing, seller, settings_for, workshop

TONE = (0.4 * np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE)).astype(np.float32)
PARTS = [
    Part("utter_ask_stock", 0, "अभी बेचने के लिए कितने तैयार हैं?"),
    Part("utter_phone_skip", 0, "पता न हो तो 0 दबाइए।"),
]


def test_a_telephone_sound_is_mono_mulaw_at_8_khz() -> None:
    """The form that every exchange plays without asking; what was said is still in it."""
    data = encode(TONE)
    assert data == encode(TONE)
    assert sniff(data).content_type == "audio/wav"
    with av.open(BytesIO(data)) as container:
        stream = container.streams.audio[0]
        assert (stream.codec_context.name, stream.rate, stream.channels) == ("pcm_mulaw", 8000, 1)
    heard = decode(data)
    assert abs(heard.size - TONE.size) < RATE // 10
    assert _loudest_hz(heard) == pytest.approx(440, abs=2)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.floats(-4, 4, width=32), min_size=160, max_size=4000))
def test_any_sound_becomes_a_file(samples: list[float]) -> None:
    """From a hundredth of a second, however loud, it is a file that opens."""
    data = encode(np.array(samples, np.float32))
    with av.open(BytesIO(data)) as container:
        assert container.streams.audio[0].rate == TELEPHONE_RATE


@pytest.mark.parametrize(
    ("form", "codec", "rate"),
    [
        ("wav", "pcm_mulaw", 8000),
        ("wav", "pcm_alaw", 8000),
        ("wav", "pcm_s16le", 8000),
        ("mp3", "libmp3lame", 8000),
        ("mp3", "libmp3lame", 22050),
    ],
)
def test_recordings_of_exchanges_are_heard(form: str, codec: str, rate: int) -> None:
    """Whatever form an exchange records in, it is a voice note like any other."""
    data = recorded(form, codec, rate)
    assert sniff(data).kind == "voice"
    assert probe(data).verdict == "ok" and _loudest_hz(decode(data)) == pytest.approx(440, abs=3)


@pytest.mark.parametrize("cut", [12, 40, 60, 2000])
def test_a_broken_recording_is_a_verdict(cut: int) -> None:
    """A recording that breaks off is heard as far as it goes, or judged unreadable: never an exception."""
    assert probe(recorded("wav", "pcm_mulaw", 8000)[:cut]).verdict in ("ok", "refuse", "warn")


def recorded(form: str, codec: str, rate: int) -> bytes:
    frame = av.AudioFrame.from_ndarray(TONE[None, :], format="flt", layout="mono")
    frame.sample_rate = RATE
    sample = "s16p" if form == "mp3" else "s16"
    resampler = av.AudioResampler(format=sample, layout="mono", rate=rate)
    file = BytesIO()
    with av.open(file, "w", format=form, options={"write_xing": "0", "id3v2_version": "0"}) as out:
        stream = out.add_stream(codec, rate=rate, layout="mono")
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return file.getvalue()


def _loudest_hz(sound: Any) -> float:
    spectrum = np.abs(np.fft.rfft(sound))
    return float(np.argmax(spectrum)) * RATE / sound.size


def test_what_is_said_often_is_spoken_once(db: Engine, tmp_path: Path, clock: Clock) -> None:
    """Parts are prompts of their own: a new question with the same keys speaks only the question anew."""
    store = MediaStore(f"file://{tmp_path}/media")
    first = telephone(db, store, Settings(), PARTS, "hi", clock())
    assert telephone(db, store, Settings(), PARTS, "hi", clock()) == first
    other = [Part("utter_ask_size", 0, "कितना बड़ा है?"), PARTS[1]]
    assert telephone(db, store, Settings(), other, "hi", clock()) != first
    with reading(db) as conn:
        kinds = select(Rendition.kind, func.count()).group_by(Rendition.kind)
        assert dict(conn.execute(kinds).all()) == {"prompt": 3, "telephone": 2}


def test_nothing_of_a_long_text_is_left_out(sqlite_db: Engine, tmp_path: Path, clock: Clock) -> None:
    """A read-back of many values is said to its end, beside as many keys as it has."""
    store = MediaStore(f"file://{tmp_path}/media")
    sentence = "बाँस की टोकरी, ढाई सौ रुपये, बारह नग, एक हाथ।"
    alone = decode(
        store.read(telephone(sqlite_db, store, Settings(), [Part("utter_x", 0, sentence)], "hi", clock()))
    )
    many = [
        Part("utter_x", 0, " ".join([sentence] * 4)),
        *[Part(f"utter_{n}", 0, sentence) for n in range(6)],
    ]
    whole = decode(store.read(telephone(sqlite_db, store, Settings(), many, "hi", clock())))
    assert whole.size > 8 * alone.size


def test_without_a_voice_there_is_no_sound(sqlite_db: Engine, tmp_path: Path, clock: Clock) -> None:
    """VOICE=none and no recording: the provider has to speak, and is told so."""
    with pytest.raises(Unspeakable):
        telephone(sqlite_db, MediaStore(f"file://{tmp_path}"), Settings(voice="none"), PARTS, "hi", clock())


@pytest.mark.parametrize("voice", ["espeak", "none"])
def test_a_bubble_gets_a_sound_for_each_page(db: Engine, tmp_path: Path, voice: str) -> None:
    """The row names the sound of each page of keys, or None where the provider must speak."""
    shop = workshop(settings_for(tmp_path, voice=voice), db)
    message_id = bubble(db)
    make_prompts.run(shop, job(shop, message_id))
    sounds = message_row(db, message_id).body["sounds"]
    if voice == "none":
        assert sounds == [None, None]
    else:
        assert len(sounds) == 2 and all(shop.store.exists(name) for name in sounds)
        assert len(set(sounds)) == 2


def test_words_that_were_erased_meanwhile_do_not_come_back(sqlite_db: Engine, tmp_path: Path) -> None:
    """She was forgotten while her sounds were made: the row stays empty."""
    shop = workshop(settings_for(tmp_path), sqlite_db)
    message_id = bubble(sqlite_db)
    waiting = job(shop, message_id)

    class Forgets(MediaStore):
        def put(self, data: bytes) -> str:
            with writing(sqlite_db) as conn:
                conn.execute(update(Message).values(body={}))
            return super().put(data)

    object.__setattr__(shop, "store", Forgets(shop.settings.media_url))
    make_prompts.run(shop, waiting)
    assert message_row(sqlite_db, message_id).body == {}


def bubble(db: Engine) -> int:
    key = {"utter": "utter_phone_key", "variation": 0, "text": "हाँ के लिए 1 दबाइए।"}
    more = {"utter": "utter_phone_more", "variation": 0, "text": "और सुनने के लिए 9 दबाइए।"}
    body = {
        "speak": [{"utter": "utter_x", "variation": 0, "text": "सही है?"}],
        "call": {"then": "choose", "skip": False, "keys": [[key, more], [more]]},
    }
    with writing(db) as conn:
        return outgoing(conn, seller(conn, HER), channel="call", kind="voice", body=body)


def job(shop: Any, message_id: int) -> jobs.Job:
    with writing(shop.db) as conn:
        jobs.put(conn, "make_prompts", {"message_id": message_id}, now=shop.clock())
    [claimed] = jobs.claim(shop.db, shop.clock())
    return claimed


def test_recordings_come_from_named_hosts_with_their_own_secrets(tmp_path: Path) -> None:
    """A gateway's recordings are fetched with the gateway's secrets, never with Twilio's."""
    with FakeExchange() as exchange:
        url = exchange.record(b"sound")
        settings = settings_for(
            tmp_path, call_media_hosts="127.0.0.1, x.example", call_user="u", call_token="t"
        )
        with pytest.raises(DownloadError, match="http-401"):
            Downloader(settings).fetch(url)
        with pytest.raises(DownloadError, match="not one media may come from"):
            Downloader(settings_for(tmp_path)).fetch(url)
        own = {"call_user": settings.twilio_account_sid, "call_token": settings.twilio_auth_token}
        assert Downloader(settings_for(tmp_path, call_media_hosts="127.0.0.1", **own)).fetch(url) == b"sound"


def test_wave_files_of_any_other_kind_are_no_exception() -> None:
    """A WAV without sound in it is unreadable, not an error."""
    file = BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(3)
        sound.setframerate(8000)
        sound.writeframes(b"")
    assert probe(file.getvalue()).problems == ("unreadable",)

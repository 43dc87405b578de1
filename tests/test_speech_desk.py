"""From a stored note to a person who writes it down, or to a refusal; each way ends once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, update

from bot.media.audio import probe
from bot.media.speech_copy import encode
from bot.media.waveform import RATE, Sound
from bot.tasks import listen, settle_album, transcribe
from bot.tasks.transcribe import cannot_hear, submit
from bot.tasks.workshop import Workshop
from models import Media
from models.database import writing
from tests.open_rooms import job_kinds, media_row, settings_for, workshop
from tests.stored_notes import CAME, copies, desk, good, store, transcribe_one, work


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the talk would be told: these tests look at the notes, not at the talk."""
    heard: list[Any] = []
    monkeypatch.setattr(settle_album, "receive", lambda _db, _talk, inbound, _now: heard.append(inbound))
    return heard


@pytest.fixture
def shop(tmp_path: Path, db: Engine) -> Workshop:
    """Where people write notes down."""
    return workshop(settings_for(tmp_path), db)


def test_the_desk_gets_a_good_note(shop: Workshop, told: list[Any]) -> None:
    """It waits there in the language of the talk, since it came, with a copy that any phone plays."""
    media_id = store(shop, encode(good()), {"slots": {"language": "hne"}, "language_heard": "hi"})
    work(shop)
    row, [work_row] = media_row(shop.db, media_id), desk(shop)
    assert (row.status, row.transcript) == ("stored", None) and 2 < row.seconds < 3
    assert (
        set(row.verdict) == {"verdict", "problems", "seconds", "waveform"}
        and len(row.verdict["waveform"]) == 64
    )
    assert (work_row.media_id, work_row.language, work_row.status) == (media_id, "hne", "waiting")
    assert (work_row.created_at, work_row.claimed_by, work_row.done_at) == (CAME, None, None)
    [copy] = copies(shop)
    assert (copy.source, copy.kind) == (row.sha256, "speech")
    assert probe(shop.store.read(copy.sha256)).seconds == pytest.approx(row.seconds, abs=0.05)
    assert told == [] and job_kinds(shop.db) == []


@pytest.mark.parametrize(
    ("state", "language"),
    [(None, "hi"), ({"slots": {}}, "hi"), ({"slots": {}, "language_heard": "hne"}, "hne")],
)
def test_the_language_of_a_talk_that_has_none_yet(shop: Workshop, state: Any, language: str) -> None:
    """What she was heard to speak, else Hindi."""
    store(shop, encode(good()), state)
    transcribe_one(shop)
    assert [row.language for row in desk(shop)] == [language]


@pytest.mark.parametrize("note", [b"no sound", encode(np.zeros(2 * RATE, np.float32))])
def test_what_nobody_could_hear_is_refused(shop: Workshop, told: list[Any], note: bytes) -> None:
    """Unreadable or silent: nobody is troubled with it, and she is told."""
    media_id = store(shop, note)
    work(shop)
    assert media_row(shop.db, media_id).status == "refused"
    assert desk(shop) == copies(shop) == [] and [one.media_ids for one in told] == [(media_id,)]


def test_bytes_that_are_gone(shop: Workshop, told: list[Any]) -> None:
    """What is no longer in the store is a failure, and she is told."""
    media_id = store(shop, encode(good()))
    shop.store.delete(media_row(shop.db, media_id).sha256)
    work(shop)
    assert media_row(shop.db, media_id).status == "failed" and len(told) == 1


@pytest.mark.parametrize(
    ("note", "problem"),
    [(good() * np.float32(0.05), "too_quiet"), (np.clip(good() * 20, -1, 1).astype(np.float32), "clipped")],
)
def test_advice_while_it_waits(shop: Workshop, note: Sound, problem: str) -> None:
    """A note with a small fault is written down all the same, and the talk is called to say what to do."""
    media_id = store(shop, encode(note))
    transcribe_one(shop)
    row = media_row(shop.db, media_id)
    assert (row.status, row.verdict["problems"], row.verdict["advise"]) == ("stored", [problem], True)
    assert len(desk(shop)) == 1 and job_kinds(shop.db) == ["settle_album"]


def test_the_same_note_twice_has_one_copy(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is forwarded is copied once; each note is written down by itself."""
    store(shop, encode(good()))
    transcribe_one(shop)
    monkeypatch.setattr(listen, "encode", lambda _sound: pytest.fail("it has a copy"))
    store(shop, encode(good()))
    transcribe_one(shop)
    assert len(copies(shop)) == 1 and len(desk(shop)) == 2


def test_taken_back_while_it_was_heard(shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """She erased it meanwhile: nothing is written down, and the copy does not stay in the store."""
    media_id = store(shop, encode(good()))

    def encode_and_erase(sound: Sound) -> bytes:
        with writing(shop.db) as conn:
            conn.execute(update(Media).values(status="erased"))
        return encode(sound)

    monkeypatch.setattr(listen, "encode", encode_and_erase)
    transcribe_one(shop)
    row = media_row(shop.db, media_id)
    assert (row.status, row.verdict) == ("erased", None)
    assert desk(shop) == copies(shop) == [] and job_kinds(shop.db) == []
    files = [path for path in Path(shop.settings.media_url[7:]).rglob("*") if path.is_file()]
    assert [path.name for path in files] == [row.sha256]


def test_the_desk_s_words_end_its_work(shop: Workshop, told: list[Any]) -> None:
    """They are told once as hers, with the same transaction; what is given twice changes nothing."""
    media_id = store(shop, encode(good()))
    work(shop)
    for words in ("ढाई\x00 सौ ", "कुछ और"):
        submit(shop, media_id, words, by="rep:" + "x" * 100, confidence=0.4)
        work(shop, 1)
    cannot_hear(shop, media_id, by="rep:7")
    row, [work_row] = media_row(shop.db, media_id), desk(shop)
    assert (row.status, row.transcript, len(row.transcribed_by)) == ("ready", "ढाई सौ", 64)
    assert row.verdict["confidence"] == 0.4 and row.verdict["problems"] == []
    assert work_row.status == "done" and work_row.done_at is not None
    assert [inbound.text for inbound in told] == ["ढाई सौ"]


def test_nobody_can_make_it_out(shop: Workshop, told: list[Any]) -> None:
    """The desk's work ends, the note is refused and she is told; words that come later do not count."""
    media_id = store(shop, encode(good() * np.float32(0.05)))
    work(shop)
    for _ in range(2):
        cannot_hear(shop, media_id, by="rep:7")
        work(shop, 1)
    submit(shop, media_id, "ढाई सौ", by="rep:8")
    row, [work_row] = media_row(shop.db, media_id), desk(shop)
    assert (row.status, row.transcript) == ("refused", None)
    assert (row.verdict["verdict"], row.verdict["problems"]) == ("refuse", ["too_quiet", "unreadable"])
    assert (work_row.status, work_row.claimed_by) == ("cannot_hear", "rep:7") and work_row.done_at
    assert [inbound.provider_id for inbound in told] == [f"advise:{media_id}", f"voice:{media_id}"]


def test_words_for_no_note(shop: Workshop) -> None:
    """Of a note that is not there, or not fetched yet, nothing is written down."""
    media_id = store(shop, encode(good()), status="waiting")
    for missing in (media_id, media_id + 1):
        submit(shop, missing, "ढाई सौ", by="desk")
        cannot_hear(shop, missing, by="desk")
    assert media_row(shop.db, media_id).status == "waiting" and job_kinds(shop.db) == ["transcribe"]


def test_a_person_was_faster(shop: Workshop, told: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Words that came while the machine still listened stand; hers are told once."""
    media_id = store(shop, encode(good()))
    listens = transcribe.listen

    def listen_and_lose(*given: Any) -> Any:
        found = listens(*given)
        submit(shop, media_id, "ढाई सौ", by="desk")
        return found

    monkeypatch.setattr(transcribe, "listen", listen_and_lose)
    work(shop)
    work(shop, 1)
    assert media_row(shop.db, media_id).transcript == "ढाई सौ" and desk(shop) == []
    assert [inbound.text for inbound in told] == ["ढाई सौ"]

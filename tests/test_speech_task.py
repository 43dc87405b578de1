"""From a stored note to her words by a machine; what it cannot do, a person does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from bot import jobs
from bot.media.speech_copy import encode
from bot.speech import recogniser
from bot.tasks import listen, settle_album
from bot.tasks.workshop import Workshop
from tests.open_rooms import job_kinds, media_row, settings_for, workshop
from tests.stored_notes import copies, desk, good, service, store, transcribe_one, work
from tests.tiny_recogniser import lonely, make_model, say

PRICE = "पंद्रह सौ रुपये"


@pytest.fixture(autouse=True)
def _fresh_machines() -> Iterator[None]:
    """No test hears with the machine of another, or is held up by its failures."""
    yield
    recogniser._open.cache_clear()


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


def with_sherpa(shop: Workshop, folder: Path) -> Workshop:
    return replace(shop, settings=replace(shop.settings, transcriber="sherpa", transcriber_model=str(folder)))


@pytest.fixture
def hearing(shop: Workshop, tmp_path: Path) -> Iterator[Workshop]:
    """Where a tiny model hears prices, and never ends a lonely hum."""
    hears = with_sherpa(shop, make_model(tmp_path / "tiny-1", PRICE, hangs=True))
    yield hears
    machine = recogniser.machine(hears.settings)
    assert machine
    machine.close()


def with_service(shop: Workshop, url: str) -> Workshop:
    return replace(shop, settings=replace(shop.settings, transcriber="http", transcriber_url=url))


def test_a_machine_hears(hearing: Workshop, told: list[Any]) -> None:
    """What sherpa-onnx heard is told as her words; nobody at the desk is troubled."""
    media_id = store(hearing, say(PRICE))
    work(hearing)
    row = media_row(hearing.db, media_id)
    assert (row.status, row.transcript, row.transcribed_by) == ("ready", PRICE, "sherpa:tiny-1")
    assert "confidence" not in row.verdict and "desk" not in row.verdict
    [inbound] = told
    assert (inbound.kind, inbound.text, inbound.media_ids) == ("media_ready", PRICE, (media_id,))
    assert desk(hearing) == copies(hearing) == [] and job_kinds(hearing.db) == []


def _broken(folder: Path) -> None:
    (folder / "tokens.txt").write_text("these are no tokens\n")


def _gone(folder: Path) -> None:
    (folder / "model.onnx").unlink()


def _slow(_folder: Path) -> None:
    """It hangs by itself, on the note of this test."""


@pytest.mark.parametrize("spoil", [_broken, _gone, _slow])
def test_when_the_machine_fails_the_desk_hears(
    hearing: Workshop, spoil: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dead, missing or hanging: the note goes to a person at once, and the talk is called to say so."""
    monkeypatch.setattr("bot.speech.sherpa.PIECE_S", 1)
    spoil(Path(hearing.settings.transcriber_model))
    media_id = store(hearing, encode(lonely()))
    transcribe_one(hearing)
    row = media_row(hearing.db, media_id)
    assert (row.status, row.verdict["desk"], row.transcript) == ("stored", True, None)
    assert [work.status for work in desk(hearing)] == ["waiting"] and len(copies(hearing)) == 1
    assert job_kinds(hearing.db) == ["settle_album"]


def test_when_the_machine_hears_nothing_the_desk_does(hearing: Workshop) -> None:
    """No words are no answer: real speech is silence to the tiny model."""
    media_id = store(hearing, encode(good()))
    transcribe_one(hearing)
    assert media_row(hearing.db, media_id).verdict["desk"] is True
    assert len(desk(hearing)) == 1 and job_kinds(hearing.db) == ["settle_album"]


def test_a_service_that_recovers(shop: Workshop, told: list[Any]) -> None:
    """Its trouble is waited out, longer each time; what it is sure of is kept."""
    answers = [(503, b""), (500, b""), (200, '{"text": "ढाई सौ", "confidence": 0.8}'.encode())]
    with service(answers) as url:
        media_id = store(shop, encode(good()))
        work(with_service(shop, url))
        assert len(answers) == 2 and media_row(shop.db, media_id).verdict is None
        work(with_service(shop, url), 3)
        assert len(answers) == 1
        work(with_service(shop, url), 9)
    row = media_row(shop.db, media_id)
    assert (row.transcript, row.transcribed_by) == ("ढाई सौ", "http:127.0.0.1")
    assert row.verdict["confidence"] == 0.8 and len(told) == 1 and desk(shop) == []


def test_a_service_that_stays_away(shop: Workshop) -> None:
    """After three tries a person hears the note: she waits for her answer."""
    media_id = store(shop, encode(good()))
    for attempt in range(listen.TRIES):
        assert desk(shop) == []
        work(with_service(shop, "http://127.0.0.1:9/hear"), 10 * attempt)
    assert media_row(shop.db, media_id).verdict["desk"] is True and len(desk(shop)) == 1


def test_a_service_that_talks_nonsense(shop: Workshop) -> None:
    """A wrong answer is not asked for again: a person hears the note at once."""
    answers = [(200, b'{"text": 5}')]
    with service(answers) as url:
        media_id = store(shop, encode(good()))
        transcribe_one(with_service(shop, url))
    assert answers == [] and media_row(shop.db, media_id).verdict["desk"] is True


def test_a_service_that_rests(shop: Workshop) -> None:
    """After many failures it is left alone: the next notes go to a person without waiting for it."""
    answers = [(400, b"")] * recogniser.FAILURES
    with service(answers) as url:
        resting = with_service(shop, url)
        for _ in range(recogniser.FAILURES + 1):
            store(resting, encode(good()))
        for _ in range(recogniser.FAILURES + 1):
            transcribe_one(resting)
    assert answers == [] and len(desk(shop)) == recogniser.FAILURES + 1


def test_a_note_waits_for_its_turn(hearing: Workshop, told: list[Any]) -> None:
    """While the machine hears as many notes as it may, the next one is put off and nobody is held up."""
    machine = recogniser.machine(hearing.settings)
    assert machine
    media_id = store(hearing, say(PRICE))
    with machine.place() as ours:
        assert ours
        for _ in range(2 * jobs.MAX_ATTEMPTS):
            work(hearing)
            work(hearing, 2)
    assert media_row(hearing.db, media_id).status == "stored" and jobs.dead(hearing.db) == []
    work(hearing, 5)
    assert media_row(hearing.db, media_id).transcript == PRICE

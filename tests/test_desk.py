"""The desk's queue: a note is one person's at a time, and its words are told once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, update

from bot.desk import queue
from bot.desk.note import ABOUT_THE_PIECE
from bot.desk.queue import Refused, WrongClaim
from bot.tasks import transcribe
from bot.tasks.workshop import Workshop
from models import Media, Rendition, Seller, Transcription
from models.database import reading, writing
from tests.conftest import Clock
from tests.desk_notes import QUESTION, WAVEFORM, note, standing
from tests.open_rooms import job_kinds, loaded_talk, media_row, settings_for, workshop


@pytest.fixture
def shop(tmp_path: Path, db: Engine, clock: Clock) -> Workshop:
    return replace(workshop(settings_for(tmp_path), db), clock=clock)


def take(shop: Workshop, by: str = "asha", **wanted: Any) -> queue.Note:
    taken = queue.claim(shop.db, shop.clock(), by, **wanted)
    assert taken is not None
    return taken


def left(shop: Workshop, **wanted: Any) -> queue.Note | None:
    return queue.claim(shop.db, shop.clock(), "rina", **wanted)


def look(shop: Workshop, status: str = "waiting", limit: int = 100) -> list[Any]:
    with reading(shop.db) as conn:
        return queue.listed(conn, shop.clock(), status, limit)


def refusal(call: Any, *arguments: Any) -> str:
    with pytest.raises(WrongClaim) as wrong:
        call(*arguments)
    return wrong.value.reason


def test_the_oldest_note_comes_first_with_what_helps_to_write_it(shop: Workshop, clock: Clock) -> None:
    """The question as she heard it, what an answer may fill, the loudness, its age and its sound."""
    first = note(shop)
    clock.advance(60)
    note(shop)
    taken = take(shop)
    assert (taken.id, taken.age_s, taken.seconds, taken.language) == (first, 60, 5.5, "hne")
    assert (taken.asks, taken.question, taken.expects) == ("price", QUESTION, ("price",))
    assert taken.waveform == tuple(WAVEFORM) and taken.audio == media_row(shop.db, first).sha256


def test_a_note_about_the_piece_may_hold_all_of_it(shop: Workshop) -> None:
    """To an open question, or to none, she tells what she made, its price and its size at once."""
    note(shop, asks="product_name")
    note(shop, asks=None)
    opened, unasked = take(shop), take(shop)
    assert opened.expects == unasked.expects == ABOUT_THE_PIECE
    assert (opened.question, unasked.question) == (QUESTION, None)
    steps = loaded_talk().library.flows["list_product"].steps.values()
    assert {"material"} == set(ABOUT_THE_PIECE) - {step.value for step in steps if step.kind == "collect"}


def test_the_copy_for_the_ear_is_heard(shop: Workshop) -> None:
    """Where a levelled copy was made, it is what the desk listens to."""
    source = media_row(shop.db, note(shop)).sha256
    row = {"source": source, "kind": "speech", "sha256": "5" * 64, "created_at": shop.clock()}
    with writing(shop.db) as conn:
        conn.execute(insert(Rendition).values(row))
    assert take(shop).audio == "5" * 64


def test_a_claimed_note_is_nobody_elses_until_its_lease_runs_out(shop: Workshop, clock: Clock) -> None:
    """For its seconds, and for as many again when it is renewed."""
    note(shop)
    mine = take(shop, lease_s=60)
    clock.advance(59)
    assert left(shop) is None
    queue.renew(shop.db, clock(), mine.id, mine.claim, 60)
    clock.advance(59)
    assert left(shop) is None
    clock.advance(1)
    assert left(shop) is not None


def test_people_who_claim_at_the_same_moment_get_different_notes(shop: Workshop) -> None:
    """Eight people, five notes: each note goes to one of them, and three go without."""
    ids = {note(shop) for _ in range(5)}
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda name: queue.claim(shop.db, shop.clock(), name), "abcdefgh"))
    found = [each for each in taken if each is not None]
    assert len(found) == 5 and {each.id for each in found} == ids
    assert {each.id: standing(shop.db, each.id).claim_token for each in found} == {
        each.id: each.claim for each in found
    }


def test_one_may_choose(shop: Workshop) -> None:
    """A language, a note, or any but these."""
    hindi, other, third = note(shop, "hi"), note(shop), note(shop)
    assert take(shop, language="hi").id == hindi and left(shop, language="hi") is None
    assert take(shop, besides=[other]).id == third
    assert left(shop, media_id=third) is None and take(shop, media_id=other).id == other


@pytest.mark.parametrize(
    "values",
    [{"status": "held", "sha256": None}, {"status": "erased"}, {"status": "waiting", "sha256": None}],
)
def test_what_may_not_be_heard_is_not_given_out(shop: Workshop, values: dict[str, Any]) -> None:
    """Nothing that waits for her consent, nothing erased, nothing without its bytes."""
    note(shop, **values)
    assert left(shop) is None and look(shop) == []


def test_after_a_stop_her_notes_are_still_written_down(shop: Workshop) -> None:
    """Stop means that nothing is sent; what she said before is kept for when she comes back."""
    note(shop)
    with writing(shop.db) as conn:
        conn.execute(update(Seller).values(stopped_at=shop.clock()))
    assert left(shop) is not None


def test_words_are_told_once(shop: Workshop, clock: Clock) -> None:
    """The note is done, her words stand with who wrote them, and one job tells them; again is harmless."""
    mine = (note(shop), take(shop).claim)
    clock.advance(90)
    for _ in range(2):
        queue.submit(shop, *mine, " अढ़ाई सौ रुपिया\n")
    row = media_row(shop.db, mine[0])
    assert (row.status, row.transcript, row.transcribed_by) == ("ready", "अढ़ाई सौ रुपिया", "desk:asha")
    assert (standing(shop.db, mine[0]).status, standing(shop.db, mine[0]).done_at) == ("done", clock())
    assert job_kinds(shop.db) == ["settle_album"] and left(shop) is None
    assert refusal(queue.submit, shop, *mine, "तीन सौ") == "closed"
    assert refusal(queue.cannot_hear, shop, *mine) == "closed"
    assert refusal(queue.release, shop.db, *mine) == "closed"
    assert media_row(shop.db, mine[0]).transcript == "अढ़ाई सौ रुपिया"


def test_slow_is_not_wrong_while_nobody_else_has_it(shop: Workshop, clock: Clock) -> None:
    """A claim that ran out still counts; once somebody else claimed, it does not."""
    slow, overtaken = note(shop), note(shop)
    first, second = take(shop), take(shop)
    clock.advance(queue.LEASE_S)
    queue.submit(shop, slow, first.claim, "पाँच सौ")
    assert take(shop, "rina").id == overtaken
    assert refusal(queue.submit, shop, overtaken, second.claim, "पाँच सौ") == "claimed_again"
    assert refusal(queue.renew, shop.db, clock(), overtaken, second.claim) == "claimed_again"
    assert media_row(shop.db, overtaken).transcript is None


def test_what_cannot_be_heard_is_closed_and_she_is_asked_again(shop: Workshop) -> None:
    """The note is refused as unreadable, and told to the talk, once."""
    mine = (note(shop), take(shop).claim)
    for _ in range(2):
        queue.cannot_hear(shop, *mine)
    row = media_row(shop.db, mine[0])
    assert (row.status, row.verdict["problems"], row.transcript) == ("refused", ["unreadable"], None)
    assert standing(shop.db, mine[0]).status == "cannot_hear" and job_kinds(shop.db) == ["settle_album"]
    assert refusal(queue.submit, shop, *mine, "पाँच सौ") == "closed"
    assert left(shop) is None


def test_a_note_given_back_waits_in_its_old_place(shop: Workshop, clock: Clock) -> None:
    """It is anybody's at once; giving it back twice is harmless, until somebody else has it."""
    first = note(shop)
    clock.advance(5)
    note(shop)
    mine = take(shop)
    for _ in range(2):
        queue.release(shop.db, first, mine.claim)
    assert [row["claimed_by"] for row in look(shop)] == [None, None]
    assert take(shop, "rina").id == first
    assert refusal(queue.release, shop.db, first, mine.claim) == "claimed_again"


def test_a_machine_may_be_first(shop: Workshop) -> None:
    """Words that came another way stand; the desk is told that the note is closed."""
    mine = (note(shop), take(shop).claim)
    transcribe.submit(shop, mine[0], "दो सौ", "omnilingual")
    assert refusal(queue.submit, shop, *mine, "तीन सौ") == "closed"
    assert media_row(shop.db, mine[0]).transcribed_by == "omnilingual"


def test_what_was_erased_meanwhile_gets_no_words(shop: Workshop) -> None:
    """She took it back while somebody listened."""
    mine = (note(shop), take(shop).claim)
    with writing(shop.db) as conn:
        conn.execute(update(Media).values(status="erased"))
    assert refusal(queue.submit, shop, *mine, "दो सौ") == "closed"
    assert refusal(queue.cannot_hear, shop, *mine) == "closed"
    assert media_row(shop.db, mine[0]).transcript is None and job_kinds(shop.db) == []


def test_nobody_writes_without_a_claim(shop: Workshop) -> None:
    """An unknown note, one that nobody claimed, and a made-up claim."""
    assert refusal(queue.submit, shop, 99, "a" * 32, "दो सौ") == "unknown"
    unclaimed = note(shop)
    assert refusal(queue.submit, shop, unclaimed, "a" * 32, "दो सौ") == "not_claimed"
    take(shop)
    assert refusal(queue.submit, shop, unclaimed, "a" * 32, "दो सौ") == "claimed_again"


@pytest.mark.parametrize(
    "text", ["", " \n", "x" * 4001, "a\x00", "a\x1b[2J", "a\u0085b", "a\u202eb", "a\rb", "\ud800", None, 5]
)
def test_a_text_that_cannot_be_used_is_refused(shop: Workshop, text: Any) -> None:
    """Empty, too long, with control characters, or no text at all; the note stays the caller's."""
    mine = (note(shop), take(shop).claim)
    with pytest.raises(Refused, match="^text: "):
        queue.submit(shop, *mine, text)
    queue.submit(shop, *mine, "दो\nसौ क्‍ष")
    assert media_row(shop.db, mine[0]).transcript == "दो\nसौ क्‍ष"


def test_looking_shows_how_notes_stand(shop: Workshop, clock: Clock) -> None:
    """Waiting ones oldest first with who has them; closed ones newest first with who did them."""
    first, second, third = note(shop, "hi"), note(shop), note(shop, asks=None)
    mine = take(shop)
    clock.advance(30)
    rows = look(shop)
    assert [(row["id"], row["language"], row["asks"], row["claimed_by"]) for row in rows] == [
        (first, "hi", "price", "asha"),
        (second, "hne", "price", None),
        (third, "hne", None, None),
    ]
    assert {row["age_s"] for row in rows} == {30} and rows[0]["claimed_until"].startswith("2026-01-05T09:05")
    assert [row["id"] for row in look(shop, limit=2)] == [first, second]
    clock.advance(queue.LEASE_S)
    assert look(shop)[0]["claimed_by"] is None
    queue.submit(shop, first, mine.claim, "हाँ")
    queue.submit(shop, second, take(shop, "rina").claim, "हाँ")
    assert [(row["id"], row["claimed_by"]) for row in look(shop, "done")] == [
        (second, "rina"),
        (first, "asha"),
    ]
    assert [row["id"] for row in look(shop)] == [third] and look(shop, "cannot_hear") == []


def test_who_claims_has_a_name(shop: Workshop) -> None:
    """It stays with the transcript: short, and in any script."""
    note(shop)
    for name in ("", " ", "x" * 41, "a\tb", None):
        with pytest.raises(Refused, match="^by: "):
            queue.claim(shop.db, shop.clock(), name)
    assert take(shop, "आशा").id
    assert standing(shop.db, look(shop)[0]["id"]).claimed_by == "आशा"


def test_a_claim_is_a_row_of_the_desk_only(shop: Workshop) -> None:
    """Claiming, renewing and giving back change nothing about the note itself."""
    before = media_row(shop.db, note(shop))
    mine = take(shop)
    queue.renew(shop.db, shop.clock(), mine.id, mine.claim)
    queue.release(shop.db, mine.id, mine.claim)
    assert media_row(shop.db, mine.id) == before
    with reading(shop.db) as conn:
        assert conn.execute(Transcription.__table__.select()).one().done_at is None

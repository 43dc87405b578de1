"""Limits per sender and for all: a flood is slowed, told of once, and worked off; nobody else feels it."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, func, select

from bot import limits
from bot.hours import INDIA
from bot.messages import Inbound, Json, Media
from bot.receive import receive
from bot.tasks import fetch_media
from models import JobRow
from models import Media as MediaRow
from models.database import connect, reading
from tests.conftest import Clock
from tests.fake_twilio import FakeTwilio
from tests.town import FLOODER, SELLER, TALK, Town, address, hear_all

BOWL = (Path(__file__).parent / "images" / "bowl.jpg").read_bytes()


def test_a_flood_of_500_disturbs_nobody_else(tmp_path: Path, db: Engine, clock: Clock) -> None:
    """500 messages in 25 s: 30 are answered, she and a rep are told once, 100 wait, none is lost.

    Another seller lists a product between them as if nothing were.
    """
    town = Town(tmp_path, db, clock, limit_messages_minute=30)
    hers = iter(TALK)
    for number in range(500):
        town.say(FLOODER, f"क ख {number}")
        if number % 50 == 25 and (text := next(hers, None)):
            town.say(SELLER, text)
        clock.advance(0.05)
    assert town.listings(SELLER) == 1
    assert set(town.statuses(SELLER)) == {"received"}
    counts = {status: town.statuses(FLOODER).count(status) for status in ("received", "held", "passed")}
    assert counts == {"received": 31, "held": 100, "passed": 369}, "one came two seconds after the first"
    assert [row.body["text"] for row in town.rows(FLOODER)] == [f"क ख {number}" for number in range(500)]
    assert town.said(FLOODER).count("utter_too_fast") == 1
    assert town.tasks(FLOODER).count(("flood", {"limit": "minute"})) == 1
    town.wait(minutes=10)
    assert town.statuses(FLOODER).count("held") == 0
    assert town.statuses(FLOODER).count("received") == 131
    assert limits.holds(town.state(FLOODER)) == 0
    town.say(FLOODER, "नमस्ते")
    assert town.statuses(FLOODER)[-1] == "received"


def test_what_waited_is_worked_on_as_if_it_had_come_slowly(tmp_path: Path, db: Engine, clock: Clock) -> None:
    """A phone that comes online delivers a whole talk at once: the same listing, a little later."""
    town = Town(tmp_path, db, clock, limit_messages_minute=3)
    hear_all(town, FLOODER)
    assert town.statuses(FLOODER) == ["received"] * 3 + ["held"] * 5
    hear_all(town, SELLER, apart_s=60)
    town.wait(minutes=10)
    assert town.listings(FLOODER) == town.listings(SELLER) == 1
    assert town.statuses(FLOODER) == ["received"] * 8
    fast, slow = town.state(FLOODER), town.state(SELLER)
    numbered = {"listing_id", "listing_number"}
    assert (fast["asks"], fast["stack"]) == (slow["asks"], slow["stack"])
    assert {k: v for k, v in fast["slots"].items() if k not in numbered} == {
        k: v for k, v in slow["slots"].items() if k not in numbered
    }
    without = [utter for utter in town.said(FLOODER) if utter != "utter_too_fast"]
    assert without == town.said(SELLER)


def test_what_is_taken_up_twice_is_worked_on_once(tmp_path: Path, db: Engine, clock: Clock) -> None:
    """A worker that is killed after a message leaves the rest to the next one."""
    town = Town(tmp_path, db, clock, limit_messages_minute=3)
    hear_all(town, FLOODER)
    waiting = next(row for row in town.rows(FLOODER) if row.status == "held")
    clock.advance(300)
    again = Inbound("whatsapp", waiting.address, waiting.provider_id, "text", clock.now, waiting.body["text"])
    taken = [receive(db, town.shop.talk, again, clock.now, held=waiting.id) for _ in range(2)]
    assert [received.repeat for received in taken] == [False, True]
    town.wait(minutes=10)
    assert town.listings(FLOODER) == 1


def test_she_is_told_again_only_of_the_next_flood(tmp_path: Path, db: Engine, clock: Clock) -> None:
    """One kind word a flood, however long it is; a rep hears of it once a day."""
    town = Town(tmp_path, db, clock, limit_messages_minute=3)
    for expected in (1, 2):
        for _ in range(12):
            town.say(FLOODER, "नमस्ते")
        town.wait(minutes=10)
        assert town.said(FLOODER).count("utter_too_fast") == expected
        assert len(town.tasks(FLOODER)) == 1
    town.wait(days=1)
    for _ in range(12):
        town.say(FLOODER, "नमस्ते")
    assert len(town.tasks(FLOODER)) == 2


def test_who_goes_on_behind_what_waits_does_not_hold_it_up(tmp_path: Path, db: Engine, clock: Clock) -> None:
    """After a flood she writes every ten seconds: what waits is taken up, and she is answered again."""
    town = Town(tmp_path, db, clock, limit_messages_minute=6)
    for _ in range(10):
        town.say(FLOODER, "नमस्ते")
    for _ in range(12):
        town.wait(seconds=15)
        town.say(FLOODER, "नमस्ते")
    town.wait(seconds=30)
    assert set(town.statuses(FLOODER)) == {"received"}


@pytest.mark.parametrize("word", ["बंद करो", "STOP", "messages mat bhejo"])
def test_a_stop_is_heard_in_every_flood(tmp_path: Path, db: Engine, clock: Clock, word: str) -> None:
    """It binds at once, and what waited before it is no wish to begin again."""
    town = Town(tmp_path, db, clock, limit_messages_minute=3)
    for text in ("नमस्ते", "हिंदी", "हाँ, राज़ी", "सामान बेचना है", "सामान बेचना है", word):
        town.say(FLOODER, text)
    assert town.said(FLOODER)[-1] == "utter_stopped"
    spoken = len(town.said(FLOODER))
    town.wait(days=3)
    town.say(FLOODER, "नमस्ते")
    assert len(town.said(FLOODER)) == spoken
    assert set(town.statuses(FLOODER)) == {"received"}


def test_the_day_ends_at_midnight_in_india(tmp_path: Path, db: Engine, clock: Clock) -> None:
    """Over the day's number she hears that it is enough; what waits is taken up on the next morning."""
    town = Town(tmp_path, db, clock, limit_messages_day=5)
    for _ in range(8):
        town.say(FLOODER, "नमस्ते")
        town.wait(minutes=5)
    assert town.statuses(FLOODER) == ["received"] * 5 + ["held"] * 3
    assert town.said(FLOODER).count("utter_enough_today") == 1
    assert town.tasks(FLOODER) == [("flood", {"limit": "day"})]
    town.work_until(datetime(2026, 1, 6, 8, 59, tzinfo=INDIA).astimezone(UTC))
    assert town.statuses(FLOODER).count("held") == 3
    town.work_until(datetime(2026, 1, 6, 9, 31, tzinfo=INDIA).astimezone(UTC))
    assert town.statuses(FLOODER).count("held") == 0


def test_who_writes_after_midnight_need_not_wait_for_the_morning(
    tmp_path: Path, db: Engine, clock: Clock
) -> None:
    """She is awake: what waits goes first, then her new message."""
    town = Town(tmp_path, db, clock, limit_messages_day=3)
    for _ in range(5):
        town.say(FLOODER, "नमस्ते")
    town.work_until(datetime(2026, 1, 6, 0, 5, tzinfo=INDIA).astimezone(UTC))
    town.say(FLOODER, "नमस्ते")
    town.wait(minutes=1)
    assert set(town.statuses(FLOODER)) == {"received"}


@pytest.mark.parametrize(
    ("limit", "name"),
    [({"limit_sent_day": 6}, "sent"), ({"limit_spend_day": Decimal("2.70")}, "spend")],
    ids=["messages", "rupees"],
)
def test_what_is_sent_to_one_person_in_a_day_ends(
    tmp_path: Path, db: Engine, clock: Clock, limit: Json, name: str
) -> None:
    """Six messages of 45 paise are 2.70 rupees: no turn begins after them until the next day."""
    town = Town(tmp_path, db, clock, **limit)
    for _ in range(20):
        town.say(FLOODER, "नमस्ते")
        town.wait(minutes=2)
    sent = len(town.rows(FLOODER, "out"))
    # The turn that reaches the limit may end, and the word that it is enough is a message too.
    assert 6 <= sent <= 6 + 3
    assert town.tasks(FLOODER) == [("flood", {"limit": name})]
    town.wait(days=1)
    assert len(town.rows(FLOODER, "out")) > sent


def test_photos_of_a_flood_are_fetched_when_it_is_over(
    tmp_path: Path, sqlite_db: Engine, clock: Clock
) -> None:
    """An album larger than the limit comes in whole."""
    with FakeTwilio() as twilio:
        town = Town(tmp_path, sqlite_db, clock, limit_messages_minute=5, twilio_base_url=twilio.url)
        for text in TALK[:3]:
            town.say(SELLER, text)
        for number in range(6):
            url = twilio.attach(f"MM{number}", "image/jpeg", BOWL)
            town.say(SELLER, "", media=(Media("photo", url, "image/jpeg"),))
        assert town.statuses(SELLER).count("held") == 4
        town.wait(minutes=5)
        with reading(sqlite_db) as conn:
            statuses = conn.scalars(select(MediaRow.status)).all()
    assert set(town.statuses(SELLER)) == {"received"}
    assert len(statuses) == 6 and {"waiting", "stored"}.isdisjoint(statuses)
    assert all("attachments" not in row.body for row in town.rows(SELLER))


def test_no_more_bytes_of_one_sender_than_a_day_may_bring(
    tmp_path: Path, db: Engine, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over the day's megabytes photos stay at the provider until morning; she and a rep hear of it once."""
    monkeypatch.setattr(fetch_media, "MEGABYTE", len(BOWL))
    with FakeTwilio() as twilio:
        town = Town(tmp_path, db, clock, limit_media_mb_day=2, twilio_base_url=twilio.url)
        for text in TALK[:3]:
            town.say(SELLER, text)
        for number in range(5):
            url = twilio.attach(f"MM{number}", "image/jpeg", BOWL)
            town.say(SELLER, "", media=(Media("photo", url, "image/jpeg"),))
        town.wait(hours=6)
        assert fetched(db) == 2
        assert town.said(SELLER).count("utter_media_tomorrow") == 1
        assert town.tasks(SELLER) == [("flood", {"limit": "media"})]
        town.wait(hours=24)
        assert fetched(db) == 4
        assert town.said(SELLER).count("utter_media_tomorrow") == 2
        town.wait(hours=24)
        assert fetched(db) == 5


def fetched(db: Engine) -> int:
    with reading(db) as conn:
        return conn.scalar(select(func.count()).where(MediaRow.fetched_at.is_not(None))) or 0


def test_all_together_cannot_empty_the_account(tmp_path: Path, db: Engine, clock: Clock) -> None:
    """When the day's rupees are spent, everybody's messages wait in silence, and operators hear why.

    With a higher limit they are worked on within minutes, as on the next day.
    """
    town = Town(tmp_path, db, clock, limit_spend_day_all=Decimal("9"))
    for number in range(20):
        town.say(number, "नमस्ते")
        clock.advance(11)
    answered = [number for number in range(20) if town.said(number)]
    assert 5 <= len(answered) < 20
    sent = sum(len(town.rows(number, "out")) for number in range(20))
    assert 9 <= sent * 0.45 < 9 + 2
    assert town.statuses(19) == ["held"] and town.tasks(19) == []
    elsewhere = connect(db.url.render_as_string(hide_password=False))
    Town(tmp_path, elsewhere, clock, limit_spend_day_all=Decimal("9")).say(30, "नमस्ते")
    elsewhere.dispose()
    assert town.statuses(30) == ["held"], "another process counts the same messages"
    raised = Town(tmp_path, db, clock, limit_spend_day_all=Decimal("900"))
    raised.wait(minutes=11)
    assert all(raised.said(number) for number in range(20))


def test_the_brake_is_released_at_midnight(tmp_path: Path, db: Engine, clock: Clock) -> None:
    """Yesterday's messages cost nothing today."""
    town = Town(tmp_path, db, clock, limit_spend_day_all=Decimal("2"))
    for number in range(4):
        town.say(number, "नमस्ते")
        clock.advance(11)
    assert town.statuses(3) == ["held"]
    town.work_until(datetime(2026, 1, 6, 0, 15, tzinfo=INDIA).astimezone(UTC))
    assert town.statuses(3) == ["received"]


def test_a_stop_gets_its_confirmation_though_the_account_is_empty(
    tmp_path: Path, db: Engine, clock: Clock
) -> None:
    """Stopping is a right: it waits for no limit."""
    town = Town(tmp_path, db, clock, limit_spend_day_all=Decimal("0.01"))
    town.say(1, "नमस्ते")
    clock.advance(11)
    town.say(1, "बंद करो")
    assert town.said(1)[-1] == "utter_stopped"


def test_operators_hear_of_a_flood_without_a_number(
    tmp_path: Path, sqlite_db: Engine, clock: Clock, capfd: pytest.CaptureFixture[str]
) -> None:
    """One line a flood, the number masked; every message that waits is counted."""
    from bot.logs import configure
    from bot.metrics import HELD

    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    configure()
    counted = HELD.labels("minute")._value.get()
    try:
        town = Town(tmp_path, sqlite_db, clock, limit_messages_minute=2)
        for _ in range(5):
            town.say(FLOODER, "नमस्ते")
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    lines = [line for line in capfd.readouterr().err.splitlines() if '"flood"' in line]
    assert len(lines) == 1 and '"limit": "minute"' in lines[0]
    assert address(FLOODER)[-10:] not in lines[0] and "…0066" in lines[0]
    assert HELD.labels("minute")._value.get() == counted + 3


def test_limits_cost_no_statement(tmp_path: Path, sqlite_db: Engine, clock: Clock) -> None:
    """An ordinary turn sends the database what it sends without any limit, and at most six statements."""
    off = dict.fromkeys(("limit_messages_minute", "limit_messages_day", "limit_sent_day", "pace_s"), 0)
    seen: list[str] = []
    event.listen(sqlite_db, "before_cursor_execute", lambda *given: seen.append(given[2]))
    counts = []
    for number, limited in enumerate((off | {"limit_spend_day_all": Decimal(0)}, {"pace_s": 6.0})):
        town = Town(tmp_path, sqlite_db, clock, **limited)
        for text in TALK[:5]:
            town.say(number, text)
        seen.clear()
        town.say(number, "दाम सोलह सौ")
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 6, seen


def test_a_reply_waits_in_its_job(tmp_path: Path, sqlite_db: Engine, clock: Clock) -> None:
    """The 41st bubble to one person in a moment goes out six seconds after it was written."""
    town = Town(tmp_path, sqlite_db, clock, pace_s=6.0)
    while len(town.rows(SELLER, "out")) <= limits.AT_ONCE:
        town.say(SELLER, "नमस्ते")
    with reading(sqlite_db) as conn:
        query = select(JobRow.run_at).where(JobRow.kind == "send_message").order_by(JobRow.id)
        late = [(at - clock.now).total_seconds() for at in conn.scalars(query)]
    assert late[:41] == [0.0] * 40 + [6.0]

"""By night nobody is woken: what we say unasked waits for the morning, and her answers do not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.fake_twilio import FakeTwilio
from tests.ladder_house import REMINDER, Ladder

OPENING: dict[str, Any] = {"class": "opening", "utter": "utter_hello"}


@pytest.fixture
def ladder(tmp_path: Path, db: Engine) -> Iterator[Ladder]:
    with FakeTwilio() as twilio:
        yield Ladder(tmp_path, db, twilio, {})


def test_by_night_nothing_unasked_moves(ladder: Ladder) -> None:
    """A reminder that failed at night goes by SMS in the morning; her answers are not held up meanwhile."""
    letter = ladder.letter("नमस्ते!", body=REMINDER)
    ladder.work()
    ladder.now += timedelta(hours=12)
    ladder.told(letter, "failed", "30003")
    ladder.work(minutes=1)
    assert ladder.steps(letter) == []
    answer = ladder.letter()
    ladder.work()
    assert ladder.row(answer).status == "sent"
    ladder.work(hours=12)
    assert len(ladder.steps(letter)) == 1


@pytest.mark.parametrize("channel", ["whatsapp", "sms"])
def test_nobody_is_spoken_to_first_by_night(ladder: Ladder, channel: str) -> None:
    """A rep began it late in the evening: it leaves in the morning, by SMS and inside the 24 hours too."""
    ladder.now += timedelta(hours=10)
    ladder.says()
    where = {"channel": "sms", "address": "+919999912345"} if channel == "sms" else {}
    letters = [ladder.letter(text, body=OPENING, **where) for text in ("नमस्ते!", "किस भाषा में?")]
    answer = ladder.letter()
    ladder.work()
    assert [ladder.row(each).status for each in letters] == ["queued", "queued"]
    assert ladder.row(answer).status == "sent"
    ladder.work(hours=8)
    assert [ladder.row(each).status for each in letters] == ["queued", "queued"]
    ladder.work(hours=5)
    assert [ladder.row(each).status for each in letters] == ["sent", "sent"]
    assert ladder.row(letters[0]).sent_at <= ladder.row(letters[1]).sent_at


def test_who_writes_in_the_night_is_not_spoken_to_again(ladder: Ladder) -> None:
    """Her own word has begun the talk: in the morning the opening would only confuse it."""
    ladder.now += timedelta(hours=10)
    letter = ladder.letter("नमस्ते!", body=OPENING)
    ladder.work()
    ladder.says()
    ladder.work(hours=13)
    assert ladder.row(letter).status == "cancelled" and ladder.steps(letter) == []

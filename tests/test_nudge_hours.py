"""When a reminder may go out: by day in India, soon, and spread over the morning."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import nudges
from bot.engine.turn import new_state
from bot.hours import INDIA, by_day, may_write, next_morning
from bot.messages import Json

KNOWN: Json = {
    "language": "hi",
    "consent": True,
    "consent_version": "2026-11",
    "seller_name": "सीता बाई",
    "village": "करनपुर",
    "district": "bastar",
    "photos": [{"id": 1, "sha256": "ab" * 32, "width": 1200, "height": 1600, "role": None, "warnings": []}],
    "photos_done": True,
}


@pytest.mark.parametrize(
    ("silent_at", "reminded"),
    [
        ("2026-01-05 05:00", "2026-01-05 09:00"),
        ("2026-01-05 04:59", "2026-01-05 09:00"),
        ("2026-01-05 05:01", "2026-01-05 09:01"),
        ("2026-01-05 09:30", "2026-01-05 13:30"),
        ("2026-01-05 15:44", "2026-01-05 19:44"),
        ("2026-01-05 15:45", "2026-01-06 09:00"),
        ("2026-01-05 16:00", "2026-01-06 09:00"),
        ("2026-01-05 19:59", "2026-01-06 09:00"),
        ("2026-01-05 20:01", "2026-01-06 09:00"),
        ("2026-01-05 23:59", "2026-01-06 09:00"),
        ("2026-01-06 00:00", "2026-01-06 09:00"),
        ("2026-12-31 18:00", "2027-01-01 09:00"),
        ("2028-02-28 21:00", "2028-02-29 09:00"),
        ("2026-03-29 01:30", "2026-03-29 09:00"),
        ("2026-10-25 12:00", "2026-10-25 16:00"),
    ],
)
def test_four_hours_later_or_in_the_morning(silent_at: str, reminded: str) -> None:
    """Indian time, also around midnight, in leap years, and when clocks elsewhere are put forward or back."""
    step = nudges.next_step(draft(), india(silent_at), seller_id=0)
    assert step is not None and not step.to_rep
    assert step.at == india(reminded)


def india(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=INDIA)


def draft(**more: Any) -> Json:
    frame = {"flow": "list_product", "step": "ask_stock", "kind": "regular", "print": "x"}
    return new_state() | {"stack": [frame], "slots": dict(KNOWN), "asks": "stock", **more}


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC)),
    st.integers(1, 10**7),
)
def test_by_day_is_by_day_and_soon(moment: datetime, seller_id: int) -> None:
    """Never earlier, at most fourteen hours later, always at an hour in which we may write."""
    at = by_day(moment, seller_id)
    assert may_write(at)
    assert timedelta(0) <= at - moment <= timedelta(hours=14)
    assert at == moment or at.astimezone(INDIA).hour == 9
    assert next_morning(moment, seller_id).astimezone(INDIA).hour == 9


def test_a_thousand_of_one_night_do_not_go_at_once() -> None:
    """They are spread over the first half hour: in no second more than one."""
    night = india("2026-01-05 23:00")
    moments = [by_day(night, seller_id) for seller_id in range(5000, 6000)]
    assert len(set(moments)) == 1000
    assert max(moments) - min(moments) < timedelta(minutes=30)


@pytest.mark.parametrize("hour", [0, 8, 20, 23])
def test_a_late_worker_does_not_make_the_night_a_day(hour: int) -> None:
    """A reminder of yesterday noon that nobody sent waits for the morning."""
    step = nudges.next_step(draft(), india("2026-01-05 08:00"), seller_id=3)
    assert step is not None and not step.due(india(f"2026-01-06 {hour:02}:00"))
    assert step.due(india("2026-01-06 09:00"))


@pytest.mark.parametrize(
    "changes",
    [
        {"asks": None},
        {"notes": [{"note": "n", "slots": [], "asks": "stock", "holds": True}]},
        {"photos_waiting": 1},
        {"taken_over": {"by": "rep:1", "name": "रमा", "at": 0, "media": []}},
        {"limits": {"held": 2}},
    ],
    ids=["nothing asked", "an unheard note", "photos on their way", "a rep", "messages that wait"],
)
def test_the_silence_may_be_ours(changes: Json) -> None:
    """Then she is not reminded, however long it lasts."""
    assert nudges.ours(draft(**changes)) and not nudges.ours(draft())


# Whatever happens at the same moment.

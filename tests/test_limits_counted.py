"""What the limits count, without a talk: the minute, the pace, and the settings that name them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as property_settings
from hypothesis import strategies as st

from bot import limits
from bot.messages import Json
from bot.settings import MissingSetting, Settings

NOW = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)
WITHOUT_DAY = {"limit_messages_day": 0, "limit_sent_day": 0, "limit_spend_day": Decimal(0)}


@given(st.integers(1, 40), st.lists(st.floats(0, 30), max_size=150))
@property_settings(deadline=None, max_examples=60)
def test_never_more_than_the_minute_allows(most: int, pauses: list[float]) -> None:
    """Never more than N at once, nor more than N a minute over any stretch of time; waiting always helps."""
    settings = Settings(limit_messages_minute=most, **WITHOUT_DAY)  # type: ignore[arg-type]
    state: Json = {}
    now, taken = NOW, []
    for pause in pauses:
        now += timedelta(seconds=pause)
        if limits.reached(state, settings, now) is None:
            limits.came(state, settings, now)
            taken.append(now)
    for first, moment in enumerate(taken):
        for count, later in enumerate(taken[first:], 1):
            assert count <= most + (later - moment).total_seconds() * most / 60 + 0.6
    assert limits.reached(state, settings, now + timedelta(minutes=1)) is None


@pytest.mark.parametrize("most", [1, 3, 7, 30, 60])
def test_exactly_so_many_at_once(most: int) -> None:
    """The first message too many is the one after N."""
    settings, state = Settings(limit_messages_minute=most, **WITHOUT_DAY), dict[str, Any]()  # type: ignore[arg-type]
    for _ in range(most):
        assert limits.reached(state, settings, NOW) is None
        limits.came(state, settings, NOW)
    assert limits.reached(state, settings, NOW) == "minute"


PAUSES = st.lists(st.floats(0, 60), max_size=60)


@given(PAUSES)
@property_settings(deadline=None, max_examples=60)
def test_the_provider_is_never_given_more_than_it_takes(pauses: list[float]) -> None:
    """Of two bubbles a turn at most 40 go at once and one each 6 s after them, in order."""
    settings, state, now = Settings(), dict[str, Any](), NOW
    gone: list[datetime] = []
    for pause in pauses:
        now += timedelta(seconds=pause)
        moments = limits.goes_out(state, settings, "whatsapp", 2, now)
        assert len(moments) == 2 and min(moments) >= now
        gone += moments
    assert gone == sorted(gone)
    for first, moment in enumerate(gone):
        for count, later in enumerate(gone[first:], 1):
            assert count <= limits.AT_ONCE + (later - moment).total_seconds() / 6 + 0.001


def test_an_ordinary_talk_waits_for_nothing() -> None:
    """Ten turns of two bubbles, twelve seconds apart and faster at times: no reply is late."""
    settings, state, now = Settings(), dict[str, Any](), NOW
    for pause in (3, 3, 20, 12, 5, 12, 4, 15, 3, 12):
        assert limits.goes_out(state, settings, "whatsapp", 2, now) == [now, now]
        now += timedelta(seconds=pause)
    assert limits.goes_out(state, settings, "sms", 100, now) == [now] * 100


@pytest.mark.parametrize("wrong", ["many", "-1", "nan", "inf", "1e20"])
@pytest.mark.parametrize("name", ["LIMIT_SENT_DAY", "LIMIT_SPEND_DAY", "PRICE_SMS", "PACE_S"])
def test_a_limit_that_is_no_number_is_refused_at_start(name: str, wrong: str) -> None:
    """By its name, instead of no limit at all."""
    with pytest.raises(MissingSetting, match=f"{name} must be a number"):
        Settings.from_environment({name: wrong})


def test_limits_are_read_from_the_environment() -> None:
    """Whole numbers, and rupees as exact decimals."""
    settings = Settings.from_environment({"LIMIT_SENT_DAY": "7", "PRICE_WHATSAPP": "0.10"})
    assert settings.limit_sent_day == 7
    assert limits.cost({"whatsapp": 3}, settings) == Decimal("0.30")

"""The hours in which we write unasked, and the days by which we count, where the sellers live."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

INDIA = timezone(timedelta(hours=5, minutes=30))
"""India has one time, summer and winter."""
OPENS = time(9, 0)
CLOSES = time(19, 45)
"""The evening ends at 20 o'clock: what the provider does not take at once still has its other attempts."""
SPREAD_S = 1800
"""What waited for the morning goes out over the first half hour of it."""
_STRIDE_S = 397
"""Neighbours in the table are minutes apart; the number shares no factor with the spread."""


def may_write(moment: datetime) -> bool:
    """Is this an hour in which nobody is woken?"""
    return OPENS <= moment.astimezone(INDIA).time() < CLOSES


def by_day(moment: datetime, seller_id: int) -> datetime:
    """The moment itself, or by night the seller's own place in the next morning."""
    if may_write(moment):
        return moment
    local = moment.astimezone(INDIA)
    return _morning(local.date() + timedelta(days=local.time() >= CLOSES), seller_id)


def next_morning(moment: datetime, seller_id: int) -> datetime:
    """The seller's own place in the morning after the day of `moment`."""
    return _morning(day_of(moment) + timedelta(days=1), seller_id)


def day_of(moment: datetime) -> date:
    """The calendar day in India."""
    return moment.astimezone(INDIA).date()


def midnight_before(moment: datetime) -> datetime:
    """When the day of `moment` began."""
    return datetime.combine(day_of(moment), time(), INDIA)


def _morning(day: date, seller_id: int) -> datetime:
    return datetime.combine(day, OPENS, INDIA) + timedelta(seconds=seller_id * _STRIDE_S % SPREAD_S)

"""How much one sender may send and be sent. Over a limit her messages wait their turn, and none is lost.

What is counted stands in her talk's state, which every turn saves anyway, so it costs no statement and holds
for all processes. `state["limits"]` is `{"day", "came", "sent": {channel: bubbles}, "full", "pace", "held",
"again", "told", "alarmed"}`. `full` and `pace` are Unix seconds: by then her minute, or the provider's
patience with messages to her, is whole again; `again` is when what waits is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from bot.hours import day_of, next_morning
from bot.messages import Json
from bot.settings import Settings

Limit = Literal["minute", "day", "sent", "spend", "everybody"]
MINUTE_S = 60.0
CALM = timedelta(seconds=20)
"""So long after her last message too many the ones that wait are taken up."""
BRAKED = timedelta(minutes=10)
"""So often it is looked whether all senders together may go on."""
MOST_HELD = 100
"""Of one flood so many messages wait to be worked on; later ones are only kept, for a rep to read."""
AT_ONCE = 40
"""Bubbles to one person that WhatsApp takes in a row; after them one each `pace_s`."""
PACED = "whatsapp"
OVER_MIDNIGHT = ("full", "pace", "held", "again", "told")


def reached(state: Json, settings: Settings, now: datetime) -> Limit | None:
    """The limit that keeps her next message waiting, of several the one that lasts longest."""
    kept = _today(state, now)
    sent = kept.get("sent", {})
    if settings.limit_messages_day and kept.get("came", 0) >= settings.limit_messages_day:
        return "day"
    if settings.limit_sent_day and sum(sent.values()) >= settings.limit_sent_day:
        return "sent"
    if settings.limit_spend_day and cost(sent, settings) >= settings.limit_spend_day:
        return "spend"
    if settings.limit_messages_minute:
        step = _message_s(settings)
        if _ahead(kept, "full", now) > MINUTE_S - step / 2:  # half a step: seconds are no exact numbers
            return "minute"
    return None


def came(state: Json, settings: Settings, now: datetime) -> None:
    """Count one message of hers that is worked on."""
    kept = state["limits"] = _today(state, now)
    kept["came"] = kept.get("came", 0) + 1
    if settings.limit_messages_minute:
        kept["full"] = max(kept.get("full", 0.0), now.timestamp()) + _message_s(settings)


def goes_out(state: Json, settings: Settings, channel: str, bubbles: int, now: datetime) -> list[datetime]:
    """Count what a turn says to her; when each bubble may go, in order, so that the provider takes them."""
    if not bubbles:
        return []
    kept = state["limits"] = _today(state, now)
    kept["sent"] = kept.get("sent", {}) | {channel: kept.get("sent", {}).get(channel, 0) + bubbles}
    if channel != PACED or not settings.pace_s:
        return [now] * bubbles
    moments = []
    for _ in range(bubbles):
        moments.append(now + timedelta(seconds=max(0.0, _ahead(kept, "pace", now) - _burst_s(settings))))
        kept["pace"] = max(kept.get("pace", 0.0), now.timestamp()) + settings.pace_s
    return moments


def room(state: Json, settings: Settings, channel: str, now: datetime) -> bool:
    """May one more letter go to her today, within what she is sent and what it costs?"""
    sent = _today(state, now).get("sent", {})
    with_it = sent | {channel: sent.get(channel, 0) + 1}
    too_many = settings.limit_sent_day and sum(with_it.values()) > settings.limit_sent_day
    too_dear = settings.limit_spend_day and cost(with_it, settings) > settings.limit_spend_day
    return not (too_many or too_dear)


def holds(state: Json) -> int:
    """How many of her messages wait."""
    return int(state.get("limits", {}).get("held", 0))


def hold(state: Json, limit: Limit | None, now: datetime, seller_id: int) -> datetime | None:
    """One message more waits, for `limit` or behind others. When to look at them, if this one changes that.

    Who goes on too fast is waited for; who only writes behind what waits holds it up no longer.
    """
    kept = state["limits"] = _today(state, now)
    kept["held"] = min(kept.get("held", 0) + 1, MOST_HELD)
    at = calm_at(limit, now, seller_id)
    if limit is None and 0 < kept.get("again", 0.0) - now.timestamp() <= CALM.total_seconds():
        return None
    kept["again"] = at.timestamp()
    return at


def first_time(state: Json, name: Literal["told", "alarmed"], limit: Limit | None) -> bool:
    """Is she to be told that she has to wait (once a flood), or a rep (once a day)? Remembers the answer.

    Nobody hears of it while nothing may be said to anybody.
    """
    kept = state["limits"]
    if limit in (None, "everybody") or kept.get(name):
        return False
    return bool(kept.setdefault(name, True))


def taken_up(state: Json) -> None:
    """One message less waits."""
    kept = state.setdefault("limits", {})
    kept["held"] = max(0, kept.get("held", 0) - 1)
    if not kept["held"]:
        forget_held(state)


def forget_held(state: Json) -> None:
    """Nothing waits any more: the flood is over."""
    for name in ("held", "again", "told"):
        state.get("limits", {}).pop(name, None)


def calm_at(limit: Limit | None, now: datetime, seller_id: int) -> datetime:
    """When to look again whether what waits may be worked on."""
    if limit == "everybody":
        return now + BRAKED
    return now + CALM if limit in (None, "minute") else next_morning(now, seller_id)


def cost(sent: Mapping[str, int], settings: Settings) -> Decimal:
    """Rupees for so many messages by channel."""
    prices = {"whatsapp": settings.price_whatsapp, "sms": settings.price_sms}
    return sum((prices.get(channel, Decimal(0)) * count for channel, count in sent.items()), Decimal(0))


def _today(state: Json, now: datetime) -> Json:
    """A copy of what is kept; what counts by the day begins anew at midnight."""
    kept = dict(state.get("limits") or {})
    today = day_of(now).isoformat()
    if kept.get("day") != today:
        kept = {name: kept[name] for name in OVER_MIDNIGHT if name in kept}
        kept["day"] = today
    return kept


def _ahead(kept: Json, name: str, now: datetime) -> float:
    """Seconds until that allowance is whole again."""
    return max(0.0, float(kept.get(name, 0.0)) - now.timestamp())


def _message_s(settings: Settings) -> float:
    """Seconds of her minute that one message takes."""
    return MINUTE_S / settings.limit_messages_minute


def _burst_s(settings: Settings) -> float:
    return settings.pace_s * (AT_ONCE - 1)

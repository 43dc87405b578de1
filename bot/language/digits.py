"""Figures as they are typed: Indian, western and wrong grouping, decimals, and runs of single digits."""

from __future__ import annotations

from decimal import Decimal

from bot.language.number_words import Word

# Longer figures are account or registration numbers, never an amount.
LONGEST_FIGURE = 13
_Readings = tuple[tuple[Decimal, Decimal | None], ...]


def figure(token: str) -> Word | None:
    """The value of one token of figures, or its readings when the grouping has two; None if too long."""
    if token.isdecimal():
        if len(token) > 4 and token[0] == "0":
            return None
        return Word("d", Decimal(token)) if len(token) <= LONGEST_FIGURE else None
    if len(token) > 20:
        return None
    whole, point, decimals = token.rpartition(".")
    if "," not in token:
        return _with_point(token)
    if point and "," not in decimals and "." not in whole:
        grouped = _grouped(whole.split(","))
        if grouped is None or grouped.readings or grouped.value is None:
            return None
        return Word("d", grouped.value + Decimal("0." + decimals))
    return None if point else _grouped(token.split(","))


def _with_point(token: str) -> Word | None:
    parts = token.split(".")
    if len(parts) != 2 or len(parts[0]) > LONGEST_FIGURE:
        return None
    value = Decimal(token)
    if len(parts[1]) == 3 and len(parts[0]) <= 3 and parts[0] != "0":
        # `1.250` is a thousand to some and one and a quarter to others.
        return Word("d", readings=((Decimal(parts[0] + parts[1]), None), (value, None)))
    return Word("d", value)


def _grouped(parts: list[str]) -> Word | None:
    joined = Decimal("".join(parts))
    if len("".join(parts)) > LONGEST_FIGURE:
        return None
    inner = parts[1:-1]
    if len(parts[-1]) == 3 and len(parts[0]) <= 3 and all(len(part) in (2, 3) for part in inner):
        if len(parts) == 2 and len(parts[0]) == 3 and parts[1] != "000":
            return Word("d", readings=((joined, None), _pair(parts[0], parts[1])))
        return Word("d", joined)
    if len(parts) == 2 and parts[0] and len(parts[1]) < 3:
        return Word("d", readings=((joined, None), (Decimal(f"{parts[0]}.{parts[1]}"), None)))
    return Word("d", readings=((joined, None),))


def _pair(first: str, second: str) -> tuple[Decimal, Decimal | None]:
    low, high = sorted((Decimal(first), Decimal(second)))
    return low, high

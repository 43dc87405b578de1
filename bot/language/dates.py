"""Calendar dates as she writes them: `23/11/2026`, `2026-11-23`, `15 अगस्त 2026`, `15 अगस्त`."""

from __future__ import annotations

from datetime import date

from bot.language.found import Found
from bot.language.line import Line


def read_date(line: Line, start: int) -> Found | None:
    """The date that begins here: `2026-08-15`, without a year `--08-15`, without a day `2026-08`."""
    return _dotted(line, start) or _in_figures(line, start) or _with_month(line, start)


def _found(start: int, end: int, iso: str | None) -> Found | None:
    return None if iso is None else Found("date", start, end, extra={"iso": iso})


def _iso(year: int, month: int, day: int) -> str | None:
    if year < 100:
        year += 2000
    try:
        return date(year, month, day).isoformat() if 1900 <= year <= 2100 else None
    except ValueError:
        return None


def _dotted(line: Line, start: int) -> Found | None:
    parts = line.tokens[start].word.split(".")
    if len(parts) != 3 or not all(part.isdecimal() and len(part) <= 4 for part in parts):
        return None
    return _found(start, start + 1, _order(parts))


def _order(parts: list[str]) -> str | None:
    first, second, third = (int(part) for part in parts)
    if len(parts[0]) == 4:
        return _iso(first, second, third)
    return _iso(third, second, first) if len(parts[2]) in (2, 4) else None


def _in_figures(line: Line, start: int) -> Found | None:
    texts = [token.word for token in line.tokens[start : start + 3]]
    marks = [line.before(start + 1), line.before(start + 2)]
    if len(texts) < 2 or not all(text.isdecimal() and len(text) <= 4 for text in texts[:2]):
        return None
    if len(texts) == 3 and texts[2].isdecimal() and len(texts[2]) <= 4 and marks in (["/", "/"], ["-", "-"]):
        return _found(start, start + 3, _order(texts))
    if line.asks == "date" and marks[0] in ("/", "-"):
        return _found(start, start + 2, _day_of_month(int(texts[0]), int(texts[1])))
    return None


def _day_of_month(day: int, month: int) -> str | None:
    return f"--{month:02}-{day:02}" if _iso(2024, month, day) else None


def _with_month(line: Line, start: int) -> Found | None:
    word = line.at(start)
    if word.month and not word.kind:
        year = _year(line, start + 1)
        found = _found(start, start + 2, f"{year}-{word.month:02}") if year else None
        return found or _month_first(line, start)
    place = start + 1
    if place < len(line.tokens) and "ordinal" in line.at(place).marks:
        place += 1
    month = line.at(place).month
    if word.kind not in ("c", "d") or word.value is None or not month or not line.near(place):
        return None
    if word.value != word.value.to_integral_value() or not 1 <= word.value <= 31:
        return None
    year = _year(line, place + 1)
    if year is None:
        return _found(start, place + 1, _day_of_month(int(word.value), month))
    return _found(start, place + 2, _iso(year, month, int(word.value)))


def _month_first(line: Line, start: int) -> Found | None:
    """`August 15, 2026`; without its year a day after the month may be anything."""
    day, year = line.tokens[start + 1].word if start + 1 < len(line.tokens) else "", _year(line, start + 2)
    if year is None or not (day.isdecimal() and len(day) <= 2) or not line.near(start + 1):
        return None
    return _found(start, start + 3, _iso(year, line.at(start).month, int(day)))


def _year(line: Line, place: int) -> int | None:
    if not 0 <= place < len(line.tokens) or line.before(place) not in (" ", ",", ", ", "-", "/"):
        return None
    text = line.tokens[place].word
    return int(text) if text.isdecimal() and len(text) == 4 and "1900" <= text <= "2100" else None

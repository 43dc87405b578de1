"""Figures and number words that name, order or time something instead of counting it."""

from __future__ import annotations

from bot.language.line import Line

# Both a hundred thousand and the resin of bangles.
LAC = frozenset({"लाख", "lakh", "laakh", "lac"})


def is_label(line: Line, place: int) -> bool:
    """Part of a code, an ordinal or an idiom: `5th`, `GST22AB`, `-500`, `एक बार`."""
    word, text = line.words[place], line.tokens[place].word
    after = line.at(place + 1)
    glued = line.before(place + 1) == ""
    if {"clock", "percent"} & after.marks or _is_numbered(line, place):
        return True
    if word.kind == "d":
        if glued and place + 1 < len(line.tokens) and _unknown_tail(line, place + 1):
            return True
        before = line.tokens[place - 1].word if place else ""
        known = line.at(place - 1)
        if place and line.before(place) == "" and before.isalpha() and not before[0].isdecimal():
            return not (known.money or known.role or known.marks or known.axis)
        if line.before(place) == "^" or line.before(place + 1) == "^":
            return True
        return _is_negative(line, place)
    if word.value == 1 and after.money and {"below"} & (line.at(place + 2).marks | line.at(place + 3).marks):
        return True
    if word.kind == "s" and text in LAC and "lac_after" in after.marks:
        return True
    if word.value == 1 and "article" in after.marks and line.near(place + 1):
        return True
    if word.month and not word.kind:
        return True
    return word.value == 4 and text in ("चार", "char") and _is_nut(line, place)


def _is_numbered(line: Line, place: int) -> bool:
    """`वार्ड नंबर 12`, `कक्षा 8`, `10:30`."""
    before = line.at(place - 1)
    if "numbered" in before.marks or ("phone" in before.marks and "numbered" in line.at(place - 2).marks):
        return True
    spots = [spot for spot in (place, place + 1) if line.before(spot) == ":"]
    return any(line.at(spot - 1).kind == "d" and line.at(spot).kind == "d" for spot in spots)


def _unknown_tail(line: Line, place: int) -> bool:
    """`5th`, `22AB`, `5%`: what is glued to the figures is neither a unit, a scale nor a currency."""
    word, text = line.at(place), line.tokens[place].word
    if text == "%":
        return True
    if not text.isalpha() and not "\u0900" <= text[0] <= "\u097f":
        return False
    if "ordinal" in word.marks and not word.unit and not word.money:
        return True
    return not (word.unit or word.money or word.kind or word.marks or word.basis or word.month or word.axis)


def _is_negative(line: Line, place: int) -> bool:
    start = line.tokens[place].start
    raw = line.normal.raw
    if start == 0 or raw[start - 1] not in "-−" or "labels" in line.at(place - 1).marks:
        return False
    return start == 1 or raw[start - 2].isspace() or raw[start - 2] == "₹"


def _is_nut(line: Line, place: int) -> bool:
    """चार is chironji in `चार की बर्फी`, `किलो चार`, `चार गुठली`."""
    before, after = line.at(place - 1), line.at(place + 1)
    if line.near(place) and before.unit is not None and before.unit.kind == "weight":
        return not line.is_number(place + 1) and after.unit is None and not after.money
    following = line.tokens[place + 1].word if place + 1 < len(line.tokens) else ""
    if following in ("गुठली", "चिरौंजी", "बीज", "फल", "guthli", "chironji", "beej"):
        return True
    return place == 0 and following in ("की", "का", "के", "ki", "ka", "ke") and place + 2 < len(line.tokens)

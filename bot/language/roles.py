"""Whose figure it is: her price, or a cost, a market price, a floor, a ceiling, a past price, a change."""

from __future__ import annotations

from bot.language.found import Found
from bot.language.line import Line

_REACH = 4
# `500 लगा दो`: put it at 500, she says; `500 लगा` is what it took.
_GIVE = frozenset(
    {"दो", "दीजिए", "दें", "दे", "दव", "देव", "do", "dijiye", "dena", "de", "dav", "लो", "lo", "लीजिए", "lijiye"}
)
MONEY_ROLES = frozenset({"cost", "market", "wholesale", "retail", "net"})


def labelled(line: Line, found: Found) -> bool:
    """True if a price word stands beside the number: `दाम पंद्रह सौ`, `रेट है 500`, `500 दाम`."""
    for place in _back(line, found.start):
        if "labels" in line.at(place).marks:
            return True
        if not ({"of", "is", "about", "exact", "each"} & line.at(place).marks or line.at(place).basis):
            break
    place = found.end
    return "labels" in line.at(place).marks and line.near(place) and not line.is_number(place + 1)


def role_of(line: Line, found: Found) -> str | None:
    """The role of an amount, or None when it is simply her figure."""
    role = _bound(line, found)
    if role:
        return role
    if _is_change(line, found):
        return "change"
    for place in _back(line, found.start):
        if line.at(place).role in MONEY_ROLES | {"floor", "ceiling"}:
            return line.at(place).role
        if line.at(place).role == "previous" and _was(line, found.end):
            return "previous"
        if "hand" in line.at(place).marks and "within" in line.at(place + 1).marks:
            return "net"
        if line.at(place).role == "previous":
            return "previous"
    return _role_after(line, found)


def _back(line: Line, start: int) -> list[int]:
    """The places before the number, nearest first, up to the number or the stop before it."""
    places = []
    for place in range(start - 1, max(-1, start - 1 - _REACH), -1):
        if (
            line.before(place + 1) in (".", "?", "!", ";")
            or line.is_number(place)
            and line.at(place).value != 1
        ):
            break
        places.append(place)
    return places


def _bound(line: Line, found: Found) -> str | None:
    """`500 से कम नहीं` is a floor, `500 तक` and `500 से ज़्यादा नहीं` are ceilings, `कम से कम 500` a floor."""
    place = found.end
    if "upto" in line.at(place).marks:
        return "ceiling"
    if line.at(place).role in ("floor", "ceiling") and line.near(place):
        return line.at(place).role
    if "of" in line.at(place).marks and "above" in line.at(place + 1).marks:
        return "floor"
    little = _little_less_or_more(line, place)
    if little:
        return little
    if "of" in line.at(place).marks and {"below", "inside"} & line.at(place + 1).marks:
        return "floor" if "not" in line.at(place + 2).marks else "ceiling"
    if (
        place < len(line.tokens)
        and line.before(place) == ""
        and line.tokens[place].word == "+"
        and not line.is_number(place + 1)
    ):
        return "floor"
    if "to" in line.at(place).marks:
        follows = line.at(place + 1).marks
        if line.at(place + 1).value == 1 and line.at(place + 2).money:
            # `500 से एक रुपया (भी) कम नहीं`
            near = (line.at(place + 3).marks, line.at(place + 4).marks)
            return "floor" if any("below" in marks for marks in near) else None
        denied = any("not" in line.at(spot).marks for spot in (place + 2, place + 3))
        if "below" in follows:
            return "floor" if denied else "ceiling"
        if "above" in follows:
            return "ceiling" if denied else "floor"
    return _bound_before(line, found.start)


def _bound_before(line: Line, start: int) -> str | None:
    """`ऊपर 400`, `कम नहीं 500`, `कम से कम 500`."""
    if "above" in line.at(start - 1).marks and line.near(start):
        return "floor"
    if "not" in line.at(start - 1).marks and "below" in line.at(start - 2).marks and line.near(start):
        return "floor"
    if "to" in line.at(start - 2).marks:
        if "below" in line.at(start - 1).marks and "below" in line.at(start - 3).marks:
            return "floor"
        if "above" in line.at(start - 1).marks and "above" in line.at(start - 3).marks:
            return "ceiling"
    return None


def _little_less_or_more(line: Line, place: int) -> str | None:
    """`500 से थोड़ा कम`, `500 थोड़ा ज़्यादा`: under or over a figure, not the figure."""
    last = place + 3
    while place < last and {"within", "to", "of"} & line.at(place).marks and line.near(place):
        place += 1
    if "little" not in line.at(place).marks or not line.near(place):
        return None
    if "below" in line.at(place + 1).marks:
        return "ceiling"
    return "floor" if "above" in line.at(place + 1).marks else None


def _role_after(line: Line, found: Found) -> str | None:
    if _was(line, found.end):
        return "previous"
    if "within" in line.at(found.end).marks and {"making", "gave"} & line.at(found.end + 1).marks:
        return "cost"
    habit = _habit_after(line, found)
    if habit:
        return habit
    for place in range(found.end, min(found.end + 3, len(line.tokens))):
        if not line.near(place) or line.is_number(place):
            return None
        word = line.at(place)
        if "hand" in word.marks and "within" in line.at(place + 1).marks:
            return "net"
        wanted = found.type == "money" or line.asks == "money" or "desire" in line.at(place + 1).marks
        if "getting" in word.marks and wanted:
            return "net"
        if word.role in MONEY_ROLES:
            later = any(line.is_number(spot) for spot in range(place + 1, place + 3))
            return None if later else word.role
    return None


def _habit_after(line: Line, found: Found) -> str | None:
    """`पड़ोसन 500 में बेचती है`, `300 लगते हैं`: what others take, or what it takes; `बेचती हूँ` is hers."""
    place = found.end
    while {"within", "of"} & line.at(place).marks and line.near(place) and place < found.end + 2:
        place += 1
    if not line.near(place):
        return None
    theirs = any("they" in line.at(before).marks for before in _back(line, found.start))
    if theirs and "sell" in line.at(place).marks:
        return "market"
    if "sells" in line.at(place).marks and "is" in line.at(place + 1).marks and line.near(place + 1):
        return "market"
    ordered = {"give"} & line.at(place).marks and line.tokens[place + 1 : place + 2]
    if ordered and line.tokens[place + 1].word in _GIVE:
        return None
    return "cost" if {"spent", "gave"} & line.at(place).marks else None


def _is_change(line: Line, found: Found) -> bool:
    """`100 रुपये कम कर दो`, `दाम 100 बढ़ा दो`: by how much, not how much."""
    place = found.end
    return line.near(place) and bool({"below", "above", "change"} & line.at(place).marks)


def _was(line: Line, place: int) -> bool:
    return any("was" in line.at(spot).marks and line.near(spot) for spot in (place, place + 1))


def drop_corrected(line: Line, founds: list[Found]) -> list[Found]:
    """`300 नहीं 350` is 350; `पहले 300 था अब 250` is 250: the figure taken back is not reported."""
    kept: list[Found] = []
    for index, found in enumerate(founds):
        later = founds[index + 1] if index + 1 < len(founds) else None
        if later is not None and _takes_back(line, found, later):
            if later.type == "number" and found.type != "number":
                later.type, later.unit, later.per = found.type, found.unit, later.per or found.per
            continue
        if later is None and _denied(line, found):
            continue
        kept.append(found)
    return kept


def _takes_back(line: Line, found: Found, later: Found) -> bool:
    if found.number is None or later.number is None:
        return False
    if found.type != later.type and "number" not in (found.type, later.type):
        return False
    between = range(found.end, later.start)
    if found.role == "previous" and later.role in (None, "previous"):
        later.role = None if later.role == "previous" and not _was(line, later.end) else later.role
        return later.role is None
    if not between or len(between) > 4 or found.role:
        return False
    if not any("not" in line.at(place).marks for place in between):
        return False
    return all({"not", "now", "is"} & line.at(place).marks or line.at(place).money for place in between)


def _denied(line: Line, found: Found) -> bool:
    """`300 नहीं`, `300 में नहीं दूँगी`: she has refused a figure, not given one."""
    place = found.end + ("within" in line.at(found.end).marks)
    if found.role is not None or "not" not in line.at(place).marks or not line.near(place):
        return False
    tag = line.tokens[place].word in ("na", "ना", "न") and place + 1 == len(line.tokens)
    return not tag and "to" not in line.at(place + 1).marks

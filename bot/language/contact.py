"""Telephone numbers, PIN codes and numbers said digit by digit: `98765 43210`, `नौ आठ डबल सात …`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bot.language.atoms import Number
from bot.language.found import Found
from bot.language.line import Line

_PHONE = range(10, 14)
_LONGEST_RUN = 40


@dataclass(slots=True)
class _Run:
    """Digits gathered from neighbouring tokens; `groups` are their lengths, `spoken`: words among them."""

    end: int
    digits: str = ""
    groups: tuple[int, ...] = ()
    spoken: bool = False
    plus: bool = False


def contact(line: Line, start: int) -> Found | None:
    """A phone number, PIN code or spoken row of digits that begins here, or None."""
    word = line.at(start)
    text = line.tokens[start].word
    if not (
        word.kind in ("c", "d") or text[0].isdecimal() or text == "+" or {"twice", "thrice"} & word.marks
    ):
        return None
    run = _Run(start + 1, text, (len(text),)) if _is_whole(text) else _gather(line, start)
    after = line.at(run.end)
    if line.at(start - 1).money or after.money or after.kind == "s":
        return None
    if after.unit is not None and line.near(run.end):
        return None
    return _phone(line, start, run) or _pincode(line, start, run) or _spelled(line, start, run)


def _is_whole(text: str) -> bool:
    return text.isdecimal() and len(text) in _PHONE


def _gather(line: Line, start: int) -> _Run:
    run = _Run(start)
    times = 1
    place = start
    while place < len(line.tokens) and place - start < _LONGEST_RUN:
        text, word = line.tokens[place].word, line.words[place]
        if place > start and line.before(place) not in ("", " ", "-"):
            break
        if text == "+" and place == start:
            run.plus = True
        elif text.isdecimal() and (len(text) == 1 or not run.spoken):
            run.digits += text * times
            run.groups += (len(text) * times,)
            times = 1
        elif {"twice", "thrice"} & word.marks:
            times = 2 if "twice" in word.marks else 3
            run.spoken = True
        elif word.kind == "c" and word.value is not None and _continues(line, run, word.value):
            run.digits += str(word.value) * times
            run.groups += (len(str(word.value)) * times,)
            run.spoken, times = True, 1
        else:
            break
        place += 1
    run.end = place
    return run


def _continues(line: Line, run: _Run, value: Decimal) -> bool:
    """Words join a row of single digits; two-digit words and mixed groups only where such a row was asked."""
    if line.asks in ("phone", "pincode"):
        return True
    return value < 10 and all(length <= 3 for length in run.groups) and (run.spoken or set(run.groups) <= {1})


def _labelled(line: Line, start: int, mark: str) -> bool:
    return any(mark in line.at(place).marks for place in range(max(0, start - 4), start))


def _phone(line: Line, start: int, run: _Run) -> Found | None:
    if len(run.digits) not in _PHONE:
        return None
    national = run.digits
    if len(national) > 10 and national.startswith(("91", "0")):
        national = national.removeprefix("0").removeprefix("91") if len(national) > 11 else national[1:]
    asked = line.asks == "phone" or run.plus or _labelled(line, start, "phone")
    likely = len(national) == 10 and national[0] in "6789"
    groups = run.groups
    if run.digits[0] == "0" and groups[0] > 1:
        groups = (groups[0] - 1, *groups[1:])
    grouped = groups in (
        (5, 5),
        (3, 3, 4),
        (4, 3, 3),
        (4, 6),
        (2, 8),
        (3, 7),
        (2, 5, 5),
        (2, 10),
        (1, 10),
    )
    # Four, four and four: the number of a card. It is no price, whatever else it is.
    card = run.groups in ((4, 4, 4), (4, 4, 4, 4)) and not run.spoken
    single = len(run.groups) == 1 or all(length <= 3 for length in run.groups) and run.spoken
    ones = all(length == 1 for length in run.groups)
    if asked or single or card or (likely and (grouped or ones)):
        return Found("phone", start, run.end, extra={"digits": run.digits})
    return None


def _pincode(line: Line, start: int, run: _Run) -> Found | None:
    if len(run.digits) != 6 or run.digits[0] == "0":
        return None
    asked = line.asks == "pincode" or _labelled(line, start, "pincode")
    free = line.asks is None and len(run.groups) == 1 and not run.digits.endswith("000")
    free = free and not any("labels" in line.at(place).marks for place in range(max(0, start - 3), start))
    if asked or free or (run.spoken and len(run.groups) >= 5):
        return Found("pincode", start, run.end, extra={"digits": run.digits})
    return None


def _spelled(line: Line, start: int, run: _Run) -> Found | None:
    """`पाँच शून्य शून्य` = 500; a row of three and more digit words without a zero is unclear."""
    if not run.spoken or len(run.groups) < 3 or len(run.digits) > 9:
        doubled = run.spoken and len(run.groups) >= 1 and len(run.digits) > len(run.groups)
        if not doubled or not run.digits or len(run.digits) > 9:
            return None
    value = Decimal(run.digits)
    sure = "0" in run.digits[1:] or {"twice", "thrice"} & line.at(start).marks
    if sure and run.digits[0] != "0":
        number = Number(start, run.end, value, atom=value, digits=True)
    else:
        number = Number(start, run.end, readings=((value, None),), digits=True)
    return Found("number", start, run.end, number)

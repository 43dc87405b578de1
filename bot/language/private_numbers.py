"""Numbers nobody here needs: Aadhaar, PAN, bank accounts. They are never kept; a mark stands for them.

Prices, phones, PIN codes and measures stay: what might be one of them is taken for private only where its
check digit, its grouping or a word beside it says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

from bot.language.private_spoken import FEWEST_WORDS, spoken_rows

AADHAAR, PAN, ACCOUNT = "[आधार]", "[पैन]", "[खाता]"
MARKS = (AADHAAR, PAN, ACCOUNT)
_DIGITS = 12
_NEAR, _BESIDE = 40, 20
"""Characters between a number and the word that says what it is; of one that may be a phone."""

_WORTH_A_LOOK = re.compile(r"\d(?:\D{0,3}\d){8}|\d(?:[ .-]?\d){3}[ .-]?[A-Za-z]")
_ROW = re.compile(r"(?<![\d.])\+?\d+(?:[^\S\n]?[-.,/_–—|:]?[^\S\n]?\d+|\s\d+)*")
_GROUP = re.compile(r"\d+")
_TIGHT = frozenset(("", " ", "-", ".", "_", "–", "—", " - ", "\u00a0"))
_MONEY_BEFORE = re.compile(r"(?:₹|\brs\.?|\binr|रु\.?)\s*$", re.I)
_MONEY_AFTER = re.compile(r"\s*(?:/-|₹|rs\b|rup|रु)", re.I)
_AADHAAR_WORD = re.compile(r"a+dh?a+r\b|uid\b|आधार|अधार|आधाऱ", re.I)
_PHONE_WORD = re.compile(r"phone|fone|mobile|mobail|whats|फोन|फ़ोन|मोबाइल|मोबाईल|व्हाट|call|कॉल", re.I)
_ACCOUNT_WORD = re.compile(
    r"\ba/c|\bacc?(?:t|ount)?\b|account|akaunt|khata\b|khate\b|\bbank|खाता|खाते|अकाउंट|एकाउंट|अकाउन्ट|एकाउन्ट"
    r"|बैंक|बैंक|ifsc|आईएफएससी|आइएफएससी|\b[A-Z]{4}0[A-Z0-9]{6}\b",
    re.I,
)
_PAN_WORD = re.compile(r"\bpan\b|पैन", re.I)
_PAN = re.compile(
    r"(?<![A-Za-z0-9])([A-Za-z]{5}\d{4}[A-Za-z]|[A-Za-z](?:[ .-]{0,2}[A-Za-z]){4}[ .-]{0,2}"
    r"\d(?:[ .-]?\d){3}[ .-]{0,2}[A-Za-z])(?![A-Za-z0-9])"
)
_LABEL = re.compile(
    rf"(?:{_AADHAAR_WORD.pattern}|{_PAN_WORD.pattern}|{_ACCOUNT_WORD.pattern}|आधार|अधार)"
    r"(?:\s*(?:card|कार्ड|number|no\b\.?|नंबर|नम्बर|नं\.?))*",
    re.I,
)
_FILLERS = frozenset("मेरा मेरे मोर है हे का के ये यह लो जी और mera mere mor hai he ka ke ye yeh lo ji aur".split())
_STOPS = ".,:;।!?-"
_MARK = re.compile("|".join(map(re.escape, MARKS)))

_TIMES = (
    "0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
    "5987604321", "6598710432", "7659821043", "8765932104", "9876543210",
)  # fmt: skip
_TURNS = (
    "0123456789", "1576283094", "5803796142", "8916043527",
    "9453126870", "4286573901", "2793806415", "7046913258",
)  # fmt: skip


def redact(text: str) -> str:
    """The text with a mark in place of each private number; the same text if there is none."""
    if _WORTH_A_LOOK.search(text):
        text = _without_pan(_ROW.sub(_row, text))
    return _without_spoken(text) if text.count(" ") >= FEWEST_WORDS - 1 else text


def without_marks(text: str) -> str:
    """What she said beside the numbers; the same text if there was none."""
    if "[" not in text or not _MARK.search(text):
        return text
    words = _LABEL.sub(" ", _MARK.sub(" ", text)).split()
    return " ".join(words) if any(word.strip(_STOPS) not in _FILLERS for word in words) else ""


def checks(digits: str) -> bool:
    """Is the last of these ASCII digits the check digit (Verhoeff) of the others?"""
    found = 0
    for place, digit in enumerate(reversed(digits)):
        found = int(_TIMES[found][int(_TURNS[place % 8][int(digit)])])
    return found == 0


@dataclass(frozen=True, slots=True)
class _Part:
    """Neighbouring groups of digits: where they stand in the row, and what is between them."""

    start: int
    end: int
    groups: tuple[str, ...]
    gaps: frozenset[str]
    whole: bool

    @property
    def digits(self) -> str:
        return "".join(self.groups)


def _row(row: re.Match[str]) -> str:
    """One row of digits and what separates them, with the private ones marked."""
    text = row.group()
    before, after = row.string[: row.start()], row.string[row.end() :]
    for part, mark in _private(text, before, after):
        rupees_before = part.start == 0 and _MONEY_BEFORE.search(before[-6:])
        if not rupees_before and not (part.end == len(text) and _MONEY_AFTER.match(after[:6])):
            return text[: part.start] + mark + text[part.end :]
    return text


def _private(text: str, before: str, after: str) -> Iterator[tuple[_Part, str]]:
    parts = list(_parts(text))
    whole = next(part for part in parts if part.whole)
    if _is_account(text, whole, before, after):
        yield whole, ACCOUNT
    named = bool(_AADHAAR_WORD.search(before[-_NEAR:]) or _AADHAAR_WORD.search(after[:_NEAR]))
    for part in parts:
        if _is_aadhaar(part, named, text.startswith("+")):
            yield part, AADHAAR


def _parts(text: str) -> Iterator[_Part]:
    """Every run of neighbouring groups that is as long as an Aadhaar, and the whole row; cards of 16 too."""
    found = list(_GROUP.finditer(text))
    groups = [str(int(one.group())).zfill(len(one.group())) for one in found]
    ends = [0, *accumulate(map(len, groups))]
    for first in range(len(groups)):
        for last in range(first + 1, len(groups) + 1):
            length, everything = ends[last] - ends[first], (first, last) == (0, len(groups))
            if length == _DIGITS or everything:
                spans = found[first:last]
                gaps = frozenset(text[one.end() : two.start()] for one, two in pairwise(spans))
                groups_here = tuple(groups[first:last])
                yield _Part(spans[0].start(), spans[-1].end(), groups_here, gaps, everything)


def _is_aadhaar(part: _Part, named: bool, plus: bool) -> bool:
    digits, lengths = part.digits, [len(group) for group in part.groups]
    if len(digits) != _DIGITS or digits[0] in "01" or plus:
        return False
    if named:
        return True
    if len(lengths) == 1:
        return not (digits.startswith("91") and digits[2] in "6789")
    if lengths == [4, 4, 4]:
        return part.gaps <= _TIGHT and not all(map(_like_a_price, part.groups)) or _sure(part)
    return part.whole and not _has_phone(part.groups) and _sure(part)


def _sure(part: _Part) -> bool:
    """By its check digit, unless it is a list of amounts or sizes, or an amount with commas."""
    rising = all(int(one) < int(two) for one, two in pairwise(part.groups))
    commas = "," in part.gaps and len(part.groups[-1]) == 3
    prices = all(map(_like_a_price, part.groups)) and set(map(len, part.groups)) != {1}
    ones = max(map(len, part.groups)) == 1
    return checks(part.digits) and not (prices or commas or (rising and not ones))


def _like_a_price(group: str) -> bool:
    return group.endswith(("0", "99"))


def _has_phone(groups: tuple[str, ...]) -> bool:
    """Is there a mobile number among these groups, with its country's number or some other figure?"""
    pairs = [one + two for one, two in pairwise(groups)]
    rows = [*groups, *pairs, *("".join(groups[at : at + 3]) for at in range(len(groups) - 2))]
    few = len(groups) <= 4
    return few and any(
        len(row.removeprefix("91")) == 10 and row.removeprefix("91")[0] in "6789" for row in rows
    )


def _is_account(text: str, whole: _Part, before: str, after: str) -> bool:
    """An account's number has 9 to 18 digits, and a word beside it says what it is."""
    if not 9 <= len(whole.digits) <= 18 or not whole.gaps <= _TIGHT or text.startswith("+"):
        return False
    if len(whole.groups) > 1 and all(map(_like_a_price, whole.groups)):
        return False
    near, later = before[-_NEAR:], after[:_NEAR]
    words = list(_ACCOUNT_WORD.finditer(near))
    if _AADHAAR_WORD.search(near):
        return False
    if _like_a_phone(whole.digits):
        between = near[words[-1].end() :] if words else ""
        beside = bool(words) and len(between) <= _BESIDE and not any(map(str.isdecimal, between))
        return beside and not _PHONE_WORD.search(between + later[:12])
    return bool(words or _ACCOUNT_WORD.search(later) or _ACCOUNT_WORD.search(before + after))


def _like_a_phone(digits: str) -> bool:
    national = digits.removeprefix("0") if len(digits) == 11 else digits
    national = national.removeprefix("91") if len(national) == _DIGITS else national
    return len(national) == 10 and national[0] in "6789"


def _without_pan(text: str) -> str:
    named = bool(_PAN_WORD.search(text))

    def mark(found: re.Match[str]) -> str:
        said = found.group()
        letters = [char for char in said if char.isalpha()]
        # Written apart it may be a price between words: then a person's PAN is known by its fourth letter.
        sure = named or len(said) == 10 or (letters[3] == "P" and "".join(letters).isupper())
        return PAN if sure else said

    return _PAN.sub(mark, text)


def _without_spoken(text: str) -> str:
    for row in reversed(list(spoken_rows(text))):
        digits, near = row.digits, text[max(0, row.start - _NEAR) : row.start]
        if row.words < FEWEST_WORDS or _like_a_phone(digits):
            continue
        aadhaar = len(digits) == _DIGITS and digits[0] not in "01"
        account = 9 <= len(digits) <= 18 and _ACCOUNT_WORD.search(near)
        if aadhaar and (row.ones or _AADHAAR_WORD.search(near) or checks(digits)):
            text = text[: row.start] + AADHAAR + text[row.end :]
        elif account:
            text = text[: row.start] + ACCOUNT + text[row.end :]
    return text

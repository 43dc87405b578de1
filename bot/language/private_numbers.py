"""Numbers that nobody asked for and nobody keeps: Aadhaar, PAN, bank accounts. A mark is kept in their place.

What sellers do tell in figures (prices, phones, pincodes, sizes, the GSTIN, FSSAI licences) stays as it is.
"""

from __future__ import annotations

import re
from unicodedata import digit

from bot.language.private_spoken import FEWEST_WORDS, spoken_rows

AADHAAR, PAN, BANK = "[आधार]", "[पैन]", "[बैंक खाता]"
MARKS = (AADHAAR, PAN, BANK)

# The first look: most messages hold no four figures near each other, and cost no more than this.
_FOUR = re.compile(r"\d(?:\W{0,3}\d){3}")
# Read in one way only: a gap that could be read in two would make a long row of figures take for ever.
_GAP = r"(?:[^\S\n]{1,2})?(?:[.,/_\u2013\u2014-][^\S\n]?)?"
_TWELVE = re.compile(rf"(?<!\d)(?<!\d[.,-])(?<!\+)\d(?:{_GAP}\d){{11}}(?!{_GAP}\d)")
# As a card prints it, also beside a price or on three lines: then its check digit decides.
_IN_FOURS = re.compile(r"(?<!\d)(?<!\+)\d{4}([ .\n-])\d{4}\1\d{4}(?!\d)")
_PAN = re.compile(
    r"(?<![^\W_])(?:[A-Z][ .-]?){5}(?:\d[ .-]?){3}\d[ .-]?[A-Z](?![^\W_])"
    r"|(?<![^\W_])[A-Za-z]{5}[ -]?\d{4}[ -]?[A-Za-z](?![^\W_])"
)
_GSTIN_BEFORE, _GSTIN_AFTER = re.compile(r"\d\d[ .-]?$"), re.compile(r"^[ .-]?[0-9A-Za-z][ .-]?[Zz]")
_IFSC = re.compile(r"(?<![^\W_])[A-Za-z]{4}[ -]?0(?:[ -]?[A-Za-z0-9]){6}(?![^\W_])")
_ACCOUNT = re.compile(rf"(?<!\d)(?<!\+)\d(?:{_GAP}\d){{8,17}}(?!{_GAP}\d)")
# Whole words: a chadar, a liquid or `आधारित` names no Aadhaar, `खातिर` and `देखता` no account.
_ALONE = r"(?<![\u0900-\u097f])"
_NAMES_AADHAAR = re.compile(rf"{_ALONE}(?:आधार(?!ित|ी)|अधार)|\baa?dh?aa?r|\buid(?:ai)?\b|ଆଧାର|আধার|ఆధార్", re.I)
_NAMES_ACCOUNT = re.compile(
    rf"{_ALONE}(?:खाता|खाते|खातों|खता)|बैंक|बेंक|बँक|अकाउंट|एकाउंट|अकाउन्ट|पासबुक|आईएफएससी|आई एफ एस सी"
    r"|\bkhaa?ta\b|\bkhate\b|\bbank|\bacc(?:ount|t|nt)?\b|\ba/?c\b|passbook|\bifsc\b",
    re.I,
)
_NAMES_PHONE = re.compile(r"फोन|फ़ोन|मोबाइल|मोबाईल|व्हाट्सएप|phone|mobile|whats|\bmob\b|call|कॉल", re.I)
_MONEY = re.compile(r"₹|रुप|रूप|\brs\b|rupa|rupe|दाम|कीमत|daam|price", re.I)
NEAR = 24
"""Letters before a number in which a word says what it is."""

_D = (
    *("0123456789", "1234067895", "2340178956", "3401289567", "4012395678"),
    *("5987604321", "6598710432", "7659821043", "8765932104", "9876543210"),
)
_P = (
    *("0123456789", "1576283094", "5803796142", "8916043527"),
    *("9453126870", "4286573901", "2793806415", "7046913258"),
)


def without_private_numbers(text: str) -> str:
    """The text with a mark for every such number; the text itself where there is none."""
    if _FOUR.search(text):
        fours = _IN_FOURS.sub(_card, _TWELVE.sub(_aadhaar, text))
        text = _ifsc_and_account(_PAN.sub(_pan, fours))
    return _spoken(text) if text.count(" ") >= FEWEST_WORDS - 1 else text


def without_marks(text: str) -> str:
    """What is left to be understood of a text that holds marks."""
    for mark in MARKS:
        text = text.replace(mark, " ")
    return " ".join(text.split())


def is_aadhaar(figures: str) -> bool:
    """Do these twelve figures (0-9) carry the check digit of an Aadhaar number?"""
    check = 0
    for place, figure in enumerate(reversed(figures)):
        check = int(_D[check][int(_P[place % 8][int(figure)])])
    return check == 0 and figures[0] not in "01"


def _figures(text: str) -> str:
    return "".join(str(digit(letter)) for letter in text if letter.isdecimal())


def _before(match: re.Match[str]) -> str:
    return match.string[max(0, match.start() - NEAR) : match.start()]


def _aadhaar(match: re.Match[str]) -> str:
    """Twelve figures. A phone with 91 before it, or prices side by side, must carry the check digit too."""
    said, figures = match[0], _figures(match[0])
    if _NAMES_AADHAAR.search(match.string):
        return AADHAAR
    groups = [group for group in re.split(r"\D+", said) if group]
    if len(groups) == 1 or not _looks_like_amounts(groups, match.string):
        phone = figures.startswith("91") and figures[2] in "6789"
        if phone:
            in_fours = [len(group) for group in groups] == [4, 4, 4]
            return AADHAAR if in_fours and is_aadhaar(figures) else said
        if is_aadhaar(figures) or (len(groups) == 1 and figures[0] not in "01"):
            return AADHAAR
    return said


def _card(match: re.Match[str]) -> str:
    groups = re.split(r"\D", match[0])
    prices = all(int(group) % 5 == 0 for group in groups)
    return AADHAAR if is_aadhaar(_figures(match[0])) and not prices else match[0]


def _spoken(text: str) -> str:
    """Rows of words for figures: twelve single ones, or with the check digit; accounts beside a word."""
    for row in reversed(list(spoken_rows(text))):
        figures, near = row.digits, text[max(0, row.start - NEAR) : row.start]
        phone = len(figures) == 12 and figures.startswith("91") and figures[2] in "6789"
        if row.words < FEWEST_WORDS or phone or len(figures) in (10, 11):
            continue
        if len(figures) == 12 and (is_aadhaar(figures) or (row.ones and figures[0] not in "01")):
            text = text[: row.start] + AADHAAR + text[row.end :]
        elif 9 <= len(figures) <= 18 and row.ones and _NAMES_ACCOUNT.search(near):
            text = text[: row.start] + BANK + text[row.end :]
    return text


def _looks_like_amounts(groups: list[str], text: str) -> bool:
    """Figures that stand side by side in sums of money, or as round numbers of two figures and more."""
    if _MONEY.search(text):
        return True
    return all(len(group) > 1 and group[0] != "0" and int(group) % 5 == 0 for group in groups)


def _pan(match: re.Match[str]) -> str:
    text, start, end = match.string, match.start(), match.end()
    inside = _GSTIN_BEFORE.search(text[:start]) and _GSTIN_AFTER.search(text[end:])
    spread = re.sub(r"[ .-]", "", match[0])
    # A person's PAN has a P there; `SAREE 1200 M` and `kurta 1500 l` are goods with a price.
    is_word = " " in match[0] and (any(letter.islower() for letter in spread[:5]) or spread[3] != "P")
    if inside or (is_word and not re.search(r"\bpan\b|पैन|पेन", text, re.I)):
        return match[0]
    return PAN


def _ifsc_and_account(text: str) -> str:
    coded = _IFSC.sub(lambda match: BANK if _is_ifsc(match[0]) else match[0], text)
    if coded == text and not _NAMES_ACCOUNT.search(text):
        return text
    return _ACCOUNT.sub(_account, coded)


def _is_ifsc(said: str) -> bool:
    plain = re.sub(r"[ -]", "", said)
    return plain.isupper() or sum(letter.isdecimal() for letter in plain) >= 5


def _account(match: re.Match[str]) -> str:
    """Nine to eighteen figures beside a word for an account; a phone only if that word stands before it."""
    said, figures, before = match[0], _figures(match[0]), _before(match)
    as_phone = figures[-10:][:1] in "6789" and len(figures) in (10, 11, 12)
    if _NAMES_PHONE.search(before):
        return said
    after = match.string[match.end() : match.end() + NEAR // 2]
    if as_phone and (not _NAMES_ACCOUNT.search(before) or _NAMES_PHONE.search(after)):
        return said
    groups = [group for group in re.split(r"\D+", said) if group]
    if len(groups) > 1 and _looks_like_amounts(groups, match.string):
        return said
    return BANK

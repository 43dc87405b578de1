"""Everything written with figures, in words: money, telephone numbers, dates, measures, sizes, counts.

Each rule takes the figures it knows and leaves words behind, so that the next one does not see them.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.language.number_words import lookup
from bot.language.script import fold
from bot.language.speak import date, money_words, number_words

_FIGURE = r"(?:\d{1,3}(?:,\d{2,3})*,\d{3}(?!\d)|\d+)(?:\.\d+)?"
_RUPEES = "(?:₹|\\bRs\\.?|\\bINR\\b|(?<![\u0900-\u097f])रु(?![\u0900-\u097f])\\.?)"
_BOTH = re.compile(rf"{_RUPEES} *{_FIGURE} *(?:/-)? *\(([^()\d]+)\)", re.I)
# `₹1.5 लाख` is one and a half lac, not one rupee and fifty paise.
_MONEY = re.compile(
    rf"{_RUPEES} *(?>({_FIGURE}))(?! *(?:सौ|हज|लाख|करोड))(?: */-)?"
    rf"|(?<![\d.,])({_FIGURE})(?: */-| *{_RUPEES}(?! *\d))",
    re.I,
)
_IN_BRACKETS = re.compile(
    r"(?<!\S)(\S{1,30}) (\S{1,30}) *\( *([\d.]+) *\)|(?<!\S)(\S{1,30}) *\( *([\d.]+) *\)"
)
_ISO_DATE = re.compile(r"(?<![\d-])(\d{4})-(\d{1,2})-(\d{1,2})(?![\d-])")
_DATE = re.compile(r"(?<![\d/.-])(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?![\d/.-])")
_BANGLE = re.compile("((?:चूड\u093c|चूर|कंगन)[^\\d,।·\n]{0,40})([1-3])\\.(\\d{1,2})(?!\\d)")
_GROUPS = re.compile(r"(?<![\d.,])\+?\d+(?:[ -]\d+)*(?!\d|[.,]\d)")
_NAMED = re.compile(r"(?:नंबर|नम्बर|नं\.|\bnumber\b|\bno\.|#)[ :]*(\d+)(?![\d.,]*\d)", re.I)
_LISTED = re.compile(r"^( *)(\d{3,})(?=:)", re.M)
_BY = re.compile(r"(?: *[×*] *| *\bx +|(?<=\d)x)(?=\d)", re.I)
_MEASURE = re.compile(rf"(?<![\d.,])({_FIGURE}) *([A-Za-z]{{1,12}}|[\"'])(?![A-Za-z\d])")
_QUOTED = re.compile(r"[\"'][^\"'\n]*[\"']")
_LONG = re.compile(r"(?<![\d.,])(?:\d{6,}|0\d+)(?![\d.,]*\d)(?! *र[ुू]प)")
_CODE = re.compile(r"(?<![A-Za-z\d])(?=\d*[A-Za-z])(?=[A-Za-z]*\d)[A-Za-z\d]+")
_NTH = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.I)
_NUMBER = re.compile(_FIGURE)
_UNITS = {
    "cm": "सेंटीमीटर", "mm": "मिलीमीटर", "km": "किलोमीटर", "metre": "मीटर", "foot": "फुट", "inch": "इंच",
    "yard": "गज", "gram": "ग्राम", "kilogram": "किलो", "quintal": "क्विंटल", "ton": "टन", "litre": "लीटर",
    "ml": "मिलीलीटर", "pav": "पाव", "piece": "नग", "dozen": "दर्जन", "pair": "जोड़ी", "set": "सेट",
    "packet": "पैकेट",
}  # fmt: skip
"""How the units are said whose signs stand behind a figure."""
_SIGNS = {'"': "inch", "'": "foot"}


def figures_in_words(text: str, language: str) -> str:
    """The text without a single figure. `language` is one with Devanagari letters."""
    text = _BOTH.sub(r" \1 ", text)
    text = _IN_BRACKETS.sub(_said_once, text)
    text = _ISO_DATE.sub(lambda found: _date(found[1], found[2], found[3], found[0], language), text)
    text = _DATE.sub(lambda found: _date(found[4], found[3], found[1], found[0], language), text)
    text = _BANGLE.sub(r"\1 \2 \3 ", text)
    text = _MONEY.sub(lambda found: f" {_rupees(found[1] or found[2], language)} ", text)
    text = _GROUPS.sub(lambda found: _telephone(found[0], language), text)
    text = _NAMED.sub(lambda found: f" नंबर {one_by_one(found[1], language)} ", text)
    text = _LISTED.sub(lambda found: found[1] + one_by_one(found[2], language), text)
    text = _NTH.sub("", _BY.sub(" बाई ", text))
    quoted = [found.span() for found in _QUOTED.finditer(text)]
    text = _MEASURE.sub(lambda found: _measure(found, quoted), text)
    text = _LONG.sub(lambda found: f" {one_by_one(found[0], language)} ", text)
    text = _CODE.sub(lambda found: " ".join(found[0]).upper(), text)
    text = re.sub(r"(?<=\d) *[/⁄] *(?=\d)", " बटा ", text)
    text = re.sub(r"(?<=\d) *[-–—−] *(?=\d)", " से ", text)
    text = re.sub(r"(?<=\d) *[%٪]", " प्रतिशत ", text)
    return _NUMBER.sub(lambda found: f" {_number(found[0], language)} ", text)


def one_by_one(figures: str, language: str) -> str:
    """`494226` → `चार नौ चार, दो दो छह`: in groups, as people dictate them."""
    size = {10: 5, 6: 3, 5: 5}.get(len(figures), 4)
    groups = [figures[start : start + size] for start in range(0, len(figures), size)]
    return ", ".join(" ".join(number_words(figure, language) for figure in group) for group in groups)


def _number(figure: str, language: str) -> str:
    return _or_digits(number_words, figure, language)


def _rupees(figure: str, language: str) -> str:
    return _or_digits(money_words, figure, language)


def _or_digits(words: Callable[[str, str], str], figure: str, language: str) -> str:
    """A number too large for words is dictated."""
    try:
        return words(figure.replace(",", ""), language)
    except ValueError:
        return one_by_one(re.sub(r"\D", "", figure), language)


def _said_once(found: re.Match[str]) -> str:
    """`एक कोरी (20)`, `दो चार (2.4)`: what the words before the bracket say already is not said again."""
    first, second, pair, only, single = found.groups()
    value = _value(second) if pair else _value(only)
    if pair and (value == pair or f"{_value(first)}.{value}" == pair):
        return f"{first} {second}"
    return str(only) if single and value == single else found[0]


def _value(word: str) -> str | None:
    known = lookup(fold(word.strip(",:;।")))
    if known is None:
        return None
    value = known.value if known.value is not None else known.unit and known.unit.size
    return None if value is None else str(value)


def _date(year: str, month: str, day: str, written: str, language: str) -> str:
    try:
        return date(f"{year}-{int(month):02}-{int(day):02}", language)
    except ValueError:
        return written


def _telephone(written: str, language: str) -> str:
    """Ten to fourteen figures that begin as a telephone number does; other figures are left alone."""
    groups = re.findall(r"\d+", written)
    figures = "".join(groups)
    mobile = len(figures) == 10 and figures[0] in "6789" and len(groups) <= 3
    if not 10 <= len(figures) <= 14:
        return written
    if not (mobile or written[0] in "+0" or figures.startswith(("1800", "1860"))):
        return written
    return " " + ", ".join(one_by_one(group, language) for group in groups) + " "


def _measure(found: re.Match[str], quoted: list[tuple[int, int]]) -> str:
    """`20 cm`, `8"`: the unit in words; a mark that closes a quotation is no inch."""
    figure, sign = found[1], found[2]
    if sign in _SIGNS:
        closing = found.end() - 1
        inside = any(start < found.start() and end - 1 == closing for start, end in quoted)
        return found[0] if inside else f"{figure} {_UNITS[_SIGNS[sign]]} "
    known = lookup(fold(sign))
    name = known.unit.name if known and known.unit else ""
    return f"{figure} {_UNITS[name]} " if name in _UNITS else found[0]

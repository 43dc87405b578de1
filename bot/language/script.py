"""The text as she wrote it, cut into words of one spelling, each knowing its place in the original.

`normalise` is the only way into the readers. It never raises: lone surrogates, bidirectional controls
and joiners are gaps or nothing, never letters.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from bot.language.letters import LONGEST_WORD, fold
from bot.language.sound import sound_key

__all__ = ["Normal", "Token", "fold", "normalise", "sound_key"]

_INDIC = (
    "\u0900-\u0963\u0971-\u097f\u0980-\u09e5\u09f0\u09f1\u09fc-\u0a65\u0a70-\u0ae5\u0af9-\u0b65\u0b70-\u0be5"
    "\u0c00-\u0c65\u0c80-\u0ce5\u0d00-\u0d65\ua8e0-\ua8ff\u1cd0-\u1cff"
)
_LATIN = "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u052f\u1e00-\u1fff\uff21-\uff3a\uff41-\uff5a"
_EMOJI = "\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001f3fa\U0001f400-\U0001faff"
# Units are often written with stops: `से.मी.`, `कि.ग्रा.`, `k.g.`
_WITH_STOPS = (
    r"से\. ?मी|मि\. ?मी|मि\. ?ली|कि\. ?ग्रा(?:म)?"
    r"|(?:[cCmM]\. ?[mM]|[kK]\. ?[gG]|[gG]\. ?[mM]|[mM]\. ?[lL])(?![A-Za-z])"
)
_STOPS = str.maketrans("", "", ". ")
_TOKEN = re.compile(
    rf"\d+(?:[.,\u066b]\d+)*|{_WITH_STOPS}|[{_INDIC}]+|[{_LATIN}]+|/-|[₹½¼¾+×*%{_EMOJI}]"
    rf"|(?<=\d)[\"″”'′’]|[^\W\d_]+"
)
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U0001f3fb-\U0001f3ff]+"
)
# A quotation that opens makes a later mark its end, not inches.
_OPEN_QUOTE = re.compile(r"(?:^|\s)[\"“'‘]\S")
_MARKS = {"×": "x", "*": "x", '"': "inch", "″": "inch", "”": "inch", "'": "foot", "′": "foot", "’": "foot"}
_MARKS |= {sign: sign for sign in "½¼¾"}
_QUOTES = frozenset("\"″”'′’")
_DASHES = str.maketrans("–—−‐‑|", "-----.", "")


class Token(NamedTuple):
    """One word: its folded spelling, its place in the original text, and what stands before it.

    `before` is "" when it is glued to the word before, " " for mere space, else the punctuation
    (`,` `.` `-` `/` …), a line break counting as `.`.
    """

    word: str
    start: int
    end: int
    before: str


@dataclass(frozen=True, slots=True)
class Normal:
    """A message in one spelling. `text` is its words joined by single spaces; `raw` is what she sent."""

    raw: str
    text: str
    tokens: list[Token]

    def original(self, start: int, end: int) -> str:
        """The piece of the original text between two offsets taken from tokens."""
        return self.raw[start:end]


def normalise(text: str) -> Normal:
    """Cut a message into words of one spelling. Any text is accepted; an empty one has no tokens."""
    places: list[int] | None = None
    shown = text
    if not text.isascii() and _INVISIBLE.search(text):
        shown, places = _without_invisible(text)
    quoted = bool(_OPEN_QUOTE.search(shown)) if '"' in shown or "'" in shown or "“" in shown else False
    tokens: list[Token] = []
    last = 0
    for match in _TOKEN.finditer(shown):
        start, end = match.span()
        raw = match[0]
        if raw in _QUOTES and quoted:
            continue
        word = _spell(raw)
        if not word:
            continue
        before = "" if start == last else _between(shown[last:start])
        last = end
        if places is not None:
            start, end = places[start], places[end - 1] + 1
        tokens.append(Token(word, start, end, before))
    return Normal(text, " ".join([token.word for token in tokens]), tokens)


def _without_invisible(text: str) -> tuple[str, list[int]]:
    """The text without joiners and controls, and for each letter left its place in the original."""
    places: list[int] = []
    kept: list[str] = []
    last = 0
    for match in _INVISIBLE.finditer(text):
        kept.append(text[last : match.start()])
        places.extend(range(last, match.start()))
        last = match.end()
    kept.append(text[last:])
    places.extend(range(last, len(text)))
    return "".join(kept), places


@lru_cache(maxsize=1024)
def _short_gap(gap: str) -> str:
    mark = gap.strip()
    if not mark:
        return "." if "\n" in gap else " "
    return mark.translate(_DASHES).replace("।", ".").replace("॥", ".")


def _between(gap: str) -> str:
    return _short_gap(gap) if len(gap) < 8 else _short_gap(gap.strip()[:4] or gap[:4])


def _spell(raw: str) -> str:
    if raw.isascii() and raw[0].isdecimal():
        return raw
    if raw in _MARKS:
        return _MARKS[raw]
    if raw[0].isdecimal():
        return _ascii_digits(raw)
    return fold(raw.translate(_STOPS) if "." in raw else raw)


def _ascii_digits(raw: str) -> str:
    if len(raw) > LONGEST_WORD:
        raw = raw[: LONGEST_WORD + 1]
    return "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() else letter.replace("\u066b", ".")
        for letter in raw
    )

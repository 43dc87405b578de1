"""What a voice reads: a text as it is written, turned into words and pauses and nothing else.

The result is Devanagari words with single spaces between them, and the pauses `,` `।` `?` `!`. Figures,
money and dates are words, Latin letters are spelled or read as Hindi, emoji, quotes and markup are gone.
"""

from __future__ import annotations

import re
import unicodedata

from bot.language.spoken_figures import figures_in_words
from bot.language.spoken_letters import letters_in_devanagari

LONGEST = 4000
"""Code points that are looked at: more is nobody's message."""

# What Unicode would take apart so that the figure before it changes: `2½` is no 21/2.
_PARTS = {"½": ".5", "¼": ".25", "¾": ".75"}
_PART = re.compile("([0-9]*)([½¼¾])")
_INCHES_AND_FEET = str.maketrans({"″": '"', "”": '"', "“": '"', "′": "'", "’": "'", "‘": "'"})
_MARKS_ON_LATIN = re.compile("[\u0300-\u036f]+")
_LINK = re.compile(r"(?:https?://|www\.)\S+|[^\s@]{1,64}@[^\s@]{1,99}")
_GOES_ON = re.compile(r",\s*[\n\r]")
_STOPS = re.compile("[\n\r\u2028\u2029.॥]")
_BREATHS = re.compile("[;:·•|–—]|(?<= )-(?= )")
_UNSPOKEN = re.compile("[^\u0900-\u0963\u0971-\u097f,।?!]+")
_PAUSE = re.compile("[ ,।?!]*[,।?!][ ,।?!]*")
_STRONGEST = "?!।,"


def spoken(text: str, language: str) -> str:
    """The words and pauses of `text`; "" when there is nothing in it that a voice could say."""
    code = language.removesuffix("-Latn")
    plain = _LINK.sub(" ", _plain(text[:LONGEST]))
    words = letters_in_devanagari(figures_in_words(plain, code))
    return _with_pauses(words)


def _plain(text: str) -> str:
    """One spelling for figures and letters of every kind; what cannot be seen is left out."""
    text = _PART.sub(lambda found: (found[1] or "0") + _PARTS[found[2]], text.translate(_INCHES_AND_FEET))
    text = _MARKS_ON_LATIN.sub("", unicodedata.normalize("NFKD", text))
    return "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() else letter
        for letter in text
        if unicodedata.category(letter) != "Cf"
    )


def _with_pauses(text: str) -> str:
    """Only words and pauses are left; of several pauses in a row the strongest."""
    text = _BREATHS.sub(",", _STOPS.sub("।", _GOES_ON.sub(",", text)))
    text = _PAUSE.sub(_strongest, _UNSPOKEN.sub(" ", unicodedata.normalize("NFKD", text)))
    return text.strip(" ,।?!") + _last_mark(text)


def _strongest(pauses: re.Match[str]) -> str:
    return next(mark for mark in _STRONGEST if mark in pauses[0]) + " "


def _last_mark(text: str) -> str:
    """A question keeps its mark at the end: it changes the tune."""
    last = text.rstrip()[-1:]
    return last if last in ("?", "!", "।") and text.strip(" ,।?!") else ""

"""A message as the readers see it: beside every token what it can be, homographs already decided.

`दो` is "give" as often as 2, `no` is a refusal, `मन` a plural, `तेरा` yours: such a word is a number only
where the words beside it allow it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.language.digits import figure
from bot.language.number_words import Word, lookup
from bot.language.script import Normal, Token

NOTHING = Word()
# A voice note of a minute has about 150 words; what comes after this many is not read.
LONGEST_LINE = 400
# What is asked with one of these, a lone homograph answers.
_NUMBER_ASKED = frozenset(
    {"money", "count", "length", "weight", "duration", "phone", "pincode", "size_bangle"}
)
_NEVER_ALONE = frozenset({"no", "so", "che", "the"})
_NOISE = frozenset({"जी", "ji", "बस", "bas", "सिर्फ", "sirf", "हां", "ha", "haan"})
_JOINING = frozenset({"over", "point", "to", "or", "by", "times"})
_ROW = 5
_END = frozenset(
    {"ना", "na", "न", "जी", "ji", "please", "plz", "प्लीज", "भाई", "bhai", "और", "aur", "तो", "to", "कि"}
)
_FILLERS = frozenset(
    {"हव", "ये", "यह", "वो", "तो", "भी", "अब", "मोर", "मेरा", "इसका", "एकर", "ok", "ye", "to", "bhi"}
)
_ENGLISH_AFTER_DO = frozenset(
    {"you", "not", "i", "we", "it", "the", "this", "that", "they", "your", "my", "is", "are"}
)


@dataclass(slots=True)
class Line:
    """Tokens and what each can be. `asks` is the kind of answer awaited, or None."""

    normal: Normal
    tokens: list[Token]
    words: list[Word]
    asks: str | None

    def at(self, place: int) -> Word:
        """The word at a place; outside the message a word that is nothing."""
        return self.words[place] if 0 <= place < len(self.words) else NOTHING

    def before(self, place: int) -> str:
        """What stands between this token and the one before it; a full stop outside the message."""
        return self.tokens[place].before if 0 <= place < len(self.tokens) else "."

    def near(self, place: int) -> bool:
        """True if no punctuation parts this token from the one before it."""
        return self.before(place) in ("", " ")

    def is_number(self, place: int) -> bool:
        """True if the word at this place is a number or part of one."""
        return self.at(place).kind != ""


def follows_unknown(line: Line, place: int) -> bool:
    """True after a short word that no table knows: it may be a number word spelled in a new way."""
    if place == 0 or not line.near(place) or line.words[place - 1] is not NOTHING:
        return False
    text = line.tokens[place - 1].word
    short = len(text) <= (4 if text.isascii() else 3)
    return text[0].isalpha() and short and text not in _FILLERS and text not in _NOISE


def read_line(normal: Normal, asks: str | None) -> Line | None:
    """The line for a message; None when nothing in it can be a number, a measure or a price."""
    tokens = normal.tokens[:LONGEST_LINE]
    words: list[Word] = []
    useful = weak = False
    for token in tokens:
        text = token.word
        word = (figure(text) or NOTHING) if text[0].isdecimal() else (lookup(text) or NOTHING)
        useful = useful or word.kind != "" or word.unit is not None or text[0].isdecimal()
        weak = weak or word.weak
        words.append(word)
    if not useful:
        return None
    line = Line(normal, tokens, words, asks)
    if weak:
        for place, word in enumerate(words):
            if word.weak and not _is_meant(line, place):
                words[place] = replace(word, kind="", value=None, weak=False)
            elif word.weak and word.axis:
                words[place] = replace(word, axis="")
    return line


def _is_meant(line: Line, place: int) -> bool:
    """True if the homograph at this place is a number."""
    text = line.tokens[place].word
    word = line.words[place]
    after, before = line.at(place + 1), line.at(place - 1)
    joined = line.near(place + 1)
    if word.axis or word.kind in ("b", "q"):
        return _measure_word_is_meant(line, place)
    if word.kind == "c" and (line.asks == "size_bangle" or _in_row(line, place)):
        return True
    if joined and after.kind in ("c", "q") and line.at(place + 2).kind == "s" and text not in ("no", "the"):
        # `ath nau so`, `so do so`: a whole row of number words.
        return True
    if joined and after.kind == "s" and text != "the" and (text != "no" or _is_nine_hundred(line, place)):
        return True
    if word.kind == "s":
        # `so pachas`: 150, or 50 to 100; never 50.
        first = line.asks == "money" and place == 0 and joined and after.kind in ("c", "b", "q")
        return first or line.near(place) and before.kind in ("c", "d", "e", "q", "b") and text != "no"
    if text in ("no", "naw", "the"):
        return False
    if {"to", "or", "by"} & after.marks and line.is_number(place + 2) and text not in _NEVER_ALONE:
        return True
    if joined and _asks_for_number(after):
        return True
    if line.near(place) and (before.kind in ("b", "s", "k") or _JOINING & before.marks):
        return bool(before.kind) or line.is_number(place - 2)
    if _ends_a_range(line, place):
        return True
    if _alone(line, place):
        return line.asks in _NUMBER_ASKED and text not in _NEVER_ALONE
    return _JUDGES.get(text, _refuse)(line, place)


def _is_nine_hundred(line: Line, place: int) -> bool:
    """`no so` is nine hundred only as the whole answer; before a plain scale `no` is nine."""
    whole = line.asks == "money" and all(line.at(at).money for at in range(2, len(line.tokens)))
    return not line.at(place + 1).weak or (place == 0 and whole)


def _in_row(line: Line, place: int) -> bool:
    """One of five and more digits said one by one."""
    first, last = place, place + 1
    while first > 0 and place - first < _ROW and line.at(first - 1).kind == "c" and line.near(first):
        first -= 1
    while line.at(last).kind == "c" and line.near(last) and last - first < _ROW:
        last += 1
    return last - first >= _ROW


def _measure_word_is_meant(line: Line, place: int) -> bool:
    """`chauda` is wide or fourteen, `सारे` all or `साढ़े`, `आध` and `half` need what they halve."""
    word, after = line.words[place], line.at(place + 1)
    if word.kind == "q" and line.at(place - 1).value == 1 and line.before(place) in (" ", "-"):
        return True
    if word.axis:
        if _alone(line, place):
            return line.asks in ("money", "count")
        if line.near(place) and line.at(place - 1).kind == "s":
            return True
    if not line.near(place + 1):
        return False
    if line.tokens[place].word == "सारे":
        return after.kind in ("c", "d") and line.at(place + 2).kind == "s"
    if word.axis:
        counted = after.unit is not None and after.unit.kind == "quantity"
        return after.kind == "s" or after.money != "" or counted
    return after.kind in ("c", "d", "s", "e", "q", "k") or after.unit is not None


def _ends_a_range(line: Line, place: int) -> bool:
    """The `बारा` of `दस बारा`: a neighbour of the number before it, with nothing after."""
    low, high = line.at(place - 1), line.at(place)
    if (
        low.kind not in ("c", "d")
        or low.weak
        or low.value is None
        or high.value is None
        or not line.near(place)
    ):
        return False
    return low.value < high.value <= low.value * 2 and not (
        place + 1 < len(line.tokens) and line.near(place + 1)
    )


def _asks_for_number(after: Word) -> bool:
    """Currency, a counting word or another sure number follows."""
    if after.money or (after.kind in ("c", "d", "k", "q", "e") and not after.weak):
        return True
    return after.unit is not None


def _alone(line: Line, place: int) -> bool:
    return all(token.word in _NOISE for at, token in enumerate(line.tokens) if at != place)


def _refuse(line: Line, place: int) -> bool:
    return False


def _two_or_give(line: Line, place: int) -> bool:
    """`दो हाथी` counts; `भेज दो`, `फोटो दो ना`, `do you` do not."""
    before = line.at(place - 1)
    if "give" in before.marks:
        return False
    if line.near(place) and before.kind in ("c", "d", "e") and not before.weak:
        return True
    following = line.tokens[place + 1].word if place + 1 < len(line.tokens) else ""
    if not following or following in _END or not line.near(place + 1):
        shared = {"of", "within"} & before.marks and line.is_number(place - 2)
        return bool(shared) or (line.asks == "count" and place == 0)
    if "of" in line.at(place + 1).marks and line.is_number(place + 2):
        return True
    if "labels" in before.marks or before.role or "counts" in before.marks:
        return True
    return following not in _ENGLISH_AFTER_DO and not {"of", "to", "not", "is"} & line.at(place + 1).marks


_JUDGES: dict[str, Callable[[Line, int], bool]] = {"दो": _two_or_give, "do": _two_or_give}

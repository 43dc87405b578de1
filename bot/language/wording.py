"""The phrases people steer a talk with, as a table that cuts a message into labelled pieces.

`loose` is the spelling the table is kept in: long and short vowels, nasals and doubled letters are one, so
that `theek`, `thiik` and `thik`, or `नहीं` and `नही`, need one entry.
"""

from __future__ import annotations

import re
from bisect import insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from bot.language.script import normalise

_DEVANAGARI = str.maketrans({"ी": "ि", "ू": "ु", "ई": "इ", "ऊ": "उ", "ं": None, "ण": "न", "ऐ": "ए", "ऽ": None})
_LATIN = (
    (re.compile("ee|ii"), "i"),
    (re.compile("oo|uu"), "u"),
    (re.compile("aa"), "a"),
    (re.compile("w"), "v"),
    (re.compile("z"), "j"),
    (re.compile("ph"), "f"),
    (re.compile("sh"), "s"),
    (re.compile("chh"), "ch"),
    (re.compile(r"([b-df-hj-np-tv-z])\1"), r"\1"),
)
# Names of the emoji blocks: a token outside letters and digits says nothing unless the table has it.
_LETTERS = re.compile(r"\w")


@lru_cache(maxsize=16384)
def loose(word: str) -> str:
    """The spelling of a folded word under which phrases are found."""
    if not word.isascii():
        word = word.replace("ेंव", "ेम्व")  # `देंव` is I gave, `देव` is give
        return word.translate(_DEVANAGARI).replace("यि", "इ").replace("ये", "ए") or word
    for pattern, plain in _LATIN:
        word = pattern.sub(plain, word)
    return word


class Piece(NamedTuple):
    """A phrase found: its label and the words it covers (`last` is exclusive)."""

    label: str
    first: int
    last: int


def _longest_first(entry: tuple[tuple[str, ...], str]) -> int:
    return -len(entry[0])


@dataclass(slots=True)
class Phrases:
    """Phrases by their first word, longest first; a later label never replaces an earlier one."""

    same: Mapping[str, str] = field(default_factory=dict)
    table: dict[str, list[tuple[tuple[str, ...], str]]] = field(default_factory=dict)
    known: set[tuple[str, ...]] = field(default_factory=set)

    def learn(self, label: str, phrases: Iterable[str]) -> None:
        """Add phrases that mean `label`; `a|b c?` stands for `a c`, `b c`, `a` and `b`."""
        for phrase in phrases:
            for variant in _variants(phrase):
                self._add(label, tuple(self.same.get(word, word) for word in words_of(variant)))

    def _add(self, label: str, words: tuple[str, ...]) -> None:
        if not words:
            return
        if words not in self.known:
            self.known.add(words)
            insort(self.table.setdefault(words[0], []), (words, label), key=_longest_first)

    def at(self, words: Sequence[str], place: int) -> Piece | None:
        """The longest phrase that begins at this word."""
        for known, label in self.table.get(words[place], ()):
            last = place + len(known)
            if last <= len(words) and tuple(words[place:last]) == known:
                return Piece(label, place, last)
        return None

    def all(self, words: Sequence[str]) -> list[Piece]:
        """Every phrase, left to right, the longest first, never overlapping."""
        found: list[Piece] = []
        place = 0
        while place < len(words):
            piece = self.at(words, place) if words[place] in self.table else None
            if piece is None:
                place += 1
            else:
                found.append(piece)
                place = piece.last
        return found


@dataclass(slots=True)
class Wording:
    """All the phrases of all languages together: people mix them freely within one message."""

    same: dict[str, str] = field(default_factory=dict)
    whole: Phrases = field(init=False)
    inside: Phrases = field(init=False)
    changing: Phrases = field(init=False)
    slots: Phrases = field(init=False)
    album: Phrases = field(init=False)
    answers: dict[str, Phrases] = field(default_factory=dict)
    fillers: set[str] = field(default_factory=set)
    parts: dict[str, frozenset[str]] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.whole, self.inside = Phrases(self.same), Phrases(self.same)
        self.changing, self.slots = Phrases(self.same), Phrases(self.same)
        self.album = Phrases(self.same)

    def key(self, word: str) -> str:
        """How a folded word stands in the tables: loose, and one word for all its forms."""
        key = loose(word)
        return self.same.get(key, key)

    def learn_forms(self, data: Mapping[str, object]) -> None:
        """Take in the `same` section of one language: one word for its forms. Of all languages, first."""
        for word, forms in _mapping(data.get("same")).items():
            key = _single(word)
            self.same.update({_single(form): key for form in _texts(forms)})

    def learn(self, data: Mapping[str, object]) -> None:
        """Take in one `locales/<code>/intents.yml`."""
        _learn_labels(self.whole, data.get("phrases"))
        _learn_labels(self.inside, data.get("inside"))
        _learn_labels(self.whole, data.get("languages"), "language:")
        _learn_labels(self.whole, data.get("reply"), "reply:")
        _learn_labels(self.slots, data.get("slots"))
        _learn_labels(self.album, data.get("album"))
        self.changing.learn("change", _texts(data.get("change_words")))
        for phrase in _texts(data.get("fillers")):
            self.fillers.update(self._words(phrase))
        for section in ("answers", "choices"):
            for slot, choices in _mapping(data.get(section)).items():
                phrases = self.answers.setdefault(slot, Phrases(self.same))
                if isinstance(choices, Mapping):
                    _learn_labels(phrases, choices)
                else:
                    phrases.learn("as_said", _texts(choices))
        for figure, texts in _mapping(data.get("figures")).items():
            self.figures.update({word: figure for text in _texts(texts) for word in self._words(text)})
        for section in ("name", "product", "price"):
            for part, words in _mapping(data.get(section)).items():
                key = f"{section}.{part}"
                known = {self.same.get(_single(text), _single(text)) for text in _texts(words)}
                self.parts[key] = self.parts.get(key, frozenset()) | known

    def _words(self, phrase: str) -> list[str]:
        return [self.same.get(word, word) for word in words_of(phrase)]

    def is_filler(self, word: str) -> bool:
        """Whether a word says nothing by itself: politeness, pronouns, is/are, an unknown emoji."""
        return word in self.fillers or not _LETTERS.search(word)


def words_of(phrase: str) -> tuple[str, ...]:
    """The loose words of a phrase."""
    return tuple(word for part in phrase.split() for word in _loose_words(part))


@lru_cache(maxsize=8192)
def _loose_words(part: str) -> tuple[str, ...]:
    return tuple(loose(token.word) for token in normalise(part).tokens)


def _variants(phrase: str) -> list[str]:
    variants = [""]
    for word in phrase.split():
        choices = word.rstrip("?").split("|") + ([""] if word.endswith("?") else [])
        variants = [f"{before} {choice}" for before in variants for choice in choices]
    return variants


def _single(text: str) -> str:
    words = words_of(text)
    if len(words) != 1:
        raise ValueError(f"one word is expected here, not {text!r}")
    return words[0]


def _learn_labels(phrases: Phrases, section: object, prefix: str = "") -> None:
    for label, texts in _mapping(section).items():
        phrases.learn(prefix + label, _texts(texts))


def _mapping(section: object) -> Mapping[str, object]:
    return section if isinstance(section, Mapping) else {}


def _texts(section: object) -> list[str]:
    return [str(text) for text in section] if isinstance(section, list) else []

"""Finding the names of materials, colours, crafts, products and places, by spelling and by sound.

A name may have several words. Exact spelling wins over sound; a near miss is looked for only when asked,
because comparing with every name is slow and its answer must be read back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rapidfuzz import fuzz, process

from bot.language.script import Token, normalise, sound_key

# A sound this short is shared by too many everyday words.
SHORTEST_SOUND = 3
SHORTEST_NEAR = 4
NEAR_ENOUGH = 82.0

# What a plural or oblique ending stood for in the name itself, most telling first.
_ENDINGS = (
    ("ियों", "ी"),
    ("ियां", "ी"),
    ("ियाँ", "ी"),
    ("ों", "ा"),
    ("े", "ा"),
    ("ें", ""),
    ("iyon", "i"),
    ("iyan", "i"),
    ("iyaan", "i"),
    ("iya", "i"),
    ("on", "a"),
    ("s", ""),
    ("e", "a"),
)


class Name(NamedTuple):
    """One find: the lexicon's kind and id, and the tokens it covers (`last` is exclusive)."""

    kind: str
    id: str
    first: int
    last: int
    near: bool = False


_Index = dict[str, list[tuple[tuple[str, ...], str, str]]]


@dataclass(slots=True)
class Names:
    """The two indexes, filled once at start: first word of a name → its words, kind and id, longest first."""

    common: frozenset[str]
    spelled: _Index = field(default_factory=dict)
    sounding: _Index = field(default_factory=dict)
    near: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, kind: str, identity: str, name: str) -> None:
        """Learn one name of one entry."""
        words = tuple(token.word for token in normalise(name).tokens)
        if not words:
            return
        _insert(self.spelled, words, kind, identity)
        keys = tuple(sound_key(word) for word in words)
        if len(words) > 1 or len(keys[0]) >= SHORTEST_SOUND:
            _insert(self.sounding, keys, kind, identity)
        if len(words) == 1:
            self.near.setdefault(kind, {}).setdefault(keys[0], identity)

    def find(self, tokens: Sequence[Token], kinds: frozenset[str]) -> list[Name]:
        """Every name of these kinds, left to right, the longest first, never overlapping."""
        found: list[Name] = []
        place = 0
        while place < len(tokens):
            name = self._at(tokens, place, kinds)
            if name is None:
                place += 1
            else:
                found.append(name)
                place = name.last
        return found

    def _at(self, tokens: Sequence[Token], place: int, kinds: frozenset[str]) -> Name | None:
        word = tokens[place].word
        for entry in self.spelled.get(word, ()):
            if entry[1] in kinds and _follows(tokens, place, entry[0]):
                return Name(entry[1], entry[2], place, place + len(entry[0]))
        if word[0].isdigit():
            return None
        key = sound_key(word)
        common = word in self.common
        for entry in self.sounding.get(key, ()):
            if entry[1] in kinds and not (common and len(entry[0]) == 1) and _sounds(tokens, place, entry[0]):
                return Name(entry[1], entry[2], place, place + len(entry[0]))
        return None if common else self._inflected(word, place, kinds)

    def _inflected(self, word: str, place: int, kinds: frozenset[str]) -> Name | None:
        for ending, base in _ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= 3:
                key = sound_key(word[: -len(ending)] + base)
                for words, kind, identity in self.sounding.get(key, ()):
                    if kind in kinds and len(words) == 1:
                        return Name(kind, identity, place, place + 1)
        return None

    def nearest(self, word: str, kind: str) -> str | None:
        """The id of the entry that sounds most like the word, or None below the floor."""
        key = sound_key(word)
        if len(key) < SHORTEST_NEAR:
            return None
        known = self.near.get(kind, {})
        hit = process.extractOne(key, known.keys(), scorer=fuzz.ratio, score_cutoff=NEAR_ENOUGH)
        return known[hit[0]] if hit else None


def _insert(index: _Index, words: tuple[str, ...], kind: str, identity: str) -> None:
    entries = index.setdefault(words[0], [])
    if (words, kind, identity) not in entries:
        entries.append((words, kind, identity))
        entries.sort(key=lambda entry: -len(entry[0]))


def _follows(tokens: Sequence[Token], place: int, words: tuple[str, ...]) -> bool:
    if place + len(words) > len(tokens):
        return False
    return all(tokens[place + offset].word == words[offset] for offset in range(1, len(words)))


def _sounds(tokens: Sequence[Token], place: int, keys: tuple[str, ...]) -> bool:
    if place + len(keys) > len(tokens):
        return False
    return all(sound_key(tokens[place + offset].word) == keys[offset] for offset in range(1, len(keys)))


def fill(names: Names, entries: Iterable[tuple[str, str, str]]) -> Names:
    """Learn many (kind, id, name) at once."""
    for kind, identity, name in entries:
        names.add(kind, identity, name)
    return names

"""One key for the same word in Devanagari and in free Latin spelling: `डेढ़`, `dedh`, `derh`, `dhed` → `ded`.

Keys are for finding words in a lexicon, never for numbers: `saat` (7) and `saath` (60) sound alike here.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.language.letters import LONGEST_WORD, fold

_CONSONANTS = dict(
    zip(
        "कखगघङचछजझञटठडढणतथदधनपफबभमयरलळवशषसह",
        "k k g g n c c j j n t t d d n t t d d n p f b b m y r l l v s s s h".split(),
        strict=True,
    )
)
_VOWELS = dict(zip("अआइईउऊऋएऐओऔ", "a A i i u u ri e e o o".split(), strict=True))
_SIGNS = dict(zip("ािीुूृेैोौ", "A i i u u ri e e o o".split(), strict=True))
_LATIN = (
    (re.compile("ksh|x"), "ks"),
    (re.compile("chh?"), "c"),
    (re.compile("c(?=[kaouqtlr]|$)"), "c"),
    (re.compile("sh"), "s"),
    (re.compile("ph"), "f"),
    (re.compile("rh"), "d"),
    (re.compile("([kgjtdb])h"), r"\1"),
    (re.compile("w"), "v"),
    (re.compile("z"), "j"),
    (re.compile("q|ck"), "k"),
    (re.compile("ee|ii|y$|ey$"), "i"),
    (re.compile("oo|uu"), "u"),
    (re.compile("ai|ay(?=e)|ei"), "e"),
    (re.compile("au|ou|aw"), "o"),
)
_SHARED = (
    (re.compile("y(?=[ei])"), ""),
    (re.compile("m(?=[pbf])"), "n"),
    (re.compile(r"(.)\1+"), r"\1"),
    (re.compile("(?<=.)a(?=.)"), ""),
)


def sound_key(word: str) -> str:
    """The key of one word, in small Latin letters; "" for a word without letters."""
    return _key(word) if len(word) > LONGEST_WORD else _remembered(word)


def _key(word: str) -> str:
    word = fold(word)
    key = _from_devanagari(word) if not word.isascii() else _from_latin(word)
    for pattern, plain in _SHARED:
        key = pattern.sub(plain, key)
    return key


_remembered = lru_cache(maxsize=16384)(_key)


def _from_latin(word: str) -> str:
    for pattern, plain in _LATIN:
        word = pattern.sub(plain, word)
    return word


def _from_devanagari(word: str) -> str:
    """Letter by letter; the unwritten vowel is left out, as `_SHARED` drops it from Latin spelling too."""
    sounds: list[str] = []
    for place, letter in enumerate(word):
        if letter in _CONSONANTS:
            sounds.append(_CONSONANTS[letter])
        elif letter in _SIGNS or letter in _VOWELS:
            sounds.append(_SIGNS.get(letter) or _VOWELS[letter])
        elif letter == "\u0902":
            _add_nasal(sounds, last=place == len(word) - 1)
    return "".join(sounds).replace("A", "a")


def _add_nasal(sounds: list[str], *, last: bool) -> None:
    # `में`, `नहीं` are written without their nasal in Latin; `हाँ` is written with it.
    if not last or (sounds and sounds[-1] in ("A", "a")):
        sounds.append("n")

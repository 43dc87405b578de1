"""Latin letters, and words in the scripts of the neighbours, as a Hindi voice can read them.

An abbreviation is spelled; any other Latin word is taken for Hindi in Latin letters, which is what people
here type. The result is meant for the ear only: its spelling may be wrong where its sound is right.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.language.letters import fold

_NAMES = dict(
    zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "ए बी सी डी ई एफ जी एच आई जे के एल एम एन ओ पी क्यू आर एस टी यू वी डब्ल्यू एक्स वाई ज़ेड".split(),
        strict=True,
    )
)
_WORD = re.compile("[A-Za-z]+")
# Capitals beside capitals are a stuck key, not abbreviations.
_ALL_CAPITALS = re.compile("[A-Z]{3,}(?: +[A-Z]{2,})+")
_NEIGHBOURS = re.compile("[\u0980-\u0d7f]+")
# Chat spelling in, letters of the ITRANS scheme out: a vowel at the end is long.
_SOUNDS = (
    (re.compile("c(?!h)"), "k"),
    (re.compile("(?<=[aeiou])rh"), ".Dh"),
    (re.compile("(?<=[^aeiou])y$"), "I"),
    (re.compile("(?<![aeiou])i$"), "I"),
    (re.compile("(?<![aeiou])a$"), "A"),
    (re.compile("(?<![aeiou])u$"), "U"),
)


def letters_in_devanagari(text: str) -> str:
    """The text without a Latin letter."""
    text = _ALL_CAPITALS.sub(lambda found: found[0].lower(), text)
    text = _WORD.sub(lambda found: f" {_said(found[0])} ", text)
    return _NEIGHBOURS.sub(lambda found: fold(found[0]), text)


def _said(word: str) -> str:
    if word.isupper():
        return " ".join(_NAMES[letter] for letter in word)
    return _as_hindi(word.lower())


@lru_cache(maxsize=1024)
def _as_hindi(word: str) -> str:
    # Imported on first use: the package takes a fifth of a second to load.
    from indic_transliteration import sanscript

    for pattern, letters in _SOUNDS:
        word = pattern.sub(letters, word)
    said = str(sanscript.transliterate(word, sanscript.ITRANS, sanscript.DEVANAGARI))
    return said.removesuffix("\u094d")

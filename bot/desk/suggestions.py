"""Words of the lexicon that somebody may be typing, found by their sound, whatever the script."""

from __future__ import annotations

from bot.language.lexicon import Lexicon
from bot.language.script import normalise
from bot.language.sound import sound_key

KINDS = ("product", "material", "colour", "craft", "district")
MOST = 5
VOWELS = "aeiou"
SHORTEST = 2
"""Letters before anything is suggested."""


def suggestions(text: str, language: str, lexicon: Lexicon) -> list[str]:
    """Up to MOST names, in this language, that begin like the last word of `text`; the shortest first."""
    if not text or text[-1].isspace():
        return []
    begun = normalise(text).tokens
    word = begun[-1].word if begun else ""
    key = sound_key(word)
    if len(word) < SHORTEST or not key:
        return []
    names = [
        lexicon.name(kind, identity, language) for kind in KINDS for identity in lexicon.facts.get(kind, {})
    ]
    found: list[str] = []
    # Of a whole word only its outer vowels stand in the key; the last one that is typed may be an inner one.
    for begin in dict.fromkeys((key, key.rstrip(VOWELS))):
        fits = {
            name
            for name in names
            if name not in (word, *found) and len(begin) >= SHORTEST and _begins(name, begin)
        }
        found += sorted(fits, key=lambda name: (len(name), name))
    return found[:MOST]


def _begins(name: str, key: str) -> bool:
    return any(sound_key(token.word).startswith(key) for token in normalise(name).tokens)

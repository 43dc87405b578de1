"""Names of lexicon ids for the reader of a listing."""

from __future__ import annotations

from bot.language.lexicon import Lexicon
from bot.language.script import normalise

PRODUCT = frozenset({"product"})


def english(lexicon: Lexicon, kind: str, identity: object) -> str | None:
    """The English name of a lexicon id; None for words that the lexicon does not have."""
    entry = lexicon.facts.get(kind, {}).get(identity, {}) if isinstance(identity, str) else {}
    return entry.get("en")


def hindi(lexicon: Lexicon, kind: str, identity: object) -> str | None:
    """The first Hindi name of a lexicon id; None for words that the lexicon does not have."""
    if not isinstance(identity, str) or identity not in lexicon.facts.get(kind, {}):
        return None
    return lexicon.name(kind, identity, "hi")


def english_product(lexicon: Lexicon, text: object) -> str | None:
    """The product that is named in her words, in small English letters: `elephant`."""
    if not isinstance(text, str):
        return None
    found = lexicon.names.find(normalise(text).tokens, PRODUCT)
    name = english(lexicon, "product", found[-1].id) if found else None
    return name.lower() if name else None

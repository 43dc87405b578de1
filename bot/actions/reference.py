"""The data files that actions consult, read once per process: in ours and in a Rasa action server alike."""

from __future__ import annotations

from functools import lru_cache

from bot.engine.catalogue import Catalogue
from bot.language.lexicon import Lexicon
from bot.settings import ROOT


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    return Catalogue.load(ROOT / "flows" / "catalogue.yml")


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    return Lexicon.load(ROOT / "locales")

"""Which language a message is in, from its function words and verb endings: hi, hne, en or und.

Words that Hindi and Chhattisgarhi share, names, numbers and loan words are no evidence. A word's weight is
its strength in the data; the confidence is how far the winner is ahead, less for very little evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.language.languages import in_latin_letters
from bot.language.script import Token, normalise
from bot.language.wording import loose

STRONG = 2.0
LIGHT = 0.4
ENDING = 1.0
# Words shorter than this are known by their exact spelling only.
SHORTEST_LOOSE = 3
# Less evidence than this says nothing; a lead over the next language smaller than this neither.
FLOOR = 0.5
# How much evidence it takes to be sure: the confidence is scaled by evidence / (evidence + DOUBT).
DOUBT = 0.5


@dataclass(slots=True)
class Evidence:
    """Weights: script → word → language → weight, and the endings of Devanagari words."""

    words: dict[str, dict[str, float]] = field(default_factory=dict)
    near: dict[str, dict[str, float]] = field(default_factory=dict)
    endings: list[tuple[str, str]] = field(default_factory=list)
    known: dict[str, tuple[tuple[str, float], ...]] = field(default_factory=dict)

    def learn(self, code: str, data: Mapping[str, Any]) -> None:
        """Take in the `evidence` section of one language; in Latin letters it names the languages itself."""
        if in_latin_letters(code):
            for key, texts in data.items():
                language, _, light = key.partition("_")
                self._add(language, texts, LIGHT if light else STRONG)
            return
        self._add(code, data.get("strong", ()), STRONG)
        self._add(code, data.get("light", ()), LIGHT)
        self.endings.extend((ending, code) for ending in data.get("endings", ()))

    def _add(self, code: str, texts: Sequence[str], weight: float) -> None:
        for text in texts:
            words = [token.word for token in normalise(text).tokens]
            if len(words) == 1:
                self.words.setdefault(words[0], {}).setdefault(code, weight)
                self.near.setdefault(_key(words[0]), {}).setdefault(code, weight)

    def settle(self) -> None:
        """Called once when all are learned: a word of two languages speaks only by the difference."""
        self.endings.sort(key=lambda entry: -len(entry[0]))
        # `होगे` is Chhattisgarhi and `होंगे` Hindi: what is spelled exactly goes before what is spelled alike.
        for word, weights in (self.near | self.words).items():
            if len(weights) > 1:
                least = min(weights.values())
                weights = {code: weight - least for code, weight in weights.items() if weight > least}
            self.known[word] = tuple(weights.items())

    def of(self, word: str) -> tuple[tuple[str, float], ...]:
        """What one folded word says: pairs of language and weight."""
        said = self.known.get(word)
        if said is None:
            said = self.known.get(_key(word))
        if said is not None:
            return said
        if not word.isascii():
            for ending, code in self.endings:
                if len(word) > len(ending) + 1 and word.endswith(ending):
                    return ((code, ENDING),)
        return ()


def _key(word: str) -> str:
    """Vowel length matters in the shortest words: `हा` marks a Chhattisgarhi subject, `हाँ` is yes."""
    key = loose(word)
    return key if len(key) >= SHORTEST_LOOSE else word


def identify(tokens: Sequence[Token], evidence: Evidence) -> dict[str, Any]:
    """The `language` of the contract: code, confidence 0–1, script Deva, Latn or mixed."""
    scores: dict[str, float] = {}
    deva = latin = 0
    for token in tokens:
        word = token.word
        if word[0].isascii():
            if word[0].isalpha():
                latin += 1
        elif "\u0900" <= word[0] <= "\u097f":
            deva += 1
        for code, weight in evidence.of(word):
            scores[code] = scores.get(code, 0.0) + weight
    script = "mixed" if deva and latin else "Deva" if deva else "Latn"
    code, confidence = _winner(scores)
    return {"code": code, "confidence": confidence, "script": script}


def _winner(scores: Mapping[str, float]) -> tuple[str, float]:
    ranked = sorted(scores.items(), key=lambda entry: (-entry[1], entry[0]))
    if not ranked or ranked[0][1] < FLOOR:
        return "und", 0.0
    best = ranked[0][1]
    second = ranked[1][1] if len(ranked) > 1 else 0.0
    if best - second < FLOOR:
        return "und", 0.0
    total = sum(scores.values())
    return ranked[0][0], round((best / total) * (total / (total + DOUBT)), 2)

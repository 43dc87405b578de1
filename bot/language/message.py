"""One message, cut up once, as all the readers of answers look at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.language.asks import Asked
from bot.language.intents import Reading, cut
from bot.language.lexicon import Lexicon
from bot.language.script import Normal, Token
from bot.language.wording import Piece, loose

Entity = dict[str, Any]
Command = dict[str, Any]

# Punctuation that ends a thought; a dash or a slash joins.
_BREAKS = frozenset(",.;:!?\n।|)(")


@dataclass(frozen=True, slots=True)
class Message:
    """`words` are the loose spellings, token by token; `reading` is how the phrases cut them."""

    normal: Normal
    words: tuple[str, ...]
    asked: Asked
    entities: list[Entity]
    reading: Reading
    lexicon: Lexicon

    @classmethod
    def of(cls, normal: Normal, asked: Asked, entities: list[Entity], lexicon: Lexicon) -> Message:
        """Cut the message by the phrases of the lexicon."""
        words = tuple(loose(token.word) for token in normal.tokens)
        return cls(normal, words, asked, entities, cut(words, lexicon.wording), lexicon)

    @property
    def tokens(self) -> list[Token]:
        """The tokens of the message."""
        return self.normal.tokens

    def said(self, first: int, last: int) -> str:
        """What she wrote, from token `first` up to but not including token `last`."""
        return self.normal.original(self.tokens[first].start, self.tokens[last - 1].end)

    def part(self, first: int, last: int) -> Message:
        """The message as if only these tokens had been said; the offsets of its entities stay."""
        tokens = self.tokens[first:last]
        if not tokens:
            return Message(
                Normal(self.normal.raw, "", []),
                (),
                self.asked,
                [],
                cut((), self.lexicon.wording),
                self.lexicon,
            )
        start, end = tokens[0].start, tokens[-1].end
        kept = [entity for entity in self.entities if start <= entity["start"] and entity["end"] <= end]
        normal = Normal(self.normal.raw, " ".join(token.word for token in tokens), tokens)
        words = self.words[first:last]
        return Message(normal, words, self.asked, kept, cut(words, self.lexicon.wording), self.lexicon)

    def whole(self) -> str:
        """All she wrote, without the space around it."""
        return self.normal.original(0, len(self.normal.raw)).strip()

    def places(self, entity: Entity) -> range:
        """The tokens an entity covers."""
        covered = [
            place
            for place, token in enumerate(self.tokens)
            if token.start < entity["end"] and token.end > entity["start"]
        ]
        return range(covered[0], covered[-1] + 1) if covered else range(0)

    def covered(self) -> dict[int, Entity]:
        """Which entity covers which token, the lexicon's names left out: they are words of hers."""
        places: dict[int, Entity] = {}
        for entity in self.entities:
            if "id" not in entity:
                for place in self.places(entity):
                    places[place] = entity
        return places

    def breaks_before(self, place: int) -> bool:
        """Whether punctuation or a line break stands before this token."""
        return any(mark in _BREAKS for mark in self.tokens[place].before)

    def only(self, pieces: list[Piece]) -> bool:
        """Whether there are pieces, and nothing but fillers beside them."""
        covered = {place for piece in pieces for place in range(piece.first, piece.last)}
        wording = self.lexicon.wording
        return bool(pieces) and all(
            place in covered or wording.is_filler(word) for place, word in enumerate(self.words)
        )

    def unread(self) -> list[int]:
        """The tokens that no phrase, filler or entity accounts for."""
        covered = self.covered()
        return [place for place in self.reading.rest if place not in covered]


def set_slot(slot: str, value: Any, *, confirm: bool = False) -> Command:
    """The command that fills a slot; `confirm` marks a value that must be read back."""
    command: Command = {"command": "set_slot", "slot": slot, "value": value}
    if confirm:
        command["confirm"] = True
    return command

"""One message, cut up once, as all the readers of answers look at it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from typing import Any

from bot.language.asks import Asked
from bot.language.intents import Reading, cut
from bot.language.lexicon import Lexicon
from bot.language.script import Normal, Token
from bot.language.wording import Piece

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
    covered: frozenset[int]
    """The tokens of amounts; names of the lexicon are left out, they are words of hers."""

    @classmethod
    def of(cls, normal: Normal, asked: Asked, entities: list[Entity], lexicon: Lexicon) -> Message:
        """Cut the message by the phrases of the lexicon."""
        key = lexicon.wording.key
        words = tuple([key(token.word) for token in normal.tokens])
        amounts = [span(normal.tokens, entity) for entity in entities if "id" not in entity]
        covered = frozenset(place for places in amounts for place in places)
        return cls(normal, words, asked, entities, cut(words, lexicon.wording), lexicon, covered)

    def asking(self, asked: Asked) -> Message:
        """The same message as the answer to another question."""
        return replace(self, asked=asked)

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
        start, end = (tokens[0].start, tokens[-1].end) if tokens else (0, 0)
        kept = [entity for entity in self.entities if start <= entity["start"] and entity["end"] <= end]
        normal = Normal(self.normal.raw, " ".join(token.word for token in tokens), tokens)
        return Message.of(normal, self.asked, kept, self.lexicon)

    def whole(self) -> str:
        """All she wrote, without the space around it."""
        return self.normal.original(0, len(self.normal.raw)).strip()

    def places(self, entity: Entity) -> range:
        """The tokens an entity covers."""
        return span(self.tokens, entity)

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
        return [place for place in self.reading.rest if place not in self.covered]


def span(tokens: list[Token], entity: Entity) -> range:
    """The tokens an entity covers, from its offsets in the text."""
    first = bisect_right(tokens, entity["start"], key=lambda token: token.end)
    last = bisect_left(tokens, entity["end"], key=lambda token: token.start)
    return range(first, max(first, last))


def set_slot(slot: str, value: Any, *, confirm: bool = False) -> Command:
    """The command that fills a slot; `confirm` marks a value that must be read back."""
    command: Command = {"command": "set_slot", "slot": slot, "value": value}
    if confirm:
        command["confirm"] = True
    return command

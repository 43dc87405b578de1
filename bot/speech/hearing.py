"""What goes into a recogniser and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass

from bot.media.waveform import RATE, Sound


@dataclass(frozen=True, slots=True)
class Note:
    """One voice note. `language` is that of the talk, `asks` the question that was open when it came."""

    id: str
    sound: Sound
    language: str
    asks: str | None = None

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.sound.size / RATE


@dataclass(frozen=True, slots=True)
class Heard:
    """The words, how sure the machine is of them (0 to 1, None if it does not say), and which machine."""

    text: str
    confidence: float | None
    by: str


class NotHeard(Exception):
    """The machine could not do it. `again`: trying once more may help. The reason holds no word of hers."""

    def __init__(self, reason: str, again: bool = False) -> None:
        super().__init__(reason)
        self.again = again

"""From what a bubble says to the sound of it: recorded where somebody recorded it, else spoken by the voice.

`plan` decides who says what, `make` does it. The same plan gives the same bytes, so its recipe names them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import structlog

from bot.language.spoken import spoken
from bot.media.audio import CAP_S, decode
from bot.media.opus import encode, prompt_rate
from bot.media.waveform import RATE, Sound
from bot.settings import ROOT, Settings
from bot.speech import espeak
from bot.speech.levels import alike, joined
from bot.speech.recordings import recording

log = structlog.get_logger(__name__)
LOCALES = ROOT / "locales"
MADE = 1
"""Counts up when the same plan comes to sound otherwise: levels, pauses, encoder."""
LONGEST_WORDS = 1100
"""Letters that the voice says in less than CAP_S; a longer text loses its middle, not its question."""
_SENTENCE = re.compile("(?<=[।?!]) ")


class Unspeakable(Exception):
    """There will be no prompt; `code` says why: nothing_to_say, not_recorded, voice_failed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Part:
    """One response of a bubble: its wording's number, from 0, and its text as written, filled in."""

    utter: str
    variation: int
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """What is heard of one part: the recorded file if there is one, else the words ("" for none)."""

    words: str
    recorded: bytes | None = None


def plan(
    parts: Sequence[Part], language: str, settings: Settings, locales: Path = LOCALES
) -> tuple[Step, ...]:
    """Who says which part; raises Unspeakable."""
    steps = []
    for part in parts:
        recorded = recording(locales, language, part.utter, part.variation)
        words = spoken(part.text, language)
        if recorded is None and words and settings.voice == "none":
            raise Unspeakable("not_recorded")
        if recorded is not None or words:
            may_say = words if settings.voice != "none" else ""
            steps.append(Step(_fitting(may_say, LONGEST_WORDS // len(parts)), recorded))
    if not steps:
        raise Unspeakable("nothing_to_say")
    return tuple(steps)


def recipe(steps: Sequence[Step], language: str) -> str:
    """The SHA-256 of everything that the bytes depend on."""
    said = [
        {"recorded": hashlib.sha256(step.recorded).hexdigest(), "words": step.words}
        if step.recorded
        else {"voice": espeak.about(), "words": espeak.as_read(step.words)}
        for step in steps
    ]
    body = json.dumps({"made": MADE, "language": language, "said": said}, ensure_ascii=False)
    return hashlib.sha256(body.encode()).hexdigest()


def make(steps: Sequence[Step]) -> bytes:
    """The prompt as OGG/Opus, at most CAP_S seconds; raises Unspeakable."""
    sounds = [_sound(step) for step in steps]
    whole = joined(sounds)[: int(CAP_S * RATE)]
    return encode(whole, prompt_rate(whole))


def _sound(step: Step) -> Sound:
    """A recording that cannot be heard is spoken by the voice instead."""
    sound = _recorded(step.recorded) if step.recorded is not None else np.zeros(0, np.float32)
    if not sound.size and step.words:
        try:
            sound = alike(espeak.say(espeak.as_read(step.words)))
        except espeak.Mute:
            raise Unspeakable("voice_failed") from None
    if not sound.size:
        raise Unspeakable("voice_failed" if step.words else "not_recorded")
    return sound


def _recorded(data: bytes) -> Sound:
    try:
        return alike(decode(data))
    except (av.FFmpegError, ValueError, IndexError, MemoryError) as error:
        log.warning("recording_unreadable", error=type(error).__name__)
        return np.zeros(0, np.float32)


def _fitting(words: str, most: int) -> str:
    """At most `most` letters in whole sentences, the last one always among them."""
    *before, last = _SENTENCE.split(words)
    if len(last) > most:
        return last[:most].rpartition(" ")[0]
    kept, room = [], most - len(last)
    for sentence in before:
        room -= len(sentence) + 1
        if room < 0:
            break
        kept.append(sentence)
    return " ".join([*kept, last])

"""How well the labelled sentences are understood: right, not understood, wrong, by type and language.

A sentence file is `language: …` and `sentences:` with items
`{text, asks?, intent?, slots?: {name: value}, commands?: [name], entities?: [{type, …}], language?: code}`.
"Not understood" means that nothing was claimed; "wrong" that something else was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.language.lexicon import Lexicon, read_yaml
from bot.language.understand import Understanding, understand

Sentence = dict[str, Any]
RIGHT, MISSED, WRONG = "right", "not understood", "wrong"
# One sentence in this many is kept apart: it is scored, and never looked at while the readers are changed.
APART = 3


@dataclass(slots=True)
class Tally:
    """Counts of one group of sentences."""

    right: int = 0
    missed: int = 0
    wrong: int = 0

    def add(self, verdict: str) -> None:
        """Count one verdict."""
        self.right += verdict == RIGHT
        self.missed += verdict == MISSED
        self.wrong += verdict == WRONG

    @property
    def total(self) -> int:
        """How many were counted."""
        return self.right + self.missed + self.wrong


@dataclass(slots=True)
class Score:
    """`tallies`: (language, type, "open" or "apart") → counts; `failures`: sentences of the open part."""

    tallies: dict[tuple[str, str, str], Tally] = field(default_factory=dict)
    failures: list[tuple[str, Sentence, str]] = field(default_factory=list)


def load(folder: Path | str) -> dict[str, list[Sentence]]:
    """The labelled sentences of every `<language>.yml` in a folder."""
    files = sorted(Path(folder).glob("*.yml"))
    return {path.stem: list(read_yaml(path).get("sentences", [])) for path in files}


def is_apart(sentence: Mapping[str, Any]) -> bool:
    """Whether a sentence belongs to the third that is kept apart; decided by its words alone."""
    digest = hashlib.sha256(f"{sentence['text']}\0{sentence.get('asks')}".encode()).digest()
    return digest[0] % APART == 0


def kind_of(sentence: Mapping[str, Any]) -> str:
    """The type a sentence is reported under."""
    if "type" in sentence:
        return str(sentence["type"])
    if "intent" in sentence and sentence["intent"] != "none":
        return "intent"
    for key in ("slots", "commands", "entities", "language"):
        if key in sentence:
            return key
    return "nothing"


def judge(sentence: Mapping[str, Any], found: Understanding) -> str:
    """Compare one understanding with its labels."""
    faults = list(_faults(sentence, found))
    if not faults:
        return RIGHT
    return WRONG if WRONG in faults else MISSED


def _faults(sentence: Mapping[str, Any], found: Understanding) -> Iterator[str]:
    if "intent" in sentence and found.intent != sentence["intent"]:
        yield MISSED if found.intent == "none" else WRONG
    filled = [command for command in found.commands if command["command"] == "set_slot"]
    given = {command["slot"]: command["value"] for command in filled}
    if "slots" in sentence:
        yield from _slot_faults(sentence["slots"], given)
    if "commands" in sentence:
        names = [command["command"] for command in found.commands]
        if names != sentence["commands"]:
            yield MISSED if not names or names == ["cannot_handle"] else WRONG
    for wanted in sentence.get("entities", ()):
        yield from _entity_faults(wanted, found.entities)
    if "language" in sentence and found.language["code"] != sentence["language"]:
        yield MISSED if found.language["code"] == "und" else WRONG


def _slot_faults(wanted: Mapping[str, Any], given: Mapping[str, Any]) -> Iterator[str]:
    for slot, value in wanted.items():
        if slot not in given:
            yield MISSED
        elif given[slot] != value:
            yield WRONG
    if any(slot not in wanted for slot in given):
        yield WRONG


def _entity_faults(wanted: Mapping[str, Any], entities: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    same = [entity for entity in entities if entity["type"] == wanted["type"]]
    if any(all(entity.get(key) == value for key, value in wanted.items()) for entity in same):
        return
    yield WRONG if same else MISSED


def score(folder: Path | str, lexicon: Lexicon) -> Score:
    """Understand every labelled sentence once and count."""
    result = Score()
    for language, sentences in load(folder).items():
        for sentence in sentences:
            found = understand(str(sentence["text"]), sentence.get("asks"), language, lexicon)
            verdict = judge(sentence, found)
            part = "apart" if is_apart(sentence) else "open"
            result.tallies.setdefault((language, kind_of(sentence), part), Tally()).add(verdict)
            if verdict != RIGHT and part == "open":
                result.failures.append((language, sentence, verdict))
    return result


def report(folder: Path | str, lexicon: Lexicon) -> str:
    """The score as a table of text, a line per language, type and part, with the sums at the end."""
    result = score(folder, lexicon)
    lines = [f"{'language':9} {'type':12} {'part':6} {'all':>5} {'right':>6} {'missed':>7} {'wrong':>6}"]
    for (language, kind, part), tally in sorted(result.tallies.items()):
        lines.append(_line(language, kind, part, tally))
    for part in ("open", "apart"):
        total = Tally()
        for (_, _, where), tally in result.tallies.items():
            if where == part:
                total.right += tally.right
                total.missed += tally.missed
                total.wrong += tally.wrong
        lines.append(_line("all", "all", part, total))
    return "\n".join(lines)


def _line(language: str, kind: str, part: str, tally: Tally) -> str:
    share = f"{100 * tally.right / tally.total:.1f} %" if tally.total else "–"
    counts = f"{tally.total:5} {tally.right:6} {tally.missed:7} {tally.wrong:6}"
    return f"{language:9} {kind:12} {part:6} {counts}  {share}"

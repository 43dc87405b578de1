"""The words that numbers, money and measures are made of, read once from `locales/*/numbers.yml`.

`vocabulary()` gives every spelling of every language together: sellers mix them in one sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bot.language.languages import BASE, load_languages, written
from bot.language.letters import LONGEST_WORD, fold

LOCALES = Path(__file__).resolve().parents[2] / "locales"

_MATRAS = str.maketrans("ीूईऊैौशवठ", "िुइउेोसबट", "्ं")
_DEVANAGARI_DOUBLE = re.compile(r"([क-ह])\1|च(?=छ)|त(?=थ)|द(?=ध)")
# Chhattisgarhi writes both vowels: `पउने` for `पौने`, `छइ` for `छै`.
_SPELLED_OUT = re.compile("([क-ह])([उइ])")
_LATIN_FOLDS = (
    (re.compile("ph"), "f"),
    (re.compile("w"), "v"),
    (re.compile("z"), "j"),
    (re.compile("([tdb])h|(?<=[a-z]{3})h$"), r"\1"),
    (re.compile("chh?"), "c"),
    (re.compile("ee|ii|y(?=e)"), "i"),
    (re.compile("oo|uu"), "u"),
    (re.compile("ai|ay|ei|ey"), "e"),
    (re.compile("au|ou"), "o"),
    (re.compile(r"(.)\1+"), r"\1"),
    (re.compile("(?<=.)a+(?=.)"), ""),
)
# Nobody spells it alike: `ruppees`, `rupiye`, `रुपइये`; the names Rupa and Rupesh are left alone.
_RUPEES = re.compile("rup+[aeiyh]{0,3}[eyi][aeiyh]{0,3}s?|र[ुू]प[ािीैयएइई]{0,3}[ियएइै][ािीेयएइंों]{0,3}")
_SHORTEST_FOLD = {True: 4, False: 3}
_GLUED_COUNTERS = ("ठन", "ठो", "ठे", "ठी", "झन", "than", "tho")


# The fields of words while the files are read: one spelling is met in many sections.
_Draft = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Unit:
    """What is counted or measured: `size` is in cm, grams, days or pieces; None when it is not certain."""

    kind: str
    name: str
    size: Decimal | None


@dataclass(frozen=True, slots=True)
class Word:
    """Everything one spelling can be.

    `kind`: c cardinal, e English tens, s scale, b binder (adds `add` to the number after it),
    q fraction, k number and scale in one word, d digits, "" no number.
    """

    kind: str = ""
    value: Decimal | None = None
    add: Decimal | None = None
    scale: Decimal = Decimal(1)
    weak: bool = False
    fraction: bool = False
    about: bool = False
    exact: bool = False
    unit: Unit | None = None
    basis: str = ""
    axis: str = ""
    money: str = ""
    role: str = ""
    month: int = 0
    marks: frozenset[str] = frozenset()
    readings: tuple[tuple[Decimal, Decimal | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Speech:
    """How one language says numbers, each word as (Devanagari, Latin)."""

    numbers: dict[int, tuple[str, str]] = field(default_factory=dict)
    scales: dict[int, tuple[str, str]] = field(default_factory=dict)
    words: dict[str, list[str]] = field(default_factory=dict)
    idioms: dict[int, str] = field(default_factory=dict)
    units: dict[str, tuple[str, str]] = field(default_factory=dict)
    months: dict[int, tuple[str, str]] = field(default_factory=dict)
    fractions: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All spellings, exact and folded, and how each language speaks."""

    words: dict[str, Word]
    folded: dict[str, Word]
    refused: frozenset[str]
    speech: dict[str, Speech]


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """Read the data files once. A file that cannot be read raises at once, with its name."""
    yaml = YAML(typ="safe")
    draft: _Draft = {}
    speech: dict[str, Speech] = {}
    refused: set[str] = set()
    weak: set[str] = set()
    for path in sorted(LOCALES.glob("*/numbers.yml"), key=lambda path: (path.parent.name != "hi", path)):
        blocks = written(yaml.load(path.read_text(encoding="utf-8")) or [])
        for block in blocks:
            _add_block(draft, block)
            refused.update(_spellings(block.get("not_numbers", "")))
            weak.update(_spellings(block.get("weak", "")))
        speech[path.parent.name] = _speech(blocks)
    for language in load_languages(LOCALES).values():
        if language.like is not None:
            like = speech.get(language.like, speech[BASE])
            speech[language.code] = _over(speech.get(language.code, Speech()), like)
    for spelling in weak & draft.keys():
        draft[spelling]["weak"] = True
    words = {spelling: Word(**fields) for spelling, fields in draft.items()}
    return Vocabulary(words, _folded(words), frozenset(refused), speech)


def lookup(word: str) -> Word | None:
    """What one folded word can be; None for a word that has nothing to do with numbers."""
    return _find(word) if len(word) > LONGEST_WORD else _remembered(word)


def number_fold(word: str) -> str:
    """A looser spelling for number words only; spellings that would mean two numbers are left out of it."""
    if word.isascii():
        for pattern, plain in _LATIN_FOLDS:
            word = pattern.sub(plain, word)
        return word
    word = _SPELLED_OUT.sub(lambda found: found[1] + ("ो" if found[2] == "उ" else "े"), word)
    return _DEVANAGARI_DOUBLE.sub(r"\1", word.translate(_MATRAS).replace("ये", "ए").replace("यि", "इ"))


def _find(word: str) -> Word | None:
    if len(word) > LONGEST_WORD:
        return None
    known = vocabulary()
    found = known.words.get(word)
    if found is None and "w" in word and word.isascii():
        found = known.words.get(word.replace("w", "v"))
    if found is not None:
        return found
    if word in known.refused:
        return None
    key = number_fold(word)
    if len(key) >= _SHORTEST_FOLD[word.isascii()]:
        found = known.folded.get(key)
    if _RUPEES.fullmatch(word):
        return known.words["rupaye"]
    return found or _with_suffix(word, known.words) or _fused(word, known.words)


_remembered = lru_cache(maxsize=16384)(_find)


def _with_suffix(word: str, words: dict[str, Word]) -> Word | None:
    """`दसेक` about ten, `पाँचेच` five exactly, `एके` just one, `दूठन` two things."""
    for suffix, change in (("ेक", "about"), ("एक", "about"), ("ेच", "exact"), ("े", "exact"), ("च", "exact")):
        stem = words.get(word.removesuffix(suffix)) if word.endswith(suffix) else None
        if stem and stem.kind in ("c", "s") and not stem.weak:
            marked = replace(stem, about=True) if change == "about" else replace(stem, exact=True)
            return replace(marked, kind="c" if stem.kind == "c" else "k", scale=stem.value or Decimal(1))
    for suffix in _GLUED_COUNTERS:
        stem = words.get(word.removesuffix(suffix)) if word.endswith(suffix) else None
        counter = words.get(suffix)
        if stem and stem.kind == "c" and counter:
            return replace(stem, unit=counter.unit, weak=False)
    return None


def _fused(word: str, words: dict[str, Word]) -> Word | None:
    """`डेढ़सौ`, `पाँचसौ`, `dohajar`: a number and its scale written together."""
    for cut in range(2, len(word) - 1):
        first, second = words.get(word[:cut]), words.get(word[cut:])
        if first and second and first.value is not None and second.value is not None:
            if first.kind in ("c", "q") and second.kind == "s" and len(word) - cut > 1:
                if first.weak and second.weak and word[cut:] != "so":
                    return None
                return Word("k", first.value * second.value, scale=second.value, fraction=first.kind == "q")
    return None


def _spellings(line: object) -> Iterator[str]:
    for word in str(line).split():
        folded = fold(word)
        if folded:
            yield folded


def _add(draft: _Draft, line: object, **change: Any) -> None:
    for word in _spellings(line):
        draft.setdefault(word, {}).update(change)


def _add_mark(draft: _Draft, line: object, mark: str) -> None:
    for word in _spellings(line):
        fields = draft.setdefault(word, {})
        fields["marks"] = fields.get("marks", frozenset()) | {mark}


def _decimal(text: object) -> Decimal | None:
    return None if str(text) == "none" else Decimal(str(text))


def _add_block(words: _Draft, block: dict[str, Any]) -> None:
    for value, line in block.get("numbers", {}).items():
        _add(words, line, kind="c", value=Decimal(value))
    for value, line in block.get("english", {}).items():
        _add(words, line, kind="e" if value >= 20 else "c", value=Decimal(value))
    for value, line in block.get("scales", {}).items():
        _add(words, line, kind="s", value=Decimal(value))
    for key, line in block.get("binders", {}).items():
        alone, add = key.split()
        _add(words, line, kind="b", value=_decimal(alone), add=Decimal(add))
    for value, line in block.get("fractions", {}).items():
        _add(words, line, kind="q", value=Decimal(str(value)), fraction=True)
    _add_measures(words, block)
    for mark, line in {name: block[name] for name in _MARKED if name in block}.items():
        _add_mark(words, line, mark)
    for mark, line in (block.get("marks", {}) | block.get("after_from", {})).items():
        _add_mark(words, line, mark)


_MARKED = ("give", "labels", "counts", "phone", "pincode", "bangle", "lac_after", "ordinal")


def _add_measures(words: _Draft, block: dict[str, Any]) -> None:
    for key, line in block.get("units", {}).items():
        kind, name, size = key.split()
        _add(words, line, unit=Unit(kind, name, _decimal(size)))
    for section in ("basis", "axis", "money"):
        for name, line in block.get(section, {}).items():
            _add(words, line, **{section: name})
    for role, line in block.get("roles", {}).items():
        _add(words, line, role=role)
    for month, line in block.get("months", {}).items():
        _add(words, line, month=month)


def _folded(words: dict[str, Word]) -> dict[str, Word]:
    """Loose keys of the plain number words; a key of two different numbers is dropped."""
    folded: dict[str, Word | None] = {}
    for spelling, word in words.items():
        if word.unit is not None and not word.kind and not word.marks:
            folded.setdefault(number_fold(spelling), Word(unit=word.unit, basis=word.basis))
        if word.kind not in ("c", "s", "b", "q", "e") or word.weak:
            continue
        key = number_fold(spelling)
        plain = Word(word.kind, word.value, word.add, fraction=word.fraction)
        if key in folded and folded[key] != plain:
            folded[key] = None
        else:
            folded[key] = plain
    return {key: word for key, word in folded.items() if word is not None}


def _speech(blocks: list[dict[str, Any]]) -> Speech:
    speech = Speech()
    for block in blocks:
        for value, line in block.get("numbers", {}).items():
            speech.numbers.setdefault(value, _spoken(line))
        for value, line in block.get("scales", {}).items():
            speech.scales.setdefault(value, _spoken(line))
        for month, line in block.get("months", {}).items():
            speech.months.setdefault(month, _spoken(line))
        said = block.get("speech", {})
        speech.units.update({unit: _spoken(line) for unit, line in said.get("units", {}).items()})
        speech.fractions.update({name: _spoken(line) for name, line in said.get("fractions", {}).items()})
        speech.idioms.update(said.get("idioms", {}))
        speech.words.update({name: line.split() for name, line in said.items() if isinstance(line, str)})
    return speech


def _over(own: Speech, like: Speech) -> Speech:
    """How a draft speaks: each word its own, or that of the language it is like."""
    tables = [spec.name for spec in fields(Speech)]
    return Speech(**{name: getattr(like, name) | getattr(own, name) for name in tables})


def _spoken(line: str) -> tuple[str, str]:
    words = line.split()
    latin = next((word for word in words if word.isascii()), "")
    return words[0], latin

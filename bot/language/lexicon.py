"""Everything the readers know from data files, loaded once at start and only read afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bot.language.identify import Evidence
from bot.language.languages import BASE, Language, Languages, load_languages, written
from bot.language.names import Names, fill
from bot.language.wording import Wording

Facts = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`facts` is kind → id → {en, category, goods, made, district …}; the rest are the readers' tables."""

    facts: dict[str, Facts]
    names: Names
    wording: Wording
    evidence: Evidence
    said: dict[str, Facts]
    """language → kind → id → the name said first."""
    languages: dict[str, Language]

    @classmethod
    def load(cls, locales_dir: Path | str) -> Lexicon:
        """Read `lexicon.yml` and every `<code>/{lexicon,intents}.yml`. A wrong file raises, naming itself."""
        folder = Path(locales_dir)
        wording, evidence = Wording(), Evidence()
        languages = load_languages(folder)
        files = sorted(folder.glob("*/intents.yml"))
        intents = {path.parent.name: _intents(path, languages) for path in files}
        for data in intents.values():
            wording.learn_forms(data)
        for code, data in intents.items():
            wording.learn(data)
            evidence.learn(code, data.get("evidence", {}))
        evidence.settle()
        facts: dict[str, Facts] = read_yaml(folder / "lexicon.yml")
        names = Names(common=_common(wording, evidence))
        said: dict[str, Facts] = {}
        for path in sorted(folder.glob("*/lexicon.yml")):
            data = written(read_yaml(path))
            _learn_names(names, data, facts, path)
            said[path.parent.name] = _first_names(data)
        return cls(facts, names, wording, evidence, said, languages)

    def name(self, kind: str, identity: str, language: str) -> str:
        """How an id is said in this language, the one it is like, Hindi or English; else the id itself."""
        known_as = self.languages.get(language)
        for code in (language, known_as.like if known_as and known_as.like else BASE, BASE):
            known = self.said.get(code, {}).get(kind, {}).get(identity)
            if known:
                return str(known)
        return str(self.facts.get(kind, {}).get(identity, {}).get("en", identity))

    def category(self, products: list[str], materials: list[str], crafts: list[str]) -> str | None:
        """The category key that what was said points to, or None if it is open."""
        for craft in crafts:
            found = self.facts["craft"].get(craft, {}).get("category")
            if found:
                return str(found)
        for product in reversed(products):  # the thing itself stands last: `हुक वाला फ्रेम` is a frame
            found = self._category_of(product, materials)
            if found:
                return found
        for material in materials:
            found = self.facts["material"].get(material, {}).get("goods")
            if found:
                return str(found)
        return None

    def _category_of(self, product: str, materials: list[str]) -> str | None:
        fact = self.facts["product"].get(product, {})
        if "category" in fact:
            return str(fact["category"])
        made = fact.get("made", {})
        for material in materials:
            if material in made:
                return str(made[material])
        known = [material for material in materials if "goods" in self.facts["material"].get(material, {})]
        return str(made["else"]) if "else" in made and not known else None


def read_yaml(path: Path) -> dict[str, Any]:
    """One YAML mapping. Doubled keys are refused and `yes`, `no` stay words."""
    try:
        data = YAML(typ="safe").load(path)
    except Exception as error:
        raise ValueError(f"{path}: {error}") from error
    if not isinstance(data, dict):
        raise ValueError(f"{path}: a mapping was expected")
    return data


def _intents(path: Path, languages: Languages) -> dict[str, Any]:
    """The phrases of one language. Only a language that is offered can be asked for by its name."""
    data = written(read_yaml(path))
    asked = data.get("languages", {})
    offered = {code for code, language in languages.items() if language.offered}
    known = {code: texts for code, texts in asked.items() if code == "ask" or code in offered}
    return {**data, "languages": known}


def _common(wording: Wording, evidence: Evidence) -> frozenset[str]:
    """Everyday words that may sound like a name but are none unless spelled exactly so."""
    words = set(wording.fillers) | set(evidence.words)
    for phrases in (wording.whole, wording.changing, wording.slots):
        words.update(phrases.table)
    return frozenset(words)


def _first_names(data: dict[str, Any]) -> Facts:
    return {
        kind: {identity: names[0] for identity, names in entries.items()} for kind, entries in data.items()
    }


def _learn_names(names: Names, data: dict[str, Any], facts: dict[str, Facts], path: Path) -> None:
    for kind, entries in data.items():
        for identity, known in entries.items():
            if identity not in facts.get(kind, {}):
                raise ValueError(f"{path}: {kind} {identity} is not in lexicon.yml")
            fill(names, ((kind, identity, str(name)) for name in known))

"""Everything the engine reads from data files, loaded once: flows, domain, every wording, catalogue."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from bot.engine.catalogue import Catalogue
from bot.engine.documents import BadDocuments, Problem, read_yaml
from bot.engine.domain import Domain, load_domain
from bot.engine.flows import Flow, Step, parse_flow
from bot.engine.responses import Responses, parse_responses, split
from bot.engine.wording import NameOf, Wording
from bot.language.languages import BASE, Language, Languages, filled, load_languages, name_in

TEXTS = ("responses", "words", "categories")
"""The files of a language that hold what is said."""

ASKS_LANGUAGE = "utter_ask_language"


@dataclass(frozen=True)
class Library:
    """Frozen after loading and shared by all turns. `wordings` by language code."""

    flows: dict[str, Flow]
    domain: Domain
    wordings: dict[str, Wording]
    catalogue: Catalogue

    @cached_property
    def resets(self) -> dict[str, frozenset[str]]:
        """Per flow, the slots that go back when it ends: its own and those of the flows it calls."""
        return {flow_id: self._resets(flow_id, frozenset()) for flow_id in self.flows}

    def _resets(self, flow_id: str, seen: frozenset[str]) -> frozenset[str]:
        flow = self.flows[flow_id]
        found = flow.own_resets
        for step in flow.calls():
            if step.value not in seen:
                found |= self._resets(step.value, seen | {flow_id})
        return found

    def locate(self, flow_id: str, slot: str) -> Step | None:
        """The step of this flow that asks for the slot, itself or through the flow it calls."""
        flow = self.flows[flow_id]
        own = flow.collect_step(slot)
        if own:
            return own
        return next((step for step in flow.calls() if self.locate(step.value, slot)), None)

    def wording(self, language: str | None) -> Wording:
        return self.wordings.get(language or BASE) or self.wordings[BASE]


def load_flows(folder: Path) -> tuple[dict[str, Flow], list[Problem]]:
    """Every flow of every file in the folder; ids are unique over all files."""
    flows: dict[str, Flow] = {}
    problems: list[Problem] = []
    for file in sorted(folder.glob("*.yml")):
        body = read_yaml(file) or {}
        if "flows" not in body:
            continue
        problems += [
            Problem(file, (key,), f"unknown key {key!r}") for key in body.keys() - {"version", "flows"}
        ]
        for flow_id, content in body["flows"].items():
            flow, found = parse_flow(flow_id, content, file)
            problems += found
            if flow_id in flows:
                problems.append(Problem(file, ("flows", flow_id), f"flow {flow_id} is defined twice"))
            if flow:
                flows[flow_id] = flow
    return flows, problems


def load_wordings(folder: Path, name_of: NameOf) -> tuple[dict[str, Wording], list[Problem]]:
    """One wording per language of `languages.yml`; a draft's gaps are filled."""
    wordings: dict[str, Wording] = {}
    problems: list[Problem] = []
    languages = load_languages(folder)
    for language in languages.values():
        responses, words, categories = (_texts(folder, language, name) for name in TEXTS)
        said, found = parse_responses(responses, folder / language.code / "responses.yml")
        problems += found
        wordings[language.code] = Wording(
            language=language.code,
            responses=_offering(said, languages, language.code),
            words=words or {},
            categories=categories["categories"],
            name_of=name_of,
        )
    return wordings, problems


def _texts(folder: Path, language: Language, name: str) -> Any:
    """One file of texts; a draft's empty ones are those of the language it is like."""
    own = read_yaml(folder / language.code / f"{name}.yml")
    return filled(own, read_yaml(folder / language.like / f"{name}.yml")) if language.like else own


def _offering(responses: Responses, languages: Languages, code: str) -> Responses:
    """The question for the language gets a button for each language that is offered."""
    buttons = tuple(
        (split(name_in(language, code)), f"/SetSlots(language={language.code})")
        for language in languages.values()
        if language.offered
    )
    asked = tuple(replace(variation, buttons=buttons) for variation in responses.get(ASKS_LANGUAGE, ()))
    return responses | {ASKS_LANGUAGE: asked} if asked else responses


def load_library(flows_dir: Path, locales_dir: Path, name_of: NameOf) -> Library:
    """Load everything; BadDocuments lists every problem of form. `check` finds what is wrong between."""
    flows, problems = load_flows(flows_dir)
    domain, more = load_domain(flows_dir / "domain")
    wordings, most = load_wordings(locales_dir, name_of)
    problems = problems + more + most
    if problems:
        raise BadDocuments(problems)
    return Library(flows, domain, wordings, Catalogue.load(flows_dir / "catalogue.yml"))

"""`app.py check`: what is wrong between the data files, all of it in one run, each with its file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.engine.catalogue import Catalogue
from bot.engine.check_languages import language_problems, table_problems
from bot.engine.check_wording import wording_problems
from bot.engine.documents import BadDocuments, Problem, read_yaml
from bot.engine.domain import Domain, load_domain
from bot.engine.flows import END, Flow, Step
from bot.engine.library import load_flows, load_wordings
from bot.engine.repair import BUILTINS
from bot.engine.wording import Wording
from bot.language.lexicon import Lexicon

_SLOT = re.compile(r"\bslots\.([a-z_]+)")


def check_all(root: Path, actions: frozenset[str]) -> list[str]:
    """Every problem as `file:line: what`. `actions` are the names of the custom actions that exist."""
    try:
        wrong = table_problems(root / "locales")
        if wrong:
            return [_shown(problem, root) for problem in wrong]
        flows, problems = load_flows(root / "flows")
        domain, more = load_domain(root / "flows" / "domain")
        lexicon = Lexicon.load(root / "locales")
        wordings, most = load_wordings(root / "locales", lexicon.name)
    except BadDocuments as error:
        return sorted({*_unreadable(root), *(_shown(problem, root) for problem in error.problems)})
    except ValueError as error:
        return sorted({*_unreadable(root), *str(error).splitlines()})
    categories, unlisted = _categories(root, domain)
    found: list[Problem | str] = [*problems, *more, *most, *unlisted]
    for flow in flows.values():
        found += flow_problems(flow, flows, domain, actions, wordings)
    found += wording_problems(root / "locales", wordings, domain, categories)
    found += language_problems(root / "locales")
    return [_shown(problem, root) for problem in found]


def _categories(root: Path, domain: Domain) -> tuple[frozenset[str], Sequence[Problem | str]]:
    """The ids of the catalogue; of a broken one only what is wrong in it."""
    try:
        catalogue = Catalogue.load(root / "flows" / "catalogue.yml", slots=domain.types)
    except BadDocuments as error:
        return frozenset(), error.problems
    return frozenset(catalogue.categories), ()


def _unreadable(root: Path) -> Iterator[str]:
    """Every file that is no YAML at all: what the others hold cannot be judged before these are mended."""
    for folder in ("flows", "locales"):
        for file in sorted((root / folder).rglob("*.yml")):
            try:
                read_yaml(file)
            except BadDocuments as error:
                yield from (_shown(problem, root) for problem in error.problems)


def _shown(problem: Problem | str, root: Path) -> str:
    return str(problem).replace(f"{root}/", "")


def flow_problems(
    flow: Flow, flows: dict[str, Flow], domain: Domain, actions: frozenset[str], wordings: dict[str, Wording]
) -> Iterator[Problem]:
    """What one flow names that does not exist, and steps that nothing leads to."""

    def wrong(step: Step, text: str) -> Problem:
        return Problem(flow.file, step.where, f"flow {flow.id}, step {step.id}: {text}")

    reached = _reachable(flow)
    for step in flow.steps.values():
        if step.id not in reached:
            yield wrong(step, "no step leads here")
        for branch in step.next:
            if branch.target != END and branch.target not in flow.steps:
                yield wrong(step, f"there is no step {branch.target!r}")
            if branch.condition:
                for slot in _SLOT.findall(branch.condition.source):
                    if slot not in domain.types:
                        yield wrong(step, f"condition names the unknown slot {slot!r}")
        for text in _step_problems(step, flow, flows, domain, actions, wordings):
            yield wrong(step, text)
    for slot in sorted(flow.persisted - domain.types.keys()):
        where = ("flows", flow.id, "persisted_slots")
        yield Problem(flow.file, where, f"flow {flow.id}: persisted_slots names the unknown slot {slot!r}")


def _reachable(flow: Flow) -> set[str]:
    found: set[str] = set()
    waiting = [flow.first]
    while waiting:
        step_id = waiting.pop()
        if step_id in found or step_id not in flow.steps:
            continue
        found.add(step_id)
        waiting += [branch.target for branch in flow.steps[step_id].next]
    return found


def _step_problems(
    step: Step,
    flow: Flow,
    flows: dict[str, Flow],
    domain: Domain,
    actions: frozenset[str],
    wordings: dict[str, Wording],
) -> Iterator[str]:
    if step.kind == "collect":
        yield from _collect_problems(step, domain, actions, wordings)
    elif step.kind == "action":
        yield from _action_problems(step.value, actions, wordings)
    elif step.kind == "set_slots":
        yield from (f"unknown slot {slot!r}" for slot in step.value if slot not in domain.types)
    elif step.kind == "call":
        called = flows.get(step.value)
        if called is None:
            yield f"calls {step.value!r}, which is no flow"
        elif any(inner.kind == "link" for inner in called.steps.values()):
            yield f"calls {step.value!r}, which holds a link; a called flow must come back"
    elif step.kind == "link":
        if step.value not in flows:
            yield f"links to {step.value!r}, which is no flow"
        elif step.value == flow.id:
            yield "links to itself"


def _collect_problems(
    step: Step, domain: Domain, actions: frozenset[str], wordings: dict[str, Wording]
) -> Iterator[str]:
    slot = step.value
    if slot not in domain.types:
        yield f"collects the unknown slot {slot!r}"
    asks = step.utter or f"utter_ask_{slot}"
    if f"action_ask_{slot}" not in actions:
        yield from _missing(asks, wordings)
    for rejection in step.rejections:
        yield from _missing(rejection.utter, wordings)


def _action_problems(name: str, actions: frozenset[str], wordings: dict[str, Wording]) -> Iterator[str]:
    if name.startswith("utter_"):
        yield from _missing(name, wordings)
    elif name not in BUILTINS and name not in actions:
        yield f"there is no action {name!r}"


def _missing(utter: str, wordings: dict[str, Wording]) -> Iterator[str]:
    languages = [code for code, wording in sorted(wordings.items()) if utter not in wording.responses]
    if languages:
        yield f"response {utter!r} is missing in {', '.join(languages)}"

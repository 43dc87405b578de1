"""What is wrong in `locales/languages.yml` and in the folders it names, and what its drafts still lack."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.engine.checked import Checked
from bot.engine.documents import Problem, Where, read_yaml
from bot.language.languages import BASE, CODE, FILE, Language, gaps, load_languages

TEXTS = ("responses", "words", "categories")
FILES = (*TEXTS, "lexicon", "intents", "numbers")
_STATUS = ("complete", "draft")


def table_problems(locales: Path) -> list[Problem]:
    """Mistakes of form in languages.yml; with one of them nothing else can be loaded."""
    checked = Checked(locales / FILE)
    table = checked.keys(read_yaml(checked.file), (), (BASE,), _codes(checked.file)) or {}
    for code, entry in table.items():
        _check_entry(checked, str(code), entry, table)
    return checked.problems


def _codes(file: Path) -> list[str]:
    table = read_yaml(file)
    return [str(code) for code in table] if isinstance(table, dict) else []


def _check_entry(checked: Checked, code: str, entry: Any, table: dict[str, Any]) -> None:
    if not CODE.fullmatch(code):
        checked.wrong((code,), "is no code of a language")
    given = checked.keys(entry, (code,), ("name", "latin", "status", "review", "offered"), ("like",))
    if given is None:
        return
    for key in ("name", "latin", "review"):
        checked.text(given[key], (code, key))
    checked.flag(given["offered"], (code, "offered"))
    draft = checked.one_of(given["status"], (code, "status"), _STATUS) == "draft"
    if draft != ("like" in given):
        checked.wrong((code,), "must have `like` if it is a draft, and only then")
    elif draft:
        whole = [str(key) for key, other in table.items() if isinstance(other, dict) and "like" not in other]
        checked.one_of(given["like"], (code, "like"), whole)
    for name in TEXTS:
        if not (checked.file.parent / code / f"{name}.yml").is_file():
            checked.wrong((code,), f"has no {code}/{name}.yml")


def language_problems(locales: Path) -> Iterator[Problem]:
    """Folders and names that languages.yml does not know, and words that a complete language lacks."""
    languages = load_languages(locales)
    for folder in sorted(path for path in locales.iterdir() if path.is_dir()):
        if folder.name not in languages:
            yield Problem(locales / FILE, (), f"{folder.name}/ is a folder without an entry here")
    for file in sorted(locales.glob("*/intents.yml")):
        for code in (read_yaml(file) or {}).get("languages") or {}:
            if code != "ask" and code not in languages:
                yield Problem(file, ("languages", code), f"{code} is not in {FILE}")
    for language in languages.values():
        if not language.draft:
            for name in ("words", "categories"):
                file = locales / language.code / f"{name}.yml"
                for where in gaps(read_yaml(file), read_yaml(locales / BASE / f"{name}.yml")):
                    text = ".".join(str(key) for key in where)
                    yield Problem(file, where, f"{text} has no {language.code} wording")


def draft_notes(locales: Path) -> list[str]:
    """One line a draft: how much of each file is still said as in the language it is like."""
    return [_note(locales, each) for each in load_languages(locales).values() if each.draft]


def _note(locales: Path, draft: Language) -> str:
    counts = []
    for name in FILES:
        like = _read(locales / str(draft.like) / f"{name}.yml") or _read(locales / BASE / f"{name}.yml")
        missing: list[Where] = list(gaps(_read(locales / draft.code / f"{name}.yml"), like))
        counts.append(f"{len(missing)} {name}")
    return f"{draft.code} is a draft ({draft.review}); still as in {draft.like}: {', '.join(counts)}"


def _read(file: Path) -> Any:
    """What can be compared: of the number words the numbers, of the intents the phrases."""
    body = read_yaml(file) if file.is_file() else None
    if file.stem == "numbers":
        return {key: line for block in body or [] for key, line in (block.get("numbers") or {}).items()}
    return (body or {}).get("phrases") if file.stem == "intents" else body

"""The words of the console, in Hindi and English, from one data file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from flask import session

from bot.engine.documents import Problem, read_yaml
from bot.settings import ROOT
from bot.web.console.guard import somebody

LANGUAGES = ("hi", "en")
FILE = Path("locales") / "console.yml"
_GAP = re.compile(r"\{(\w+)\}")


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """Each word by its name: `{"hi": …, "en": …}`; read once, at the first page."""
    found: Mapping[str, Mapping[str, str]] = read_yaml(ROOT / FILE)
    return found


def language() -> str:
    """That of the rep who is signed in; of whom nobody can ask, what her browser was told last."""
    who = somebody()
    chosen = who.language if who else session.get("language")
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


def t(name: str, **values: object) -> str:
    """The word of this name in the rep's language; KeyError for one that is not in the file."""
    text = words()[name][language()]
    return text.format(**values) if values else text


def word_for(prefix: str, name: str | None) -> str:
    """The word `<prefix>_<name>`; `<prefix>_other` where there is none."""
    known = words()
    return t(f"{prefix}_{name}" if f"{prefix}_{name}" in known else f"{prefix}_other")


def problems(root: Path) -> list[Problem]:
    """What is wrong in the file: a word missing in a language, or with other gaps than in the first."""
    found = []
    for name, texts in read_yaml(root / FILE).items():
        here = texts if isinstance(texts, dict) else {}
        if set(here) != set(LANGUAGES) or not all(isinstance(each, str) and each for each in here.values()):
            found.append(
                Problem(root / FILE, (name,), f"{name}: needs {' and '.join(LANGUAGES)}, and no more")
            )
        elif len({frozenset(_GAP.findall(text)) for text in here.values()}) > 1:
            found.append(Problem(root / FILE, (name,), f"{name}: not the same {{gaps}} in each language"))
    return found

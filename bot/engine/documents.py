"""Data files: read without surprises, and problems that name their file and line.

`yes`, `no`, `on` and `12:30` stay text (YAML 1.2), and a key written twice is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

Where = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a data file. `where` is the path of keys and list positions to it."""

    file: Path
    where: Where
    text: str

    def line(self) -> int:
        """The line, from 1, of the nearest key that can be found; the file is read again for it."""
        try:
            node = YAML().load(self.file.read_text(encoding="utf-8"))
        except (MarkedYAMLError, OSError, ValueError):
            return 1
        line = 0
        for key in self.where:
            try:
                line = node.lc.item(key)[0] if isinstance(key, int) else node.lc.key(key)[0]
                node = node[key]
            except (AttributeError, KeyError, IndexError, TypeError):
                break
        return int(line) + 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line()}: {self.text}"


class BadDocuments(Exception):
    """Data files that cannot be used; `problems` holds every one that was found in this run."""

    def __init__(self, problems: Sequence[Problem | str]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = list(problems)


def read_yaml(path: Path) -> Any:
    """One YAML file as plain dicts, lists and scalars; BadDocuments with the line if it cannot be read."""
    try:
        return YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark else 1
        raise BadDocuments([f"{path}:{line}: {error.problem or error.context}"]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadDocuments([f"{path}:1: {error}"]) from None

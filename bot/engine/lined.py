"""A YAML file as nodes that know their line, so that a mistake in data can be named exactly.

Only the words `true`, `false` and `null` mean something; every other plain word or number stays a text,
as `yes`, `no`, `on` and `12:30` must. Two equal keys in one mapping are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

CONSTANTS = {"true": True, "false": False, "null": None, "~": None, "": None}


class LinedError(Exception):
    """The file is not readable YAML; the message is `file:line: what`."""


@dataclass(frozen=True, slots=True)
class Lined:
    """Any node; `where` is `file:line`."""

    where: str


@dataclass(frozen=True, slots=True)
class Leaf(Lined):
    """A text, true, false or null."""

    value: str | bool | None


@dataclass(frozen=True, slots=True)
class ListOf(Lined):
    """A list of nodes."""

    items: tuple[Lined, ...]


@dataclass(frozen=True, slots=True)
class Branch(Lined):
    """A mapping, in the file's order."""

    items: Mapping[str, Lined]


def read(path: Path) -> Lined:
    """The file's nodes. Raises LinedError for broken YAML, an empty file or a repeated key."""
    try:
        root = YAML(typ="safe", pure=True).compose(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise LinedError(f"{path.name}:{line}: {error.problem}") from None
    if root is None:
        raise LinedError(f"{path.name}:1: the file is empty")
    return _convert(root, path.name)


def _convert(node: Node, name: str) -> Lined:
    where = f"{name}:{node.start_mark.line + 1}"
    if isinstance(node, ScalarNode):
        plain = node.style is None
        return Leaf(where, CONSTANTS.get(node.value, node.value) if plain else node.value)
    if isinstance(node, SequenceNode):
        return ListOf(where, tuple(_convert(item, name) for item in node.value))
    if isinstance(node, MappingNode):
        return Branch(where, _branch(node, name))
    raise LinedError(f"{where}: neither a mapping, a list nor a value")


def _branch(node: MappingNode, name: str) -> dict[str, Lined]:
    items: dict[str, Lined] = {}
    for key, value in node.value:
        word = str(key.value)
        if word in items:
            raise LinedError(f"{name}:{key.start_mark.line + 1}: the key {word!r} stands twice")
        items[word] = _convert(value, name)
    return items

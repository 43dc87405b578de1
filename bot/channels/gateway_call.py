"""One HTTP call of a gateway, opened: its fields whatever their encoding, its lists item by item."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl

Fields = Mapping[str, Any]
MOST_FIELDS = 200
_HIGH = re.compile(rb"[\x80-\xff]")
_ESCAPED = re.compile(r"%u([0-9a-fA-F]{4})")
_INDIC = re.compile("[\u0900-\u0dff]")


@dataclass(frozen=True, slots=True)
class Call:
    """The query and the body as they came."""

    query: bytes = b""
    body: bytes = b""


class BadCall(Exception):
    """A call that can be no message of this gateway; the text says why, and holds nothing of hers."""


def items(call: Call, kind: Literal["form", "json"], path: str) -> Iterator[Fields]:
    """What the call holds, one after the other; raises BadCall."""
    if kind == "form":
        tree: Any = {**_pairs(call.query), **_pairs(call.body)}
    else:
        try:
            tree = json.loads(call.body)
        except (ValueError, RecursionError):
            raise BadCall("the body is not JSON") from None
    yield from _walk(tree, path.split(".") if path else [], {})


def value_at(item: Fields, path: str) -> str:
    """The value at a dotted path as text; nothing for what is not there or is no single value."""
    value: Any = item
    for key in path.split(".") if path else ():
        if isinstance(value, list) and key.isdigit():
            value = value[int(key)] if int(key) < len(value) else None
        else:
            value = value.get(key) if isinstance(value, Mapping) else None
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) else ""


def from_hex(text: str) -> str:
    """`09280940` → `नी`; what is no UTF-16 in hexadecimal stays as it is."""
    try:
        return bytes.fromhex(text).decode("utf-16-be", "surrogatepass").removeprefix("\ufeff")
    except ValueError:
        return text


def mended(text: str) -> str:
    """`%u0928` as its letter, and UTF-8 that somebody on the way took for Latin letters read rightly."""
    text = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), text)
    for encoding in ("latin-1", "cp1252"):
        try:
            read = text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        if _INDIC.search(read):
            return read
    return text


def _pairs(raw: bytes) -> dict[str, str]:
    quoted = _HIGH.sub(lambda byte: b"%%%02X" % byte[0][0], raw).decode("ascii")
    try:
        pairs = parse_qsl(quoted, keep_blank_values=True, encoding="latin-1", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise BadCall("too many fields") from None
    return {_decoded(name): _decoded(value) for name, value in pairs}


def _decoded(text: str) -> str:
    raw = text.encode("latin-1")
    for encoding in ("utf-8", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return text


def _walk(node: Any, keys: list[str], around: Fields) -> Iterator[Fields]:
    """The items at the end of the keys. What stands around a list belongs to each of its items."""
    if isinstance(node, str):  # a field of a form may hold JSON
        try:
            node = json.loads(node)
        except (ValueError, RecursionError):
            raise BadCall("a list was expected") from None
    if isinstance(node, list):
        for item in node:
            yield from _walk(item, keys, around)
    elif isinstance(node, dict):
        if keys:
            yield from _walk(node.get(keys[0], []), keys[1:], {**around, **node})
        else:
            yield {**around, **node}
    else:
        raise BadCall("a message must be an object")

"""Long messages come in parts, in any order, some twice, some never: put together again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

GAP = " … "
"""Stands where a part never came."""


@dataclass(frozen=True, slots=True)
class Part:
    """Part `number` of `total` of the long message `ref`, which the phone counts round and round."""

    gateway: str
    address: str
    ref: str
    number: int
    total: int
    text: str
    provider_id: str


def assemble(parts: Iterable[Part]) -> list[list[Part]]:
    """The parts of each message, in order. Parts must come oldest first.

    One that stands in its message already begins the next message of the same `ref`.
    """
    found: list[list[Part]] = []
    for part in parts:
        fitting = (
            group
            for group in found
            if (group[0].ref, group[0].total) == (part.ref, part.total)
            and all(other.number != part.number for other in group)
        )
        group = next(fitting, None)
        if group is None:
            found.append([part])
        else:
            group.append(part)
    return [sorted(group, key=lambda part: part.number) for group in found]


def is_whole(group: Sequence[Part]) -> bool:
    """Are all parts there?"""
    return len(group) == group[0].total


def joined(group: Sequence[Part]) -> tuple[str, str]:
    """(the text, an id that is the same whenever these parts are joined)."""
    text = ""
    for before, part in zip([None, *group], group, strict=False):
        missing = part.number - (before.number if before else 0) > 1
        text = text.rstrip() + GAP + part.text.lstrip() if missing else text + part.text
    if group[-1].number < group[0].total:
        text = text.rstrip() + GAP
    seed = "\n".join(part.provider_id for part in group)
    return text.strip(), f"{group[0].gateway}:joined-{sha256(seed.encode()).hexdigest()[:32]}"

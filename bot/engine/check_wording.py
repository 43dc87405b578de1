"""What is wrong in the locales: missing translations, buttons over their limit, placeholders nobody fills."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from bot.engine.documents import Problem, Where
from bot.engine.domain import Domain
from bot.engine.responses import Variation
from bot.engine.wording import COUNTS, MONEY, PART_LISTS, Wording

MOST_BUTTONS, BUTTON_TITLE = 3, 20
MOST_ROWS, ROW_TITLE = 10, 24
TEXT_WITH_BUTTONS, TEXT = 1024, 1600
"""WhatsApp's limits through Twilio, in code points."""
GIVEN = {
    *MONEY,
    *COUNTS,
    *PART_LISTS,
    *("photo_role", "photo_problem", "photo_number", "choice", "key", "join_code", "own_copy", "name"),
    *("org", "helpline", "rep", "number", "slot_name", "question", "listing_line", "listings", "status"),
}
"""Placeholders that the engine or an action fills beside slots."""
_PAYLOAD = re.compile(r"^/(SetSlots\((?P<pairs>[^)]+)\)|(start_flow|correct)\([a-z_]+\)|[a-z_]+)$")


def wording_problems(
    folder: Path, wordings: dict[str, Wording], domain: Domain, categories: frozenset[str]
) -> Iterator[Problem]:
    """All problems of all locales."""
    everywhere = set().union(*(wording.responses.keys() for wording in wordings.values()))
    for code, wording in wordings.items():
        file = folder / code / "responses.yml"
        for missing in sorted(everywhere - wording.responses.keys()):
            yield Problem(file, ("responses",), f"{missing} has no {code} wording")
        for name, variations in wording.responses.items():
            for number, variation in enumerate(variations):
                where: Where = ("responses", name, number)
                for text in _variation_problems(variation, domain):
                    yield Problem(file, where, f"{name}: {text}")
        for missing in sorted(categories - wording.categories.keys()):
            yield Problem(folder / code / "categories.yml", ("categories",), f"{missing} has no {code} name")


def _variation_problems(variation: Variation, domain: Domain) -> Iterator[str]:
    for name in sorted(variation.placeholders() - domain.types.keys() - GIVEN):
        yield f"nobody fills the placeholder {{{name}}}"
    count = len(variation.buttons)
    limit = BUTTON_TITLE if count <= MOST_BUTTONS else ROW_TITLE
    if count > MOST_ROWS:
        yield f"{count} choices, at most {MOST_ROWS} fit"
    titles = ["".join(title) for title, _ in variation.buttons]
    if len(set(titles)) < len(titles):
        yield "two buttons have the same title"
    for title in titles:
        if len(title) > limit:
            yield f"button {title!r} has {len(title)} letters, at most {limit} fit"
    length = len("".join(variation.parts))
    most = TEXT_WITH_BUTTONS if count else TEXT
    if length > most:
        yield f"the text has {length} letters, at most {most} fit"
    for _, payload in variation.buttons:
        yield from _payload_problems(payload, domain)


def _payload_problems(payload: str, domain: Domain) -> Iterator[str]:
    match = _PAYLOAD.match(payload)
    if not match:
        yield f"payload {payload!r} is not understood"
    elif match["pairs"]:
        for pair in match["pairs"].split(","):
            slot = pair.partition("=")[0].strip()
            if slot not in domain.types:
                yield f"payload {payload!r} sets the unknown slot {slot!r}"

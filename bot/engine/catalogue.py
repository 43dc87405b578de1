"""The categories of `flows/catalogue.yml`: what to ask about each, and what to suggest to the marketplace.

`Catalogue.load` checks the whole file and reports every mistake at once, each with its file and line.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from bot.engine.checked import Checked
from bot.engine.lined import Branch, Lined, LinedError, read

LANGUAGES = ("hi", "hne", "hi-Latn", "en")
DESCRIBED_IN = ("hi", "en")
BASES = ("piece", "pair", "set", "dozen", "kori", "hundred", "kg", "gram", "metre", "litre", "packet")
MUST_KNOW = ("size", "net_weight", "length", "bangle_size", "pieces_in_set")
NAME_LENGTH = 20
REQUIRED = (
    *("names", "title", "hsn", "gst_rate", "gi", "must_know", "price_per"),
    *("questions", "usual_price", "materials", "districts", "handmade"),
)


class CatalogueError(Exception):
    """The catalogue cannot be used; one line of the message for each mistake, `file:line: what`."""


@dataclass(frozen=True, slots=True)
class PriceRange:
    """Rupees for the first price basis, both ends included. Not reviewed: only to ask "really?"."""

    low: Decimal
    high: Decimal

    def __contains__(self, amount: Decimal) -> bool:
        return self.low <= amount <= self.high


@dataclass(frozen=True, slots=True)
class Category:
    """One craft. `names` has one for each of LANGUAGES; `price_per[0]` is assumed unless `ask_price_per`.

    `hsn`, `gst_rate` (per cent) and `gi` (ids of claims that may fit) are suggestions, None or empty when
    unknown. `questions` are slots asked after the hand-over, in order; `materials` (implied by the craft) and
    `districts` (where it is typical) are lexicon ids.
    """

    key: str
    names: Mapping[str, str]
    title: str
    hsn: str | None
    gst_rate: str | None
    gi: tuple[str, ...]
    must_know: str
    price_per: tuple[str, ...]
    ask_price_per: bool
    questions: tuple[str, ...]
    usual_price: PriceRange
    materials: tuple[str, ...]
    districts: tuple[str, ...]
    handmade: bool | None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All categories by key, in the file's order, and the sentences of a description for `hi` and `en`."""

    categories: Mapping[str, Category]
    description: Mapping[str, tuple[str, ...]]

    @classmethod
    def load(cls, path: Path, slots: Collection[str] | None = None) -> Catalogue:
        """Read and check the file; `slots`, if given, are all the slots that a question may name.

        Raises CatalogueError with every mistake found.
        """
        checked = Checked()
        try:
            catalogue = _catalogue(checked, read(path), slots)
        except LinedError as error:
            raise CatalogueError(str(error)) from None
        if checked.problems or catalogue is None:
            raise CatalogueError("\n".join(checked.problems))
        return catalogue

    def get(self, key: object) -> Category | None:
        """The category of that key, or None for an unknown key or no key at all."""
        return self.categories.get(key) if isinstance(key, str) else None


def _catalogue(checked: Checked, root: Lined, slots: Collection[str] | None) -> Catalogue | None:
    top = checked.keys(root, "the catalogue", ("description", "categories"))
    if top is None:
        return None
    described = checked.keys(top["description"], "description", DESCRIBED_IN) or {}
    listed = top["categories"]
    if not isinstance(listed, Branch):
        checked.wrong(listed, "categories must be a mapping of key to category")
        return None
    found = [_category(checked, key, node, slots) for key, node in listed.items.items()]
    sentences = {code: checked.texts(node, f"description.{code}") for code, node in described.items()}
    return Catalogue({each.key: each for each in found if each is not None}, sentences)


def _category(checked: Checked, key: str, node: Lined, slots: Collection[str] | None) -> Category | None:
    given = checked.keys(node, key, REQUIRED, ("ask_price_per",))
    if given is None:
        return None
    texts, asks = checked.texts, given.get("ask_price_per")
    return Category(
        key=key,
        names=_names(checked, given["names"], key),
        title=checked.text(given["title"], f"{key}.title") or "",
        hsn=checked.digits(given["hsn"], f"{key}.hsn"),
        gst_rate=checked.digits(given["gst_rate"], f"{key}.gst_rate"),
        gi=texts(given["gi"], f"{key}.gi"),
        must_know=checked.one_of(given["must_know"], f"{key}.must_know", MUST_KNOW),
        price_per=_bases(checked, given["price_per"], f"{key}.price_per"),
        ask_price_per=asks is not None and checked.flag(asks, f"{key}.ask_price_per") is True,
        questions=_questions(checked, given["questions"], f"{key}.questions", slots),
        usual_price=_range(checked, given["usual_price"], f"{key}.usual_price"),
        materials=texts(given["materials"], f"{key}.materials"),
        districts=texts(given["districts"], f"{key}.districts"),
        handmade=checked.flag(given["handmade"], f"{key}.handmade"),
    )


def _names(checked: Checked, node: Lined, key: str) -> dict[str, str]:
    names: dict[str, str] = {}
    for code, item in (checked.keys(node, f"{key}.names", LANGUAGES) or {}).items():
        names[code] = checked.text(item, f"{key}.names.{code}") or ""
        length = len(names[code])
        if length > NAME_LENGTH:
            checked.wrong(item, f"{key}.names.{code} has {length} characters, a button holds {NAME_LENGTH}")
    return names


def _bases(checked: Checked, node: Lined, name: str) -> tuple[str, ...]:
    bases = checked.texts_of(node, name, BASES)
    if not bases:
        checked.wrong(node, f"{name} must name at least one basis")
    return bases


def _questions(checked: Checked, node: Lined, name: str, slots: Collection[str] | None) -> tuple[str, ...]:
    return checked.texts(node, name) if slots is None else checked.texts_of(node, name, slots)


def _range(checked: Checked, node: Lined, name: str) -> PriceRange:
    given = checked.keys(node, name, ("low", "high"))
    if given is None:
        return PriceRange(Decimal(1), Decimal(1))
    low, high = (checked.amount(given[end], f"{name}.{end}") for end in ("low", "high"))
    if low >= high:
        checked.wrong(node, f"{name}: low must be below high")
    return PriceRange(low, high)

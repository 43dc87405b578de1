"""The categories of `flows/catalogue.yml`: what to ask about each, and what to suggest to the marketplace.

`Catalogue.load` checks the whole file and reports every mistake at once, each with its file and line.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.engine.checked import Checked
from bot.engine.documents import BadDocuments, Where, read_yaml

DESCRIBED_IN = ("hi", "en")
BASES = ("piece", "pair", "set", "dozen", "kori", "hundred", "kg", "gram", "metre", "litre", "packet")
MUST_KNOW = ("size", "net_weight", "length", "bangle_size", "pieces_in_set")
REQUIRED = (
    *("name", "title", "hsn", "gst_rate", "gi", "must_know", "price_per"),
    *("questions", "usual_price", "materials", "districts", "handmade"),
)


@dataclass(frozen=True, slots=True)
class PriceRange:
    """Rupees for the first price basis, both ends included. Not reviewed: only to ask "really?"."""

    low: Decimal
    high: Decimal

    def __contains__(self, amount: Decimal) -> bool:
        return self.low <= amount <= self.high


@dataclass(frozen=True, slots=True)
class Category:
    """One craft. `name` and `title` are English; `price_per[0]` is assumed unless `ask_price_per`.

    `hsn`, `gst_rate` (per cent) and `gi` (ids of claims that may fit) are suggestions, None or empty when
    unknown. `questions` are slots asked after the hand-over, in order; `materials` (implied by the craft) and
    `districts` (where it is typical) are lexicon ids.
    """

    key: str | None
    name: str
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


UNPLACED = Category(
    key=None,
    name="Product",
    title="{product}[ in {material}][, {colour}]",
    hsn=None,
    gst_rate=None,
    gi=(),
    must_know="size",
    price_per=BASES,
    ask_price_per=True,
    questions=(),
    usual_price=PriceRange(Decimal(1), Decimal(1_000_000)),
    materials=(),
    districts=(),
    handmade=None,
)
"""What she could not place and nobody guesses: the listing goes on, and a rep finds its category."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All categories by key, in the file's order, and the sentences of a description for `hi` and `en`."""

    categories: Mapping[str, Category]
    description: Mapping[str, tuple[str, ...]]

    @classmethod
    def load(cls, path: Path, slots: Collection[str] | None = None) -> Catalogue:
        """Read and check the file; `slots`, if given, are all the slots that a question may name.

        Raises BadDocuments with every mistake found.
        """
        checked = Checked(path)
        catalogue = _catalogue(checked, read_yaml(path), slots)
        if checked.problems or catalogue is None:
            raise BadDocuments(checked.problems)
        return catalogue

    def get(self, key: object) -> Category | None:
        """The category of that key, or None for an unknown key or no key at all."""
        return self.categories.get(key) if isinstance(key, str) else None


def _catalogue(checked: Checked, root: Any, slots: Collection[str] | None) -> Catalogue | None:
    top = checked.keys(root, (), ("description", "categories"))
    if top is None:
        return None
    described = checked.keys(top["description"], ("description",), DESCRIBED_IN) or {}
    sentences = {code: checked.texts(texts, ("description", code)) for code, texts in described.items()}
    listed = checked.keys(top["categories"], ("categories",), (), top["categories"] or ())
    found = [_category(checked, key, given, slots) for key, given in (listed or {}).items()]
    return Catalogue({str(each.key): each for each in found if each is not None}, sentences)


def _category(checked: Checked, key: str, entry: Any, slots: Collection[str] | None) -> Category | None:
    at: Where = ("categories", key)
    given = checked.keys(entry, at, REQUIRED, ("ask_price_per",))
    if given is None:
        return None
    return Category(
        key=key,
        name=checked.text(given["name"], (*at, "name")),
        title=checked.text(given["title"], (*at, "title")),
        hsn=checked.digits(given["hsn"], (*at, "hsn")),
        gst_rate=checked.digits(given["gst_rate"], (*at, "gst_rate")),
        gi=checked.texts(given["gi"], (*at, "gi")),
        must_know=checked.one_of(given["must_know"], (*at, "must_know"), MUST_KNOW),
        price_per=_bases(checked, given["price_per"], (*at, "price_per")),
        ask_price_per=checked.flag(given.get("ask_price_per"), (*at, "ask_price_per")) is True,
        questions=checked.texts(given["questions"], (*at, "questions"), slots),
        usual_price=_range(checked, given["usual_price"], (*at, "usual_price")),
        materials=checked.texts(given["materials"], (*at, "materials")),
        districts=checked.texts(given["districts"], (*at, "districts")),
        handmade=checked.flag(given["handmade"], (*at, "handmade")),
    )


def _bases(checked: Checked, value: Any, where: Where) -> tuple[str, ...]:
    bases = checked.texts(value, where, BASES)
    if not bases:
        checked.wrong(where, "must name at least one basis")
    return bases


def _range(checked: Checked, value: Any, where: Where) -> PriceRange:
    given = checked.keys(value, where, ("low", "high"))
    if given is None:
        return PriceRange(Decimal(1), Decimal(1))
    low, high = (checked.amount(given[end], (*where, end)) for end in ("low", "high"))
    if low >= high:
        checked.wrong(where, "must have its low below its high")
    return PriceRange(low, high)

"""Title and description: in Hindi what she said, in English what the catalogue and the lexicon can add."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.engine.catalogue import Category
from bot.handoff.given import ListingInput
from bot.handoff.measures import Measures
from bot.handoff.wording import clean, fill
from bot.handoff.words import english, english_product, hindi
from bot.messages import Json

TITLE, LONG = 150, 4000
SAID = (
    *("product_name", "size", "length", "bangle_size", "weight", "net_weight"),
    *("pieces_in_set", "ingredients", "care", "story"),
)


def described(given: ListingInput, category: Category, sizes: Measures) -> tuple[Json, Json]:
    """({hi, en} title, {hi, en} description). Nothing is said that she or the craft itself did not say."""
    values = _values(given, category, sizes)
    title = _english_title(category, values)
    values["title"] = title
    names = {"hi": clean(values["product_name_said"], TITLE) or category.name, "en": title}
    texts = {code: _sentences(given.catalogue.description[code], values) for code in ("hi", "en")}
    return names, {code: texts[code] or names[code] for code in ("hi", "en")}


def _english_title(category: Category, values: Mapping[str, str]) -> str:
    """`Dhokra elephant in brass, red`; with no known product word, the craft's name stands for it."""
    whole = fill(category.title, values)
    if whole is None:
        optional = category.title[category.title.find("[") :] if "[" in category.title else ""
        whole = category.name + (fill(optional, values) or "")
    return (whole[:1].upper() + whole[1:])[:TITLE].strip()


def _sentences(patterns: tuple[str, ...], values: Mapping[str, str]) -> str:
    said = (fill(pattern, values) for pattern in patterns)
    return " ".join(text for text in said if text)[:LONG].strip()


def _values(given: ListingInput, category: Category, sizes: Measures) -> dict[str, str]:
    slots = given.slots
    lexicon = given.lexicon
    materials = _list(slots.get("material")) or category.materials
    colours = _list(slots.get("colour"))
    said = {f"{slot}_said": _said(slots.get(slot)) for slot in SAID}
    return said | {
        "product": english_product(lexicon, slots.get("product_name")) or "",
        "material": _joined((english(lexicon, "material", each) for each in materials), " and ").lower(),
        "colour": _joined((english(lexicon, "colour", each) for each in colours), " and ").lower(),
        "materials_hi": _joined(hindi(lexicon, "material", each) for each in materials),
        "colours_hi": _joined(hindi(lexicon, "colour", each) for each in colours),
        "dimensions": sizes.dimensions_text,
        "bangle_size_figures": clean(slots.get("bangle_size"), 20) or "",
        "weight": f"{sizes.weight_g:g} g" if sizes.weight_g else "",
        "net_quantity": sizes.label or "",
        "making_days": _said(slots.get("making_days")),
        "made_to_order": "yes" if slots.get("made_to_order") is True else "",
        "handmade": "yes" if category.handmade else "",
        "district_en": english(lexicon, "district", slots.get("district")) or "",
    }


def _said(value: object) -> str:
    return clean(str(value) if isinstance(value, int) else value, LONG) or ""


def _list(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _joined(names: Iterable[str | None], mark: str = ", ") -> str:
    return mark.join(name for name in names if name)

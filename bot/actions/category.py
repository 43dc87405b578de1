"""Which category a product belongs to, from her words for it, what it is made of and where she lives."""

from __future__ import annotations

from typing import Any

from bot.actions.reference import catalogue, lexicon
from bot.language.script import normalise

KINDS = frozenset({"product", "material", "craft"})


def guess_category(slots: dict[str, Any]) -> str | None:
    """The category key that everything points to, or None when she must be asked."""
    words = lexicon()
    found = words.names.find(normalise(str(slots.get("product_name") or "")).tokens, KINDS)
    products = [name.id for name in found if name.kind == "product"]
    crafts = [name.id for name in found if name.kind == "craft"]
    materials = [name.id for name in found if name.kind == "material"]
    materials += [item for item in slots.get("material") or [] if item not in materials]
    if slots.get("craft"):
        crafts.append(slots["craft"])
    category = words.category(products, materials, crafts)
    return category if category in catalogue().categories else None

"""What kind of answer each slot takes, so that the readers know what `पाँच` means when it is said."""

from __future__ import annotations

from typing import NamedTuple

UNITS = ("piece", "pair", "set", "dozen", "kori", "hundred", "kg", "gram", "metre", "litre", "packet")


class Asked(NamedTuple):
    """The awaited slot and its kind of answer; both None when nothing, or nothing known, is awaited."""

    slot: str | None
    kind: str | None


_KINDS = {
    "money": ("price",),
    "count": ("stock", "pieces_in_set"),
    "length": ("size", "length"),
    "weight": ("weight", "net_weight"),
    "duration": ("making_days",),
    "date": ("made_on", "best_before"),
    "pincode": ("pincode",),
    "digits": ("fssai", "gstin"),
    "size_bangle": ("bangle_size",),
    "district": ("district",),
    "name": ("seller_name",),
    "language": ("language",),
    "open": ("product_name", "photos"),
    "lexicon": ("material", "colour"),
    "choice": ("price_per", "seller_kind", "category", "listing_change", "change_what"),
    "bool": (
        "consent",
        "photos_done",
        "confirm_heard",
        "confirm_listing",
        "confirm_one",
        "confirm_cancel",
        "confirm_restart",
        "confirm_erase",
        "confirm_withdraw",
        "sell_more",
        "made_to_order",
        "veg",
        "hollow",
        "blouse_piece",
        "food_safe",
    ),
    "text": (
        "village",
        "block",
        "group_name",
        "care",
        "story",
        "pickup_place",
        "ingredients",
        "wood",
        "purity",
        "finish",
    ),
}
_BY_SLOT = {slot: kind for kind, slots in _KINDS.items() for slot in slots}
NOTHING = Asked(None, None)


def asked(slot: str | None) -> Asked:
    """The kind of answer this slot takes. An unknown slot counts as nothing asked."""
    kind = _BY_SLOT.get(slot) if slot is not None else None
    return Asked(slot, kind) if kind else NOTHING


def slots() -> tuple[str, ...]:
    """Every slot that can be asked."""
    return tuple(_BY_SLOT)

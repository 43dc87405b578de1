"""What the law and the marketplace ask for: suggestions, until a named person confirms them."""

from __future__ import annotations

from bot.engine.catalogue import Category
from bot.handoff.given import ListingInput
from bot.handoff.measures import Measures
from bot.handoff.official import FSSAI, PINCODE, official
from bot.handoff.wording import clean
from bot.handoff.words import english
from bot.messages import Json


def compliance(given: ListingInput, category: Category, sizes: Measures) -> Json:
    """The compliance block. A geographical indication is claimed only with an authorised user's number.

    What reps checked stands in the slot `checked`: `{field: {"value", "by"}}`, for `gi` with `user` beside. A
    suggestion that has changed since is unconfirmed again.
    """
    checked = given.slots.get("checked") or {}
    seen = checked.get("gi") or {}
    claim, user = given.seller.gi or (seen.get("value"), seen.get("user"))
    if claim not in category.gi or not user:
        claim, user = None, None
    return {
        "hsn": _suggested(category.hsn, checked.get("hsn")),
        "gst_rate": _suggested(category.gst_rate, checked.get("gst_rate")),
        "gi": {"claim": claim, "authorised_user": user},
        "fssai": official(given.slots.get("fssai"), FSSAI),
        "country_of_origin": "IND",
        "net_quantity": sizes.label,
        "manufacturer": _manufacturer(given),
    }


def _suggested(value: str | None, checked: Json | None) -> Json:
    same = bool(value and checked and checked["value"] == value)
    return {"suggested": value, "confirmed_by": checked["by"] if checked and same else None}


def _manufacturer(given: ListingInput) -> Json:
    slots = given.slots
    district = english(given.lexicon, "district", slots.get("district")) or slots.get("district")
    places = [clean(slots.get("village"), 200), clean(district, 200), official(slots.get("pincode"), PINCODE)]
    return {
        "name": clean(slots.get("seller_name"), 200),
        "address": ", ".join([place for place in places if place] + ["Chhattisgarh", "India"]),
    }

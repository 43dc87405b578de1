"""Checks of single answers. A value that cannot be right is cleared, with one kind sentence about it."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.my_listings import chosen
from bot.actions.reference import catalogue

Events = list[dict[str, Any]]
HIGHEST_PRICE = Decimal(1_000_000)
MOST_PIECES = 100_000
MOST_DAYS = 730
MOST_PHOTOS = 10
ENOUGH_PHOTOS = 3
BANGLES = re.compile(r"^2\.(2|4|6|8|10|12|14)$")
GSTIN = re.compile(r"^\d{2}[A-Z]{5}\d{4}[A-Z]\d[A-Z\d]{2}$|^\d{2}[A-Z]{5}\d{4}[A-Z][A-Z\d]Z[A-Z\d]$")


def as_rupees(value: Any) -> Decimal | None:
    """An amount with at most two decimals, or None."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    if not amount.is_finite() or amount != amount.quantize(Decimal("0.01")):
        return None
    return amount


def whole(value: Any) -> int | None:
    """A whole number from JSON (5, "5", "5.0"), or None."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return int(number) if number.is_finite() and number == number.to_integral_value() else None


def unusual(slots: dict[str, Any], amount: Decimal) -> bool:
    """Far from what others ask for such a thing; she is asked, the price is never changed."""
    category = catalogue().categories.get(str(slots.get("category")))
    per = slots.get("price_per")
    if category is None or per not in (None, category.price_per[0]):
        return False
    return amount not in category.usual_price


class ValidatePrice(Action):
    """Above zero, at most ten lakh, whole paise. `price_unusual` makes the read-back ask "really?"."""

    slot = "price"

    def name(self) -> str:
        return f"validate_{self.slot}"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        amount = as_rupees(tracker.get_slot(self.slot))
        if amount is not None and amount == 0:
            dispatcher.utter_message(response="utter_price_zero")
            return [SlotSet(self.slot, None)]
        if amount is None or not 0 < amount <= HIGHEST_PRICE:
            dispatcher.utter_message(response="utter_price_odd")
            return [SlotSet(self.slot, None)]
        return [SlotSet("price_unusual", unusual(self.goods(tracker), amount) or None)]

    def goods(self, tracker: Tracker) -> dict[str, Any]:
        """The slots of what the price is for."""
        return dict(tracker.slots)


class ValidateNewPrice(ValidatePrice):
    """The price of a listing that was handed over, beside what others ask for such a thing."""

    slot = "new_price"

    def goods(self, tracker: Tracker) -> dict[str, Any]:
        listing = chosen(tracker)
        return dict(listing["slots"]) if listing else {}


class ValidateStock(Action):
    """A whole number of pieces, at least one for a new listing."""

    slot = "stock"
    lowest = 1

    def name(self) -> str:
        return f"validate_{self.slot}"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        count = whole(tracker.get_slot(self.slot))
        if count is None or not self.lowest <= count <= MOST_PIECES:
            dispatcher.utter_message(response="utter_count_odd")
            return [SlotSet(self.slot, None)]
        return [SlotSet(self.slot, count)]


class ValidateNewStock(ValidateStock):
    """The stock of a listing that was handed over; nought means sold out."""

    slot = "new_stock"
    lowest = 0


class ValidatePiecesInSet(ValidateStock):
    """How many are in one packet or set."""

    slot = "pieces_in_set"


class ValidateMakingDays(Action):
    """Days to make another one, up to two years."""

    def name(self) -> str:
        return "validate_making_days"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        days = whole(tracker.get_slot("making_days"))
        if days is None or not 0 < days <= MOST_DAYS:
            dispatcher.utter_message(response="utter_count_odd")
            return [SlotSet("making_days", None)]
        return [SlotSet("making_days", days)]


class ValidatePincode(Action):
    """Six digits, the first not nought."""

    def name(self) -> str:
        return "validate_pincode"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        return _keep_if(dispatcher, tracker, "pincode", r"[1-9]\d{5}")


class ValidateFssai(Action):
    """The fourteen digits of a food licence."""

    def name(self) -> str:
        return "validate_fssai"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        return _keep_if(dispatcher, tracker, "fssai", r"\d{14}")


class ValidateBangleSize(Action):
    """Two inches and sixteenths, as bangles are sold: 2.2 to 2.14."""

    def name(self) -> str:
        return "validate_bangle_size"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        return _keep_if(dispatcher, tracker, "bangle_size", BANGLES.pattern)


class ValidateGstin(Action):
    """Fifteen characters: state, PAN, entity, Z, check."""

    def name(self) -> str:
        return "validate_gstin"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        given = re.sub(r"[\s-]", "", str(tracker.get_slot("gstin"))).upper()
        if not GSTIN.match(given):
            dispatcher.utter_message(response="utter_invalid_gstin")
            return [SlotSet("gstin", None)]
        return [SlotSet("gstin", given)]


def _keep_if(dispatcher: CollectingDispatcher, tracker: Tracker, slot: str, pattern: str) -> Events:
    given = re.sub(r"\s", "", str(tracker.get_slot(slot)))
    if not re.fullmatch(pattern, given):
        dispatcher.utter_message(response=f"utter_invalid_{slot}")
        return [SlotSet(slot, None)]
    return [SlotSet(slot, given)]


class ValidatePhotos(Action):
    """Three photos are enough; more than ten are not kept for one listing."""

    def name(self) -> str:
        return "validate_photos"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        photos = (tracker.get_slot("photos") or [])[:MOST_PHOTOS]
        events = [SlotSet("photos", photos or None)]
        if len(photos) >= ENOUGH_PHOTOS:
            events.append(SlotSet("photos_done", True))
        return events


class ValidateDistrict(Action):
    """A district we know by its id, or her own words for one that we do not."""

    def name(self) -> str:
        return "validate_district"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        return [SlotSet("district", str(tracker.get_slot("district")).strip()[:60] or None)]

"""Her listings after the hand-over. `listings` is given by the house: newest first, each
`{"id", "number", "title", "price", "price_per", "stock", "status", "slots"}`.
"""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.language import speak

Events = list[dict[str, Any]]
SHOWN = 10
TITLE_LENGTH = 24
COPIED = (
    *(
        "product_name",
        "category",
        "price",
        "price_per",
        "stock",
        "size",
        "net_weight",
        "length",
        "bangle_size",
    ),
    *("pieces_in_set", "material", "colour", "weight", "making_days", "made_to_order", "care", "story"),
    *(
        "pickup_place",
        "ingredients",
        "fssai",
        "veg",
        "purity",
        "blouse_piece",
        "wood",
        "hollow",
        "finish",
        "food_safe",
    ),
)


def _listings(tracker: Tracker) -> list[dict[str, Any]]:
    return list(tracker.get_slot("listings") or [])[:SHOWN]


def chosen(tracker: Tracker) -> dict[str, Any] | None:
    """The listing she picked, by its number."""
    choice = str(tracker.get_slot("listing_choice"))
    return next((item for item in _listings(tracker) if str(item["number"]) == choice), None)


class ShowListings(Action):
    """Say that there is none, or pick the only one."""

    def name(self) -> str:
        return "action_show_listings"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        listings = _listings(tracker)
        if not listings:
            dispatcher.utter_message(response="utter_no_listings")
        return [SlotSet("listings_count", len(listings))]


class AskListingChoice(Action):
    """One button a listing: its number and name."""

    def name(self) -> str:
        return "action_ask_listing_choice"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        buttons = [
            {
                "title": f"{item['number']} {item['title']}"[:TITLE_LENGTH],
                "payload": f"/SetSlots(listing_choice={item['number']})",
            }
            for item in _listings(tracker)
        ]
        dispatcher.utter_message(response="utter_ask_listing_choice", buttons=buttons)
        return []


class ValidateListingChoice(Action):
    """One of the listings that were shown: by its number, or by words of its name."""

    def name(self) -> str:
        return "validate_listing_choice"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        said = str(tracker.get_slot("listing_choice")).strip().lower()
        listings = _listings(tracker)
        fitting = [item for item in listings if said == str(item["number"])]
        fitting = fitting or [item for item in listings if said and said in str(item["title"]).lower()]
        if len(fitting) != 1:
            dispatcher.utter_message(response="utter_pick_one")
            return [SlotSet("listing_choice", None)]
        return [SlotSet("listing_choice", str(fitting[0]["number"]))]


class ChangeListing(Action):
    """Hand the change to the house, which makes the next version of the listing."""

    def name(self) -> str:
        return "action_change_listing"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        listing = chosen(tracker)
        change = str(tracker.get_slot("listing_change"))
        if listing is None:
            return []
        changes: dict[str, dict[str, Any]] = {
            "price": {"price": tracker.get_slot("new_price")},
            "stock": {"stock": tracker.get_slot("new_stock")},
            "sold_out": {"stock": 0},
            "withdraw": {},
        }
        event = "listing.withdrawn" if change == "withdraw" else "listing.updated"
        custom = {
            "do": "change_listing",
            "change": event,
            "listing_id": listing["id"],
            "changes": changes[change],
        }
        response = {"withdraw": "utter_listing_withdrawn", "sold_out": "utter_listing_sold_out"}.get(
            change, "utter_listing_changed"
        )
        dispatcher.utter_message(
            response=response, json_message=custom, **_told(listing, changes[change], tracker)
        )
        return []


def _told(listing: dict[str, Any], changes: dict[str, Any], tracker: Tracker) -> dict[str, Any]:
    """Values for the sentence about the listing as it is now."""
    language = str(tracker.get_slot("language") or "hi")
    now = {**listing, **{key: value for key, value in changes.items() if value is not None}}
    return {
        "number": now["number"],
        "product_name": now["title"],
        "price": now["price"],
        "price_per": now["price_per"],
        "stock": now["stock"],
        "listing_line": f"{now['number']} {now['title']} · {speak.money(str(now['price']), language)}",
    }


class CopyListing(Action):
    """The same again: a new draft with everything but the photos. A half-told draft is finished first."""

    def name(self) -> str:
        return "action_copy_listing"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        listing = chosen(tracker)
        if listing is None or tracker.get_slot("product_name") or tracker.get_slot("photos"):
            dispatcher.utter_message(response="utter_finish_draft_first")
            return []
        dispatcher.utter_message(response="utter_copied")
        kept = listing["slots"]
        return [SlotSet(slot, kept[slot]) for slot in COPIED if kept.get(slot) is not None] + [
            SlotSet("copied_from", listing["number"])
        ]

"""Questions that depend on what was said: read-backs, readings of an unclear number."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.my_listings import chosen
from bot.language import speak
from bot.language.languages import in_latin_letters

Events = list[dict[str, Any]]
MOST_READINGS = 3
MONEY = {"price", "new_price"}


def context_of(tracker: Tracker) -> dict[str, Any]:
    """What the running repair flow is about."""
    return dict(tracker.stack[-1].get("context") or {}) if tracker.stack else {}


class AskConfirmOne(Action):
    """Read one value back; a price far from the usual is asked about in so many words."""

    def name(self) -> str:
        return "action_ask_confirm_one"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        heard = context_of(tracker).get("heard") or []
        if not tracker.get_slot("price_unusual") or not MONEY & set(heard):
            dispatcher.utter_message(response="utter_ask_confirm_one", heard=heard)
        elif "price" in heard:
            dispatcher.utter_message(response="utter_confirm_unusual_price", heard=heard)
        else:
            listing = chosen(tracker) or {}
            dispatcher.utter_message(
                response="utter_confirm_unusual_price",
                heard=heard,
                price=tracker.get_slot("new_price"),
                price_per=listing.get("price_per"),
            )
        return []


class OfferReadings(Action):
    """A number with two readings, or one that she gave as about: she settles it, nothing is guessed."""

    def name(self) -> str:
        return "action_offer_readings"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        context = context_of(tracker)
        slot = str(context.get("slot"))
        language = str(tracker.get_slot("language") or "hi")
        values = [reading.get("value") for reading in context.get("readings") or []]
        buttons = [
            {"title": _title(slot, str(value), language), "payload": f"/SetSlots({slot}={value})"}
            for value in dict.fromkeys(values)
            if value is not None
        ]
        kind = "ambiguous" if len(buttons) > 1 else "about"
        response = f"utter_price_{kind}" if slot in MONEY else f"utter_count_{kind}"
        dispatcher.utter_message(response=response, buttons=buttons[:MOST_READINGS])
        return []


def _title(slot: str, value: str, language: str) -> str:
    digits = speak.group_digits(value)
    if slot not in MONEY:
        return digits
    return f"Rs {digits}" if in_latin_letters(language) else f"₹{digits}"

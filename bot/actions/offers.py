"""Photos that another phone sent for her listing: she is asked, and the house is told what she said."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

Events = list[dict[str, Any]]


class AskConfirmPhotos(Action):
    """How many came, and for which of her listings."""

    def name(self) -> str:
        return "action_ask_confirm_photos"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        dispatcher.utter_message(
            response="utter_ask_confirm_photos",
            number=tracker.get_slot("offer_number"),
            photos=tracker.get_slot("offer_photos"),
        )
        return []


class TakePhotos(Action):
    """They are hers: the listing gets them."""

    def name(self) -> str:
        return "action_take_photos"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        custom = {"do": "take_offer", "offer": tracker.get_slot("offer_id")}
        dispatcher.utter_message(response="utter_offer_taken", json_message=custom)
        return []


class RefusePhotos(Action):
    """They are not: nobody sees them."""

    def name(self) -> str:
        return "action_refuse_photos"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        custom = {"do": "refuse_offer", "offer": tracker.get_slot("offer_id")}
        dispatcher.utter_message(response="utter_offer_refused", json_message=custom)
        return []

"""The draft on its way: its place in the catalogue, the hand-over, and the one question of the day."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.category import guess_category
from bot.actions.reference import catalogue

Events = list[dict[str, Any]]
ABOUT_HER = ("seller_kind", "group_name", "block", "pincode")
NOT_IN_A_GROUP = {"artisan", "private", "food"}


class PlaceInCatalogue(Action):
    """Category from what was said, then what that category must know and how its price is counted.

    What she chose herself stays; a guess is made anew when the product's name changed.
    """

    def name(self) -> str:
        return "action_place_in_catalogue"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        slots = tracker.slots
        category_id = slots.get("category")
        events: Events = []
        if category_id is None or category_id == slots.get("category_guessed"):
            category_id = guess_category(slots)
            events += [SlotSet("category", category_id), SlotSet("category_guessed", category_id)]
        category = catalogue().categories.get(str(category_id))
        if category is None:
            return [*events, SlotSet("category", None)]
        events.append(SlotSet("must_know", category.must_know))
        if slots.get("price_per") in (None, slots.get("price_per_assumed")):
            assumed = None if category.ask_price_per else category.price_per[0]
            events += [SlotSet("price_per", assumed), SlotSet("price_per_assumed", assumed)]
        return events


class HandOver(Action):
    """The listing goes to the house with everything she said; the day's further question is chosen."""

    def name(self) -> str:
        return "action_hand_over"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        slots = tracker.slots
        dispatcher.utter_message(
            response="utter_handed_over",
            number=slots.get("listing_number"),
            json_message={"do": "hand_over", "slots": {k: v for k, v in slots.items() if v is not None}},
        )
        today = slots.get("today")
        events: Events = []
        if slots.get("first_listed_on") is None:
            events.append(SlotSet("first_listed_on", today))
        elif slots["first_listed_on"] != today and slots.get("last_question_on") != today:
            events.append(SlotSet("daily_question", next_question(slots)))
        return events


def next_question(slots: dict[str, Any]) -> str | None:
    """The first thing not yet known: about her, then about this product."""
    kind = slots.get("seller_kind")
    about_her = [slot for slot in ABOUT_HER if slot != "group_name" or kind not in NOT_IN_A_GROUP]
    if kind == "private":
        about_her.append("gstin")
    category = catalogue().categories.get(str(slots.get("category")))
    questions = [*about_her, *(category.questions if category else ())]
    done = {slot for slot in questions if slots.get(slot) is not None} | set(slots.get("declined") or ())
    return next((slot for slot in questions if slot not in done), None)


class KeepAnswer(Action):
    """Thank her; an answer about the product makes the next version of the listing."""

    def name(self) -> str:
        return "action_keep_answer"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        slot = tracker.get_slot("daily_question")
        value = tracker.get_slot(slot) if slot else None
        if value is not None:
            custom: dict[str, Any] = {
                "do": "change_listing",
                "change": "listing.updated",
                "listing_id": tracker.get_slot("listing_id"),
                "changes": {slot: value},
            }
            dispatcher.utter_message(response="utter_answer_kept", json_message=custom)
        declined = list(tracker.get_slot("declined") or [])
        if value is None and slot in (*ABOUT_HER, "gstin"):
            declined.append(slot)
        return [
            SlotSet("last_question_on", tracker.get_slot("today")),
            SlotSet("daily_question", None),
            SlotSet("declined", declined or None),
        ]

"""What is said about photos: the one advice, and the side that is still missing."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.values import ENOUGH_PHOTOS

Events = list[dict[str, Any]]
PHOTO_PROBLEMS = (
    "unreadable",
    "too_small",
    "screenshot",
    "dark",
    "overexposed",
    "blurred",
    "flat",
    "animated",
    "same",
)
"""One is told at a time, the cause before what comes of it: in the dark everything is blurred too."""
WANTED = ("back", "side", "close_up")
"""Beside the front, in the order in which buyers miss them."""


class PhotoAdvice(Action):
    """One problem, one short advice, for the worst that was found."""

    def name(self) -> str:
        return "action_photo_advice"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        context = dict(tracker.stack[-1].get("context") or {}) if tracker.stack else {}
        troubles = context.get("troubles") or []
        known = next((problem for problem in PHOTO_PROBLEMS if problem in troubles), None)
        dispatcher.utter_message(response=f"utter_photo_{known}" if known else "utter_photo_failed")
        return []


class MentionPhoto(Action):
    """A side that is missing is mentioned once, beside the next question; it is never a question itself."""

    def name(self) -> str:
        return "action_mention_photo"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        photos = tracker.get_slot("photos") or []
        roles = {photo.get("role") for photo in photos}
        missing = next((role for role in WANTED if role not in roles), None)
        if not 0 < len(photos) < ENOUGH_PHOTOS or tracker.get_slot("photo_role") or missing is None:
            return []
        dispatcher.utter_message(response="utter_photo_role_missing", photo_role=missing)
        return [SlotSet("photo_role", missing)]

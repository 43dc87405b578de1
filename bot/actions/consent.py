"""Consent, refusal and stopping. What is kept of them is the house's work; these only say what happened."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

Events = list[dict[str, Any]]


class RecordConsent(Action):
    """She agreed to the notice in force."""

    def name(self) -> str:
        return "action_record_consent"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        version = tracker.get_slot("notice_version")
        dispatcher.utter_message(
            response="utter_consent_thanks", json_message={"do": "consent", "given": True, "version": version}
        )
        return [SlotSet("consent_version", version)]


class RecordRefusal(Action):
    """She did not agree: nothing of hers is kept. Of a changed notice: nothing new is taken."""

    def name(self) -> str:
        return "action_record_refusal"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        version = tracker.get_slot("notice_version")
        earlier = tracker.get_slot("consent_version") is not None
        dispatcher.utter_message(
            response="utter_notice_refused" if earlier else "utter_refused",
            json_message={"do": "consent", "given": False, "version": version},
        )
        return [SlotSet("consent", None)] if earlier else []


class Stop(Action):
    """No more messages after this one confirmation."""

    def name(self) -> str:
        return "action_stop"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        dispatcher.utter_message(response="utter_stopped", json_message={"do": "stop"})
        return []

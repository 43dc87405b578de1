"""What is passed to a person: a field rep finds it as a task of this seller."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

Events = list[dict[str, Any]]


class CallMe(Action):
    """She wants to talk to a person."""

    def name(self) -> str:
        return "action_call_me"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        dispatcher.utter_message(response="utter_call_me", json_message={"do": "rep_task", "kind": "call"})
        return []


class AskRep(Action):
    """A question failed four times: the rep is told which."""

    def name(self) -> str:
        return "action_ask_rep"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        context = tracker.stack[-1]["context"] if tracker.stack else {}
        task = {"do": "rep_task", "kind": "not_understood", "slot": context.get("slot")}
        dispatcher.utter_message(response="utter_asked_rep", json_message=task)
        return []


class AskErasure(Action):
    """She wants everything about her erased, and has said so twice."""

    def name(self) -> str:
        return "action_ask_erasure"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        dispatcher.utter_message(response="utter_erase_noted", json_message={"do": "erase"})
        return []


class OwnCopy(Action):
    """She wants what we hold of her, and cannot open an address here: a rep brings it."""

    def name(self) -> str:
        return "action_own_copy"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> Events:
        task = {"do": "rep_task", "kind": "own_copy"}
        dispatcher.utter_message(response="utter_own_copy_by_rep", json_message=task)
        return []

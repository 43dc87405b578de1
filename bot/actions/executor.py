"""Runs the actions in this process, on one event loop that is kept (a new one costs ten times more)."""

from __future__ import annotations

import asyncio
import importlib
import logging
import pkgutil
import threading

from rasa_sdk import Action
from rasa_sdk.executor import ActionExecutor

import bot.actions
from bot.messages import Json, copy_json


def action_classes() -> list[type[Action]]:
    """Every action of this package. (`register_package` would end the process on an import error.)"""
    found: list[type[Action]] = []
    for module_info in pkgutil.iter_modules(bot.actions.__path__):
        module = importlib.import_module(f"bot.actions.{module_info.name}")
        for item in vars(module).values():
            if isinstance(item, type) and issubclass(item, Action) and item.__module__ == module.__name__:
                found.append(item)
    return found


class InProcess:
    """An `Act`: `names` are the actions it knows. One action runs at a time on the kept loop."""

    def __init__(self, domain: Json) -> None:
        logging.getLogger("rasa_sdk.executor").setLevel(logging.WARNING)
        self._executor = ActionExecutor()
        for action in action_classes():
            self._executor.register_action(action)
        self.names = frozenset(self._executor.actions)
        self._domain = domain
        self._loop = asyncio.new_event_loop()
        self._lock = threading.Lock()

    def __call__(self, name: str, tracker: Json) -> tuple[list[Json], list[Json]]:
        """Run one action on a copy of the tracker: its events and its responses, as JSON values."""
        call = {
            "next_action": name,
            "sender_id": tracker["sender_id"],
            "tracker": copy_json(tracker),  # rasa-sdk keeps references to what it is given
            "domain": self._domain,
            "version": "3.21",
        }
        with self._lock:
            result = self._loop.run_until_complete(self._executor.run(call))
        if result is None:
            return [], []
        return list(result.events), list(result.responses)

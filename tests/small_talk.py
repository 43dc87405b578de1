"""A small set of data files, written for one test, and a talk over it without words or database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from bot.engine.library import Library, load_flows, load_library
from bot.engine.responses import Variation
from bot.engine.turn import new_state, turn
from bot.messages import Json, Turn
from bot.settings import ROOT

NOW = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
ENTRY = """
  pattern_session_start:
    description: everybody may talk
    if: False
    steps: [{noop: true, next: END}]
"""


class NoActions:
    """No custom action exists, but the ones given: name → slots to set."""

    def __init__(self, actions: dict[str, Json] | None = None) -> None:
        self.actions = actions or {}
        self.names = frozenset(self.actions)

    def __call__(self, name: str, tracker: Json) -> tuple[list[Json], list[Json]]:
        return [
            {"event": "slot", "name": slot, "value": value} for slot, value in self.actions[name].items()
        ], []


@cache
def everything() -> Library:
    """The real flows, slots and words."""
    return load_library(ROOT / "flows", ROOT / "locales", lambda kind, key, language: key)


def small_library(folder: Path, flows: str, slots: Sequence[str], responses: Sequence[str] = ()) -> Library:
    """These flows and slots beside the real repairs; everybody may talk at once, each slot has a question."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "small.yml").write_text("flows:" + ENTRY + flows, encoding="utf-8")
    small, problems = load_flows(folder)
    assert problems == []
    real = everything()
    repairs = {name: flow for name, flow in real.flows.items() if flow.is_pattern}
    domain = replace(
        real.domain,
        types=real.domain.types | dict.fromkeys(slots, "text"),
        initial=real.domain.initial | dict.fromkeys(slots),
    )
    said = {name: (Variation((name,)),) for name in (*(f"utter_ask_{slot}" for slot in slots), *responses)}
    hindi = replace(real.wordings["hi"], responses=real.wordings["hi"].responses | said)
    return replace(real, flows=repairs | small, domain=domain, wordings={"hi": hindi})


class SmallTalk:
    """Commands in, events out; every turn is checked to leave its given state alone."""

    def __init__(self, folder: Path, flows: str, slots: Sequence[str], **more: Any) -> None:
        self.act = NoActions(more.pop("actions", None))
        self.library = small_library(folder, flows, slots, more.pop("responses", ()))
        self.state = new_state()

    def turn(self, *commands: Json) -> Turn:
        """One message made of these commands."""
        before = json.dumps(self.state)
        result = turn(self.library, self.state, commands, NOW, self.act)
        assert json.dumps(self.state) == before, "the given state was changed"
        self.state = json.loads(json.dumps(result.state))
        assert self.state == result.state
        return result

    def start(self, flow: str) -> Turn:
        return self.turn({"command": "start_flow", "flow": flow})

    def say(self, slot: str, value: Any) -> Turn:
        return self.turn({"command": "set_slot", "slot": slot, "value": value})

    @property
    def asks(self) -> str | None:
        asks: str | None = self.state["asks"]
        return asks

    @property
    def slots(self) -> Json:
        return dict(self.state["slots"])


def said(result: Turn) -> list[str]:
    """The names of the responses of a turn."""
    return [event["utter"] for event in result.events if event["event"] == "bot"]

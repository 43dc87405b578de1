"""Every talk of tests/talks, and what must not be missing among them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import bot.visit
from bot.chat import Chat
from bot.engine.catalogue import Catalogue
from bot.engine.library import load_flows
from bot.engine.turn import turn
from bot.handoff.schema import problems
from bot.messages import Json, Turn
from bot.settings import ROOT, Settings
from models import ListingEvent
from models.database import reading
from tests.talk_runner import TALKS, TalkCase, load_talks, run_talk

CASES = load_talks()
LANGUAGES = ("hi", "hne", "hi-Latn")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    """One database and one set of flows for all talks; each turn is watched for purity."""
    folder = tmp_path_factory.mktemp("talks")
    # What is said aloud has tests of its own; spoken here, it would take more time than all the talks.
    given = {
        "DATABASE_URL": f"sqlite:///{folder}/talks.db",
        "MEDIA_URL": f"file://{folder}/media",
        "VOICE": "none",
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bot.visit, "turn", _watched(turn))
        yield Chat(Settings.from_environment(given))


def _watched(real: Any) -> Any:
    """The same turn, which must leave its state alone and give JSON values that come back equal."""

    def watched(library: Any, state: Json, *more: Any, **named: Any) -> Turn:
        before = json.dumps(state)
        result: Turn = real(library, state, *more, **named)
        assert json.dumps(state) == before, "the given state was changed"
        assert json.loads(json.dumps(result.state)) == result.state, "the state is not plain JSON"
        assert json.loads(json.dumps(result.events)) == result.events, "the events are not plain JSON"
        return result

    return watched


RAN: dict[int, list[Json]] = {}


def _ran(number: int, house: Chat) -> list[Json]:
    """A talk is run once, whoever asks first."""
    if number not in RAN:
        RAN[number] = run_talk(CASES[number], house)
    return RAN[number]


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.id for case in CASES])
def test_talk(number: int, house: Chat) -> None:
    """She is answered as the talk says, step by step."""
    _ran(number, house)


def _seen(house: Chat) -> Iterator[tuple[TalkCase, list[Json]]]:
    for number, case in enumerate(CASES):
        try:
            yield case, _ran(number, house)
        except AssertionError:
            continue  # its own test tells


def test_every_flow_and_repair_has_a_talk(house: Chat) -> None:
    """No flow and no pattern of flows/*.yml is left without a talk that goes through it."""
    started = {e["flow"] for _, events in _seen(house) for e in events if e["event"] == "flow_started"}
    flows, _ = load_flows(ROOT / "flows")
    assert sorted(flows.keys() - started) == []


def _handed_over(events: list[Json]) -> list[Json]:
    return [event["slots"] for event in events if event.get("do") == "hand_over"]


def test_every_category_has_a_listing(house: Chat) -> None:
    """A product of each category of flows/catalogue.yml is listed by a talk."""
    listed = {slots.get("category") for _, events in _seen(house) for slots in _handed_over(events)}
    categories = Catalogue.load(ROOT / "flows" / "catalogue.yml").categories
    assert sorted(categories.keys() - listed) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_a_full_listing(language: str, house: Chat) -> None:
    """From the first hello of a stranger to the hand-over, in her language."""
    full = [
        slots
        for case, events in _seen(house)
        for slots in _handed_over(events)
        if not case.slots and case.language == language
    ]
    assert any(slots["language"] == language for slots in full)


def test_every_listing_of_the_talks_keeps_the_contract(house: Chat) -> None:
    """Each version of each listing that the talks made is valid by its published schema."""
    assert len([case for case, _ in _seen(house)]) > 0
    with reading(house.shop.db) as conn:
        bodies = conn.scalars(select(ListingEvent.body)).all()
    assert len(bodies) > len(LANGUAGES)
    assert [text for body in bodies for text in problems(body)] == []


def test_talks_lie_in_folders_of_known_languages() -> None:
    """A talk in a folder of no language would be run in none."""
    assert {Path(case.file).relative_to(TALKS).parts[0] for case in CASES} <= set(LANGUAGES)

"""The dialogue stack under repairs: corrections rewind, skips skip, detours come back."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.messages import Json
from tests.small_talk import SmallTalk, said

TALK = """
  list:
    description: three questions, the last by another flow
    run_pattern_completed: false
    steps:
      - collect: one
        next:
          - if: slots.one = "short"
            then: three
          - else: two
      - id: two
        collect: two
      - id: three
        call: person
  person:
    description: called
    if: False
    run_pattern_completed: false
    steps:
      - collect: three
      - collect: four
  other:
    description: another errand
    run_pattern_completed: false
    steps: [{collect: five}]
"""
SLOTS = ("one", "two", "three", "four", "five")


@pytest.fixture
def talk(tmp_path: Path) -> SmallTalk:
    """A talk that has answered the first question."""
    small = SmallTalk(tmp_path, TALK, SLOTS)
    small.start("list")
    small.say("one", "long")
    return small


def wish(talk: SmallTalk, command: str, **more: object) -> list[str]:
    return said(talk.turn({"command": command, **more}))


def test_a_correction_writes_and_comes_back_to_the_question(talk: SmallTalk) -> None:
    """Another value for an answered slot is written; the open question stays."""
    assert said(talk.say("one", "longer")) == ["utter_corrected", "utter_ask_two"]
    assert talk.slots["one"] == "longer" and talk.asks == "two"


def test_a_correction_takes_the_other_branch(talk: SmallTalk) -> None:
    """The flow runs again from the corrected question; what does not lie on the new way is not asked."""
    talk.say("one", "short")
    assert talk.asks == "three"


def test_a_correction_inside_a_called_flow_rewinds_the_caller(talk: SmallTalk) -> None:
    """The corrected slot belongs to the flow that called; the called one is entered again."""
    talk.say("two", "b")
    talk.say("three", "c")
    assert talk.asks == "four"
    talk.turn({"command": "correct_slot", "slot": "two"})
    assert talk.asks == "two" and "two" not in talk.slots
    talk.say("two", "bb")
    assert talk.asks == "four" and talk.slots["three"] == "c"


def test_the_same_value_again_is_no_correction(talk: SmallTalk) -> None:
    """Nothing is corrected, the question is asked again."""
    result = talk.say("one", "long")
    assert "utter_corrected" not in said(result) and talk.asks == "two"


def test_a_skip_really_skips_and_is_told_to_a_rep(talk: SmallTalk) -> None:
    """The slot stays empty, the question is not asked again, and a task is made."""
    result = talk.turn({"command": "skip_question"})
    assert talk.asks == "three" and "two" not in talk.slots
    assert [event for event in result.events if event.get("kind") == "skipped"][0]["slot"] == "two"


def test_back_goes_back_one_question_over_a_called_flow(talk: SmallTalk) -> None:
    """Its answer is cleared; twice goes back two."""
    talk.say("two", "b")
    assert talk.asks == "three"
    assert wish(talk, "back") == ["utter_gone_back", "utter_ask_two"]
    assert "two" not in talk.slots
    wish(talk, "back")
    assert talk.asks == "one"
    assert "utter_first_question" in wish(talk, "back")


def test_an_interruption_comes_back_to_the_question_it_left(talk: SmallTalk) -> None:
    """Another flow runs on top; at its end the first question stands again."""
    talk.start("other")
    assert talk.asks == "five"
    assert said(talk.say("five", "e")) == ["utter_back_to_question", "utter_ask_two"]
    assert talk.slots == {"one": "long"}


def test_starting_what_runs_already_only_asks_again(talk: SmallTalk) -> None:
    """No second frame of the same flow."""
    talk.start("list")
    assert [frame["flow"] for frame in talk.state["stack"]] == ["list"] and talk.asks == "two"


def test_cancel_asks_then_ends_with_all_its_repairs(talk: SmallTalk) -> None:
    """Nothing is thrown away before a yes; then no repair of it is left on the stack."""
    assert wish(talk, "cancel_flow") == ["utter_ask_confirm_cancel"]
    assert talk.slots["one"] == "long"
    talk.say("confirm_cancel", True)
    assert talk.state["stack"] == [] and talk.slots == {}


def test_cancelling_an_errand_leaves_the_flow_below(talk: SmallTalk) -> None:
    """Only the topmost flow ends."""
    talk.start("other")
    wish(talk, "cancel_flow")
    talk.say("confirm_cancel", True)
    assert talk.asks == "two" and talk.slots == {"one": "long"}


def test_failures_climb_the_ladder_and_a_good_answer_forgets_them(talk: SmallTalk) -> None:
    """Other words twice, then keys; the next question begins at nought."""
    firsts = [wish(talk, "cannot_handle")[0] for _ in range(3)]
    assert firsts == ["utter_not_understood", "utter_not_understood", "utter_offer_keys"]
    talk.say("two", "b")
    assert talk.state["failures"] == 0
    assert wish(talk, "cannot_handle")[0] == "utter_not_understood"


def test_an_aside_is_no_failure(talk: SmallTalk) -> None:
    """Small talk and hard words do not count against the question."""
    for reason in ("chitchat", "abuse", "out_of_scope"):
        assert wish(talk, "cannot_handle", reason=reason)[0] == "utter_out_of_scope"
    assert talk.state["failures"] == 0 and talk.asks == "two"


def test_a_changed_flow_goes_on_with_her_answers(talk: SmallTalk) -> None:
    """Its fingerprint differs from the one on the stack: it starts over, filled questions are skipped."""
    talk.state["stack"][0]["print"] = "older"
    talk.turn({"command": "greet"})
    assert talk.asks == "two" and talk.slots["one"] == "long"
    assert talk.state["stack"][0]["print"] == talk.library.flows["list"].fingerprint


def test_a_flow_that_is_gone_is_left(talk: SmallTalk) -> None:
    """A frame of a flow that no file holds any more is dropped; she is answered."""
    talk.state["stack"][0]["flow"] = "no_longer"
    assert said(talk.turn({"command": "greet"}))


@pytest.mark.parametrize(
    "commands",
    [
        [],
        [{"command": "set_slot", "slot": "no_such_slot", "value": 1}],
        [{"command": "start_flow", "flow": "no_such_flow"}],
        [{"command": "nobody_knows_this"}],
        [{"command": "affirm"}, {"command": "deny"}],
        [{"command": "clarify", "options": ["skip_question", "cancel_flow"]}],
    ],
    ids=str,
)
def test_whatever_is_understood_she_is_answered(talk: SmallTalk, commands: list[Json]) -> None:
    """Also commands that make no sense here end in a bubble with the question open."""
    assert said(talk.turn(*commands)) and talk.asks is not None

"""The flow format: every step kind runs as Rasa's does, and no loop is without an end."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.engine.conditions import BadCondition, compile_condition
from bot.engine.flows import END, parse_flow
from tests.small_talk import SmallTalk, said

THREE = """
  three:
    description: three questions
    run_pattern_completed: false
    steps:
      - collect: one
      - collect: two
      - collect: three
"""


def test_questions_are_asked_in_order_and_filled_ones_are_not(tmp_path: Path) -> None:
    """A collect is skipped when its slot has a value."""
    talk = SmallTalk(tmp_path, THREE, ("one", "two", "three"))
    assert said(talk.start("three")) == ["utter_ask_one"]
    talk.turn(
        {"command": "set_slot", "slot": "one", "value": "a"},
        {"command": "set_slot", "slot": "two", "value": "b"},
    )
    assert talk.asks == "three"
    talk.say("three", "c")
    assert talk.state["asks"] is None and talk.slots == {}


def test_slots_of_a_flow_are_forgotten_at_its_end_but_persisted_ones(tmp_path: Path) -> None:
    """`persisted_slots` outlive the flow; the rest goes back to its initial value."""
    flow = THREE.replace("    steps:", "    persisted_slots: [two]\n    steps:")
    talk = SmallTalk(tmp_path, flow, ("one", "two", "three"))
    talk.start("three")
    for slot in ("one", "two", "three"):
        talk.say(slot, "x")
    assert talk.slots == {"two": "x"}


def test_a_branch_takes_the_first_condition_that_holds(tmp_path: Path) -> None:
    """`if`, `then`, `else`; what cannot be evaluated is false."""
    flow = """
  branches:
    description: one of three ways
    run_pattern_completed: false
    steps:
      - collect: one
        next:
          - if: slots.one > 5
            then:
              - action: utter_high
                next: END
          - if: slots.one = "b"
            then:
              - action: utter_b
                next: END
          - else:
              - action: utter_other
                next: END
"""
    for value, utter in ((7, "utter_high"), ("b", "utter_b"), ("c", "utter_other")):
        talk = SmallTalk(
            tmp_path / str(value), flow, ("one",), responses=("utter_high", "utter_b", "utter_other")
        )
        talk.start("branches")
        assert said(talk.say("one", value)) == [utter]


def test_call_returns_link_does_not_and_set_slots_writes_literals(tmp_path: Path) -> None:
    """A called flow comes back to its caller; a linked one runs after the flow that names it has ended."""
    flow = """
  caller:
    description: calls and links
    run_pattern_completed: false
    steps:
      - set_slots:
          - three: done
      - call: called
      - collect: two
      - link: linked
  called:
    description: asks one thing
    if: False
    steps: [{collect: one}]
  linked:
    description: asks another
    if: False
    run_pattern_completed: false
    steps: [{collect: four}]
"""
    talk = SmallTalk(tmp_path, flow, ("one", "two", "three", "four"))
    talk.start("caller")
    assert (talk.asks, talk.slots["three"]) == ("one", "done")
    assert [frame["flow"] for frame in talk.state["stack"]] == ["caller", "called"]
    talk.say("one", "x")
    assert talk.asks == "two" and talk.slots["one"] == "x"
    talk.say("two", "y")
    assert talk.asks == "four"
    assert [frame["flow"] for frame in talk.state["stack"]] == ["linked"]
    assert "one" not in talk.slots


def test_a_guard_keeps_the_user_out_but_not_a_call(tmp_path: Path) -> None:
    """`if: False`: she cannot start it; a call or link can."""
    flow = """
  outer:
    description: calls the guarded one
    steps: [{call: guarded}]
  guarded:
    description: not hers to start
    if: False
    steps: [{collect: one}]
"""
    talk = SmallTalk(tmp_path, flow, ("one",))
    talk.start("guarded")
    assert talk.asks is None
    talk.start("outer")
    assert talk.asks == "one"


def test_ask_before_filling_asks_whatever_is_known(tmp_path: Path) -> None:
    """The slot is cleared first, so the question is always asked."""
    flow = """
  again:
    description: always asks
    run_pattern_completed: false
    persisted_slots: [one]
    steps:
      - collect: one
        ask_before_filling: true
"""
    talk = SmallTalk(tmp_path, flow, ("one",))
    talk.start("again")
    talk.say("one", "x")
    assert talk.slots == {"one": "x"}
    talk.start("again")
    assert talk.asks == "one"


def test_a_rejection_clears_the_value_and_asks_again(tmp_path: Path) -> None:
    """A condition of `rejections` that is true refuses the value with its own response."""
    flow = """
  strict:
    description: wants no bee
    steps:
      - collect: one
        rejections: [{if: 'slots.one = "b"', utter: utter_no_bee}]
"""
    talk = SmallTalk(tmp_path, flow, ("one",), responses=("utter_no_bee",))
    talk.start("strict")
    assert said(talk.say("one", "b")) == ["utter_no_bee", "utter_ask_one"]
    assert "one" not in talk.slots


def test_an_action_writes_slots_and_validates(tmp_path: Path) -> None:
    """An action's slot events are written; `validate_<slot>` may change or clear the value."""
    flow = """
  acting:
    description: runs an action
    steps:
      - action: action_fill
      - collect: two
      - collect: three
"""
    actions = {"action_fill": {"one": "filled"}, "validate_two": {"two": None}}
    talk = SmallTalk(tmp_path, flow, ("one", "two", "three"), actions=actions)
    talk.start("acting")
    assert talk.slots == {"one": "filled"} and talk.asks == "two"
    talk.say("two", "anything")
    assert talk.asks == "two"


def test_a_flow_that_never_waits_is_broken_off(tmp_path: Path) -> None:
    """The loop guard ends it with an apology and an event for engineers; the process lives on."""
    flow = """
  endless:
    description: turns in a circle
    steps:
      - id: again
        noop: true
        next: again
"""
    talk = SmallTalk(tmp_path, flow, ())
    result = talk.start("endless")
    assert {"event": "error", "reason": "loop", "flow": "endless"} in result.events
    assert said(result) == ["utter_internal_error"] and talk.state["stack"] == []


@pytest.mark.parametrize(
    ("condition", "truth"),
    [
        ("slots.price > 100", True),
        ("slots.price > 100 and slots.kind = 'basket'", True),
        ('slots.kind is not "basket"', False),
        ("slots.nothing is null", True),
        ("slots.nothing < 1", False),
        ('{"basket" "bag"} contains slots.kind', True),
        ("slots.words > 3", False),
        ("context.reason = 'abuse'", True),
        ('slots.words matches "^क"', True),
    ],
)
def test_conditions_are_predicates_and_never_raise(condition: str, truth: bool) -> None:
    """pypred over slots and context; an evaluation that fails is false."""
    slots = {"price": 250, "kind": "basket", "nothing": None, "words": "कोसा"}
    assert compile_condition(condition).holds(slots, {"reason": "abuse"}) is truth


@pytest.mark.parametrize("condition", ["slots.a >", "/re/i", "slots.a in [1]", "((("])
def test_a_condition_that_is_none_is_refused_at_load(condition: str) -> None:
    """It is named, not taken as false."""
    with pytest.raises(BadCondition):
        compile_condition(condition)


def test_fingerprints_tell_a_changed_flow() -> None:
    """The same body has the same fingerprint, another one another."""
    body = {"description": "x", "steps": [{"collect": "one"}]}
    changed = {"description": "x", "steps": [{"collect": "two"}]}
    prints = [parse_flow("f", each, Path("f.yml"))[0] for each in (body, dict(body), changed)]
    same, again, other = (flow.fingerprint for flow in prints if flow)
    assert same == again != other


def test_the_last_step_leads_to_the_end() -> None:
    """A top-level list ends the flow after its last step."""
    flow, problems = parse_flow("f", {"description": "x", "steps": [{"collect": "one"}]}, Path("f.yml"))
    assert flow and problems == [] and flow.steps[flow.first].next[0].target == END


def test_a_forced_question_takes_no_other_answer(tmp_path: Path) -> None:
    """`force_slot_filling`: what is said there fills that slot and nothing else."""
    flow = THREE.replace("collect: one", "collect: one\n        force_slot_filling: true")
    talk = SmallTalk(tmp_path, flow, ("one", "two", "three"))
    talk.start("three")
    talk.turn(
        {"command": "set_slot", "slot": "one", "value": "a"},
        {"command": "set_slot", "slot": "two", "value": "b"},
    )
    assert talk.slots == {"one": "a"} and talk.asks == "two"

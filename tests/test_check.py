"""`app.py check`: every wrong line of the data is named with its file, flow and step, all in one run."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from bot.actions.executor import action_classes
from bot.engine.check import check_all
from bot.settings import ROOT

ACTIONS = frozenset(action().name() for action in action_classes())


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A copy of the data files, to be broken."""
    return copied(tmp_path)


def copied(folder: Path) -> Path:
    for name in ("flows", "locales"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def problems(data: Path) -> list[str]:
    return check_all(data, ACTIONS)


def test_our_own_files_are_whole() -> None:
    """Nothing to complain about."""
    assert problems(ROOT) == []


# What stands in a flow, the text of the wrong line in it, and what is said of it.
WRONG_FLOWS = [
    (
        """
    colour: red
    steps: [{collect: price}]
""",
        "colour",
        "unknown key 'colour'",
    ),
    (
        """
    steps:
      - collect: price
        asks: now
""",
        "asks",
        "unknown key 'asks' in a collect step",
    ),
    (
        """
    steps:
      - collect: price
        action: x
""",
        "collect",
        "exactly one of",
    ),
    (
        """
    steps:
      - noop: true
""",
        "noop",
        "a noop needs a `next`",
    ),
    (
        """
    steps:
      - collect: price
        next:
          - if: slots.price
            then: END
""",
        "next",
        "an `if` list needs an `else`",
    ),
    (
        """
    steps:
      - collect: price
        next:
          - if: slots.price
            then:
              - action: utter_greet
          - else: END
""",
        "utter_greet",
        "the last step of a nested list needs a `next`",
    ),
    (
        """
    steps:
      - collect: price
        next: nowhere
""",
        "collect",
        "no step 'nowhere'",
    ),
    (
        """
    steps:
      - collect: price
        next: END
      - id: lost
        action: utter_greet
""",
        "lost",
        "no step leads here",
    ),
    (
        """
    steps:
      - collect: prize
""",
        "collect",
        "collects the unknown slot 'prize'",
    ),
    (
        """
    steps:
      - collect: craft
""",
        "collect",
        "'utter_ask_craft' is missing in",
    ),
    (
        """
    steps:
      - action: utter_nothing
""",
        "utter_nothing",
        "'utter_nothing' is missing in",
    ),
    (
        """
    steps:
      - action: action_nothing
""",
        "action_nothing",
        "no action 'action_nothing'",
    ),
    (
        """
    steps:
      - call: nobody
""",
        "nobody",
        "calls 'nobody', which is no flow",
    ),
    (
        """
    steps:
      - call: hello
""",
        "hello",
        "holds a link",
    ),
    (
        """
    steps:
      - link: nobody
""",
        "nobody",
        "links to 'nobody', which is no flow",
    ),
    (
        """
    steps:
      - set_slots:
          - prize: 5
""",
        "set_slots",
        "unknown slot 'prize'",
    ),
    (
        """
    if: slots.price >
    steps: [{collect: price}]
""",
        "if:",
        "condition",
    ),
    (
        """
    steps:
      - collect: price
        next:
          - if: slots.prize > 5
            then: END
          - else: END
""",
        "collect",
        "condition names the unknown slot 'prize'",
    ),
    (
        """
    persisted_slots: [prize]
    steps: [{collect: price}]
""",
        "persisted",
        "persisted_slots names the unknown slot 'prize'",
    ),
    (
        """
    steps: []
""",
        "broken",
        "`steps` is required",
    ),
]


@pytest.fixture(scope="module")
def flows_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file with all those flows, `broken_0` and on."""
    file = copied(tmp_path_factory.mktemp("data")) / "flows" / "broken.yml"
    flows = [
        f"  broken_{number}:\n    description: a flow for this test{body}"
        for number, (body, _, _) in enumerate(WRONG_FLOWS)
    ]
    file.write_text("flows:\n" + "".join(flows), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def one_run(flows_file: Path) -> list[str]:
    """What one run says of all of them."""
    return problems(flows_file.parent.parent)


@pytest.mark.parametrize("number", range(len(WRONG_FLOWS)), ids=[words for _, _, words in WRONG_FLOWS])
def test_a_wrong_flow_is_named_with_its_line(number: int, flows_file: Path, one_run: list[str]) -> None:
    """File, line, flow (and step where there is one) and what is wrong, beside all else that is wrong."""
    _, at, words = WRONG_FLOWS[number]
    found = [text for text in one_run if f"flow broken_{number}" in text and words in text]
    assert found, one_run
    place = re.match(r"flows/broken\.yml:(\d+): ", found[0])
    lines = flows_file.read_text(encoding="utf-8").splitlines()
    begin = lines.index(f"  broken_{number}:")
    wanted = next(line for line in range(begin, len(lines)) if at in lines[line]) + 1
    assert place and abs(int(place[1]) - wanted) <= 1, found[0]


def test_a_link_to_itself_is_named(data: Path) -> None:
    """It would never end."""
    text = "flows:\n  ring:\n    description: x\n    steps: [{link: ring}]\n"
    (data / "flows" / "ring.yml").write_text(text, encoding="utf-8")
    assert any("flow ring" in line and "links to itself" in line for line in problems(data))


WRONG_RESPONSES = [
    ("buttons: [{title: एक बहुत ही लंबा बटन का नाम है यह, payload: /change}]", "at most 20 fit"),
    (
        "buttons: [{title: क, payload: /change}, {title: क, payload: /later}]",
        "two buttons have the same title",
    ),
    ("buttons: [{title: क, payload: change}]", "payload 'change' is not understood"),
    ("buttons: [{title: क, payload: /SetSlots(prize=1)}]", "unknown slot 'prize'"),
]


def test_wrong_responses_are_named_with_their_lines(data: Path) -> None:
    """Buttons over their limit, payloads and blanks that nobody knows, texts too long, no translation."""
    file = data / "locales" / "hi" / "responses.yml"
    texts = [
        f'\n  utter_wrong_{n}:\n    - text: "क"\n      {body}\n'
        for n, (body, _) in enumerate(WRONG_RESPONSES)
    ]
    texts += ['\n  utter_prize:\n    - text: "{prize}"\n', f'\n  utter_long:\n    - text: "{"क" * 1700}"\n']
    with file.open("a", encoding="utf-8") as out:
        out.write("".join(texts))
    found = problems(data)
    lines = file.read_text(encoding="utf-8").splitlines()
    for number, (_, words) in enumerate(WRONG_RESPONSES):
        named = [text for text in found if f"utter_wrong_{number}: " in text and words in text]
        assert named, found
        place = re.match(r"locales/hi/responses\.yml:(\d+): ", named[0])
        assert place and 0 <= int(place[1]) - 1 - lines.index(f"  utter_wrong_{number}:") <= 2, named[0]
    assert any("nobody fills the placeholder {prize}" in text for text in found)
    assert any("utter_long" in text and "at most 1600 fit" in text for text in found)
    assert any("utter_prize" in text and "hne" in text for text in found)


def test_mistakes_of_form_are_named_wherever_they_are(data: Path) -> None:
    """Unknown keys of a response, a slot and a file, a flow defined twice, a category asking for nothing."""
    with (data / "locales" / "hi" / "responses.yml").open("a", encoding="utf-8") as out:
        out.write('\n  utter_red:\n    - text: "क"\n      colour: red\n')
    with (data / "flows" / "domain" / "slots.yml").open("a", encoding="utf-8") as out:
        out.write("  prize: {type: text, colour: red}\n")
    again = "colour: red\nflows:\n  hello:\n    description: again\n    steps: [{collect: price}]\n"
    (data / "flows" / "zz.yml").write_text(again, encoding="utf-8")
    catalogue = data / "flows" / "catalogue.yml"
    text = catalogue.read_text(encoding="utf-8").replace("must_know: size", "must_know: prize", 1)
    catalogue.write_text(text, encoding="utf-8")
    found = problems(data)
    for pattern in (
        r"locales/hi/responses\.yml:\d+: utter_red: unknown key 'colour'",
        r"flows/domain/slots\.yml:\d+: slot prize: unknown key 'colour'",
        r"flows/zz\.yml:1: unknown key 'colour'",
        r"flows/zz\.yml:3: flow hello is defined twice",
        r"flows/catalogue\.yml:\d+: .*must_know.*prize",
    ):
        assert any(re.match(pattern, line) for line in found), (pattern, found)


def test_files_that_cannot_be_read_are_all_named(data: Path) -> None:
    """A key written twice, which YAML would take in silence, and a list that never ends."""
    twice = (
        "flows:\n  two:\n    description: x\n    steps: [{collect: price}]\n    steps: [{collect: stock}]\n"
    )
    (data / "flows" / "twice.yml").write_text(twice, encoding="utf-8")
    (data / "flows" / "open.yml").write_text("flows: [\n", encoding="utf-8")
    found = problems(data)
    assert any(re.match(r"flows/twice\.yml:5: .*duplicate key", line) for line in found), found
    assert any(line.startswith("flows/open.yml:") for line in found), found

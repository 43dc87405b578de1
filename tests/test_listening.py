"""Voice first: one bubble to hear, one to read; who only writes reads, and a word of hers settles it."""

from __future__ import annotations

import pytest

from bot.engine.turn import new_state, turn
from bot.messages import Json
from bot.settings import Settings
from bot.talk import Talk
from tests.test_talk_properties import NOW

KNOWN = {"language": "hi", "consent": True, "consent_version": "2026-11", "seller_name": "सीता बाई"}


@pytest.fixture(scope="module")
def talk() -> Talk:
    return Talk.load(Settings.from_environment({}))


def said(
    talk: Talk, state: Json, command: Json, channel: str = "whatsapp", **source: bool
) -> tuple[Json, list[Json]]:
    """One message of hers: the state after it, and the bubbles."""
    about = {"by": "seller", "channel": channel, "message_id": "m", "seller_id": 1, "text": "", **source}
    result = turn(talk.library, state, [command], NOW, talk.act, about, talk.facts())
    return result.state, [event for event in result.events if event["event"] == "bot"]


def begun(**slots: object) -> Json:
    return new_state() | {"slots": KNOWN | slots}


SELL = {"command": "start_flow", "flow": "list_product"}
GREET = {"command": "greet"}


def test_a_turn_is_one_bubble_to_hear_and_one_to_read(talk: Talk) -> None:
    """All that is said is heard in one bubble; the text has all of it too, with the buttons."""
    state, _ = said(talk, begun(), SELL)
    _, (bubble,) = said(talk, state, GREET)
    assert [part["utter"] for part in bubble["speak"]] == ["utter_greet_again", "utter_ask_photos"]
    assert bubble["text"] == "\n".join(part["text"] for part in bubble["speak"])
    assert [part["utter"] for part in bubble["parts"]] == ["utter_greet_again", "utter_ask_photos"]


def test_who_only_writes_gets_text(talk: Talk) -> None:
    """After five typed messages in a row nothing is spoken; a voice note begins anew, a press is neither."""
    state = begun()
    spoken = []
    for _ in range(6):
        state, bubbles = said(talk, state, SELL, typed=True)
        spoken.append(any("speak" in bubble for bubble in bubbles))
    assert spoken == [True] * 4 + [False] * 2
    state, bubbles = said(talk, state, GREET)
    assert all("speak" not in bubble for bubble in bubbles)
    _, bubbles = said(talk, state, {"command": "voice_kept", "note": "n"}, spoke=True)
    assert all("speak" in bubble for bubble in bubbles)


def test_asked_to_say_it_again_it_is_said_aloud(talk: Talk) -> None:
    """`सुनाओ`: who wrote all the time hears the question now."""
    state = begun() | {"typed": 9}
    state, bubbles = said(talk, state, SELL, typed=True)
    assert all("speak" not in bubble for bubble in bubbles)
    _, bubbles = said(talk, state, {"command": "repeat"}, typed=True)
    assert all("speak" in bubble for bubble in bubbles)


@pytest.mark.parametrize(("mode", "aloud"), [("voice", True), ("both", True), ("text", False)])
def test_her_word_settles_it(talk: Talk, mode: str, aloud: bool) -> None:
    """What she asked for holds, however she writes."""
    wish = {"command": "set_slot", "slot": "reply_mode", "value": mode}
    state, bubbles = said(talk, begun() | {"typed": 9}, wish, typed=True)
    assert state["slots"]["reply_mode"] == mode
    assert any("speak" in bubble for bubble in bubbles) is aloud
    _, bubbles = said(talk, state, SELL, typed=True)
    assert any("speak" in bubble for bubble in bubbles) is aloud


def test_sms_carries_no_note_and_a_call_nothing_else(talk: Talk) -> None:
    """By SMS nothing is spoken, whatever she asked for; in a call everything is, whatever she asked for."""
    for channel, mode, aloud in (("sms", "voice", False), ("call", "text", True)):
        _, bubbles = said(talk, begun(reply_mode=mode), SELL, channel)
        assert any("speak" in bubble for bubble in bubbles) is aloud


def test_plain_letters_are_said_in_their_own_script(talk: Talk) -> None:
    """Hindi in Latin letters is read aloud from its Devanagari wording: a voice cannot read the other."""
    _, (bubble,) = said(talk, begun(language="hi-Latn"), SELL)
    assert bubble["text"].isascii() and bubble["spoken_in"] == "hi"
    assert not any(part["text"].isascii() for part in bubble["speak"])


def test_the_wording_that_is_said_is_named(talk: Talk) -> None:
    """`variation` is the place of the wording in its response: a recording is found by it."""
    state, (first,) = said(talk, begun(), SELL)
    _, bubbles = said(talk, state, {"command": "cannot_handle", "reason": None})
    assert first["speak"][-1]["variation"] == 0
    assert bubbles[-1]["speak"][-1]["variation"] == 1

"""Runs the talks of tests/talks: Rasa's end-to-end test form, through the real door, jobs and database.

`test_cases: [{test_case, fixtures, channel, transcriber, steps}]`; `fixtures` of the file are slot presets by
name; with a `transcriber` other than the desk a `transcript` is the machine's (`confidence: 0.4` beside it).
What she does: `user: text` (`times: n` repeats it), `photo: [names]` (with `caption`), `voice: file`,
`transcript: text`, `button: title or payload` (titles of earlier questions too), `location: [lat, lon]`,
`sticker: true`, `wait: 3d`, `duplicate: true` (her last message comes once more), `code_change: flow`,
`fault: text` (understanding breaks on it), `looking: true` (her photos take long to be judged),
`tomorrow: true` (of today she has sent enough), `old_drafts: true` (the house's daily look). What a rep does
with her: `rep: kind` with `text` and `payload`; `rep: retake` with what is wrong as `text` and `photo: 2`.
What must be true then: the steps of `CHECKS`, below.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.channels.sms_text import segments
from bot.chat import BadLine, Chat
from bot.engine.check_wording import BUTTON_TITLE, MOST_BUTTONS, MOST_ROWS, ROW_TITLE
from bot.engine.documents import read_yaml
from bot.messages import Json
from tests.talk_phone import DEEDS, Phone

TALKS = Path(__file__).parent / "talks"


@dataclass(frozen=True)
class TalkCase:
    """One talk of one file."""

    file: Path
    name: str
    language: str
    steps: list[Json]
    channel: str = "whatsapp"
    transcriber: str = "desk"
    slots: Json = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.file.parent.parent.name}/{self.file.parent.name}: {self.name}"


def load_talks(folder: Path = TALKS) -> list[TalkCase]:
    """Every talk below the folder; its language is the name of its first folder."""
    found = []
    for file in sorted(folder.glob("*/*/*.yml")):
        body = read_yaml(file)
        presets = {name: slots for preset in body.get("fixtures", []) for name, slots in preset.items()}
        for case in body["test_cases"]:
            slots: Json = {}
            for name in case.get("fixtures", []):
                for entry in presets[name]:
                    slots |= entry
            channel = case.get("channel", "whatsapp")
            language = file.parent.parent.name
            who_hears = case.get("transcriber", "desk")
            found.append(
                TalkCase(file, case["test_case"], language, case["steps"], channel, who_hears, slots)
            )
    return found


def run_talk(case: TalkCase, house: Chat) -> list[Json]:
    """Run one talk to its end; its events. AssertionError names the step that went wrong."""
    phone = Phone(house, case.channel, case.slots, case.transcriber)
    for number, step in enumerate(case.steps, 1):
        key = next(iter(step))
        try:
            if key in DEEDS:
                phone.do(key, step[key], step)
                _manners(phone, key, quiet=_is_quiet(case.steps, number))
            elif key in CHECKS:
                CHECKS[key](phone, step[key])
            else:
                raise AssertionError(f"unknown step {key!r}")
        except (AssertionError, BadLine) as error:
            raise AssertionError(f"{case.id}, step {number} {step}:\n{error}\n{_told(phone)}") from None
    return [event for turn in phone.turns() for event in turn]


def _told(phone: Phone) -> str:
    answer = {key: value for key, value in phone.answer.items() if key != "replies"}
    replies = [
        f"{r['utter']}: {r['text']} {[b['title'] for b in r['buttons']]}" for r in phone.answer["replies"]
    ]
    return "\n".join([*replies, json.dumps(answer, ensure_ascii=False)])


def _is_quiet(steps: list[Json], number: int) -> bool:
    """Whether silence is expected before she does the next thing."""
    for step in steps[number:]:
        key = next(iter(step))
        if key in DEEDS:
            return False
        if key == "silent":
            return True
    return False


def _manners(phone: Phone, deed: str, quiet: bool) -> None:
    """What every answer owes her: at most two bubbles a turn, choices within limits, all blanks filled."""
    replies = phone.answer["replies"]
    if deed in ("wait", "duplicate", "code_change"):
        return
    assert bool(replies) != quiet, "no answer" if not replies else "an answer where silence was due"
    assert phone.most_bubbles <= 2, f"{phone.most_bubbles} bubbles in one turn"
    for reply in replies:
        check_choices(reply)
        assert reply["text"].strip(), f"{reply['utter']} is empty"
        assert "{" not in reply["text"] and "None" not in reply["text"], reply["text"]
        if phone.channel == "sms":
            assert reply["segments"] == segments(reply["text"])


def check_choices(reply: Json) -> None:
    """At most three buttons of 20 letters, or ten rows of 24; no two alike."""
    titles = [button["title"] for button in reply["buttons"]]
    limit = BUTTON_TITLE if len(titles) <= MOST_BUTTONS else ROW_TITLE
    assert len(titles) <= MOST_ROWS, titles
    assert len(set(titles)) == len(titles), titles
    assert all(0 < len(title) <= limit for title in titles), titles


def _utter(phone: Phone, name: str) -> None:
    named = [reply["utter"] for reply in phone.unmatched]
    assert name in named, f"{name} was not said"
    phone.unmatched = phone.unmatched[named.index(name) + 1 :]


def _says(phone: Phone, text: str) -> None:
    assert any(text in reply["text"] for reply in phone.answer["replies"]), f"{text!r} was not said"


def _says_not(phone: Phone, text: str) -> None:
    assert all(text not in reply["text"] for reply in phone.answer["replies"]), f"{text!r} was said"


def _was_set(phone: Phone, wanted: list[Any]) -> None:
    now = phone.answer.get("slots", {})
    for entry in wanted:
        for slot, value in entry.items() if isinstance(entry, dict) else [(entry, ...)]:
            found = now.get(slot, phone.slots_set.get(slot))
            assert found is not None if value is ... else found == value, f"{slot} is {found!r}"


def _was_not_set(phone: Phone, unwanted: list[Any]) -> None:
    now = phone.answer.get("slots", {})
    for entry in unwanted:
        for slot, value in entry.items() if isinstance(entry, dict) else [(entry, ...)]:
            found = now.get(slot)
            assert found is None if value is ... else found != value, f"{slot} is {found!r}"


def _stands(key: str) -> Callable[[Phone, Any], None]:
    def check(phone: Phone, value: Any) -> None:
        found = phone.answer[key]
        found = len(found) if key in ("listings", "replies") else found
        assert found == value, f"{key} is {found!r}"

    return check


def _listing(phone: Phone, wanted: Json) -> None:
    message = phone.listing()
    for path, value in wanted.items():
        found: Any = message
        for key in path.split("."):
            found = found[int(key)] if isinstance(found, list) else found.get(key)
        assert found == value, f"{path} is {found!r}"


def _buttons(phone: Phone, titles: list[str]) -> None:
    assert [button["title"] for reply in phone.answer["replies"] for button in reply["buttons"]] == titles


def _silent(phone: Phone, wanted: bool) -> None:
    assert wanted and not phone.answer["replies"]


def _tasks(phone: Phone, kinds: list[str]) -> None:
    assert phone.tasks() == kinds, phone.tasks()


def _messages(phone: Phone, most: int) -> None:
    assert phone.deeds <= most, f"she needed {phone.deeds} messages"


CHECKS: dict[str, Callable[[Phone, Any], None]] = {
    "utter": _utter,
    "says": _says,
    "says_not": _says_not,
    "slot_was_set": _was_set,
    "slot_was_not_set": _was_not_set,
    "asks": _stands("asks"),
    "flow": _stands("flow"),
    "language": _stands("language"),
    "listings": _stands("listings"),
    "replies": _stands("replies"),
    "buttons": _buttons,
    "silent": _silent,
    "listing": _listing,
    "rep_tasks": _tasks,
    "at_most_messages": _messages,
}
"""`utter` finds its reply among those not yet found; `listing` takes dotted paths of the last message."""

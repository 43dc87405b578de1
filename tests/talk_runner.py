"""Runs the talks of tests/talks: Rasa's end-to-end test form, through the real door, jobs and database.

`test_cases: [{test_case, fixtures, language, channel, steps}]`; `fixtures` of the file are slot presets by name.
What she does: `user: text` (`times: n` repeats it), `photo: [names]` (with `caption`), `voice: file`,
`transcript: text`, `button: title or payload` (titles of earlier questions too), `location: [lat, lon]`,
`sticker: true`, `wait: 3d`, `duplicate: true` (her last message comes once more), `code_change: flow`,
`fault: text` (understanding breaks on it).
What must be true then: the steps of `CHECKS`, below.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, insert, select, update

import bot.visit
from bot.channels.sms_text import segments
from bot.chat import BadLine, Chat, Clock
from bot.engine.check_wording import BUTTON_TITLE, MOST_BUTTONS, MOST_ROWS, ROW_TITLE
from bot.engine.documents import read_yaml
from bot.messages import Inbound, Json, Media
from bot.engine.turn import new_state
from bot.receive import receive
from bot.worker import Worker
from models import Address, Consent, Conversation, Listing, Message, RepTask, Seller
from models.database import reading, writing

TALKS = Path(__file__).parent / "talks"
FILES = Path(__file__).parent
START = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
DEEDS = (
    *("user", "photo", "voice", "transcript", "button", "location", "sticker", "wait", "duplicate"),
    *("code_change", "fault"),
)


class StandingClock(Clock):
    """Moves by a second at each look and by every `wait`, so that a talk runs the same at any hour."""

    def __call__(self) -> datetime:
        self.ahead += timedelta(seconds=1)
        return START + self.ahead


@dataclass(frozen=True)
class TalkCase:
    """One talk of one file."""

    file: Path
    name: str
    language: str
    steps: list[Json]
    channel: str = "whatsapp"
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
            found.append(TalkCase(file, case["test_case"], language, case["steps"], channel, slots))
    return found


class Phone(Chat):
    """One seller's talk that remembers what was sent and said. Many of them share the house of `beside`."""

    def __init__(self, beside: Chat, case: TalkCase) -> None:
        super().__init__(beside.shop.settings, case.channel, beside=beside)
        self.clock = StandingClock()
        self.shop = replace(self.shop, clock=self.clock)
        self.worker = Worker(self.shop, "talk")
        self.case = case
        self.unmatched: list[Json] = []
        self.deeds = 0
        self.most_bubbles = 0
        self.sent: list[Inbound] = []
        self.buttons: list[Json] = []
        self.answer: Json = {"replies": [], "listings": []}
        self.slots_set: Json = {}
        if case.slots:
            with writing(self.shop.db) as conn:
                self._preset(conn, case.slots)

    def _preset(self, conn: Connection, slots: Json) -> None:
        """A seller who has been here before, with these slots."""
        now, address = self.clock(), {"channel": self.channel, "address": self.address}
        seller = insert(Seller.__table__).values(key=self.address, language="hi", created_at=now)
        mine = {"seller_id": conn.execute(seller.returning(Seller.__table__.c.id)).scalar_one()}
        conn.execute(insert(Address.__table__).values(created_at=now, **address, **mine))
        talk = {
            "state": new_state() | {"slots": slots},
            "revision": 0,
            "updated_at": now,
            "last_inbound_at": now,
        }
        conn.execute(insert(Conversation.__table__).values(**talk, **mine))
        if slots.get("consent"):
            consent = {"version": slots["consent_version"], "given": True, "language": slots["language"]}
            at = {"channel": self.channel, "message_id": "before", "at": now}
            conn.execute(insert(Consent.__table__).values(**consent, **at, **mine))

    def do(self, deed: str, value: Any, step: Json) -> Json:
        """One thing that she, the desk or time does; the answer as `chat --jsonl` gives it."""
        before = self.last_message()
        self.deeds += deed not in ("wait", "duplicate", "code_change")
        if deed == "duplicate":
            self._again()
        elif deed == "code_change":
            self._change_flow(str(value))
        elif deed == "fault":
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(bot.visit, "hear", _broken)
                self.answer = self.say({"text": value})
        elif deed == "sticker":
            self._post(self._message("other", "", media=(Media("other", "", "image/webp"),)))
        else:
            self.answer = self.say(self._line(deed, value, step))
            self.buttons += [button for reply in self.answer["replies"] for button in reply["buttons"]]
        turns = self.turns(before)
        self.slots_set = {e["name"]: e["value"] for turn in turns for e in turn if e["event"] == "slot"}
        self.most_bubbles = max((sum(e["event"] == "bot" for e in turn) for turn in turns), default=0)
        return self.answer

    def _line(self, deed: str, value: Any, step: Json) -> Json:
        if deed == "user":
            return {"text": value * step.get("times", 1)}
        if deed == "photo":
            return {
                "photos": [str(FILES / "images" / name) for name in value],
                "text": step.get("caption", ""),
            }
        if deed == "voice":
            return {"voice": str(FILES / "audio" / value)}
        if deed == "button":
            return {"button": self._payload(str(value)), "text": "" if value.startswith("/") else value}
        return {deed: value}

    def _payload(self, title: str) -> str:
        if title.startswith("/"):
            return title
        found = [button["payload"] for button in self.buttons if button["title"] == title]
        assert found, f"no button was ever called {title!r}: {[b['title'] for b in self.buttons]}"
        return str(found[-1])

    def _inbound(self, line: Json) -> Iterator[Inbound]:
        for inbound in super()._inbound(line):
            self.sent.append(inbound)
            yield inbound

    def _post(self, inbound: Inbound) -> None:
        self.sent.append(inbound)
        receive(self.shop.db, self.shop.talk, inbound, inbound.received_at)
        self.worker.drain()
        self.answer = self._answer()

    def _again(self) -> None:
        """The provider sends her last message once more: nothing may change."""
        before = self.kept()
        received = receive(self.shop.db, self.shop.talk, self.sent[-1], self.clock())
        self.worker.drain()
        assert received.repeat and self.kept() == before, "a repeated message changed something"

    def kept(self) -> Json:
        """Her state and the number of her messages and events."""
        with reading(self.shop.db) as conn:
            seller_id = self.seller_id(conn)
            counts = [
                conn.scalar(select(func.count()).select_from(table).where(table.seller_id == seller_id))
                for table in (Message, RepTask, Listing)
            ]
            state = conn.scalar(select(Conversation.state).where(Conversation.seller_id == seller_id))
        return {"state": state, "counts": counts}

    def seller_id(self, conn: Connection) -> int | None:
        return conn.scalar(select(Address.seller_id).where(Address.address == self.address))

    def last_message(self) -> int:
        with reading(self.shop.db) as conn:
            return conn.scalar(select(func.max(Message.id))) or 0

    def turns(self, after: int = 0) -> list[list[Json]]:
        """What happened in this talk since the message `after`, turn by turn."""
        with reading(self.shop.db) as conn:
            rows = select(Message.events).where(Message.seller_id == self.seller_id(conn), Message.id > after)
            return [events for events in conn.scalars(rows.order_by(Message.id)) if events]

    def _change_flow(self, flow: str) -> None:
        """The file of this flow was changed while she is in it."""
        state = self.kept()["state"]
        for frame in state["stack"]:
            frame["print"] = "older" if frame["flow"] == flow else frame["print"]
        with writing(self.shop.db) as conn:
            mine = Conversation.seller_id == self.seller_id(conn)
            conn.execute(update(Conversation.__table__).where(mine).values(state=state))

    def listing(self) -> Json:
        """The latest message of the listing that changed last."""
        with reading(self.shop.db) as conn:
            mine = select(Listing.message).where(Listing.seller_id == self.seller_id(conn))
            return dict(
                conn.scalars(mine.order_by(Listing.updated_at.desc(), Listing.number.desc())).first() or {}
            )

    def tasks(self) -> list[str]:
        """What reps were asked to do for her."""
        with reading(self.shop.db) as conn:
            mine = select(RepTask.kind).where(RepTask.seller_id == self.seller_id(conn))
            return list(conn.scalars(mine.order_by(RepTask.id)))


def run_talk(case: TalkCase, house: Chat) -> list[Json]:
    """Run one talk to its end; its events. AssertionError names the step that went wrong."""
    phone = Phone(house, case)
    for number, step in enumerate(case.steps, 1):
        key = next(iter(step))
        try:
            if key in DEEDS:
                phone.unmatched = list(phone.do(key, step[key], step)["replies"])
                _manners(phone, key, quiet=_is_quiet(case.steps, number))
            elif key in CHECKS:
                CHECKS[key](phone, step[key])
            else:
                raise AssertionError(f"unknown step {key!r}")
        except (AssertionError, BadLine) as error:
            raise AssertionError(f"{case.id}, step {number} {step}:\n{error}\n{_told(phone)}") from None
    return [event for turn in phone.turns() for event in turn]


def _broken(*_: Any) -> list[Json]:
    raise RuntimeError("a fault that a test put here")


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
    """What every answer owes her: one or two bubbles a turn, choices within their limits, all blanks filled."""
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
"""`utter` finds its reply among those not yet found; `listing` takes dotted paths of the latest listing message."""

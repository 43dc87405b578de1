"""Whatever she sends, in whatever order: an answer, plain state, and no price without her yes."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.engine.hear import hear, hear_note
from bot.engine.turn import new_state, turn
from bot.language.speak import money
from bot.messages import Json
from bot.settings import Settings
from bot.talk import Talk
from tests.talk_runner import check_choices

NOW = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
WORDS = (
    *(
        "हाँ",
        "नहीं",
        "ठीक",
        "ठीक है",
        "👍",
        "🙏",
        "250",
        "350",
        "नहीं, 300",
        "दो तीन सौ",
        "करीब दो सौ",
        "0",
        "1",
        "2",
        "9",
    ),
    *(
        "पीछे",
        "फिर से",
        "पता नहीं",
        "बाद में",
        "बस",
        "मदद",
        "रहने दो",
        "यह नहीं बेचना",
        "नया सामान",
        "एक और",
        "आप कौन",
    ),
    *("बदलो", "दाम बदलो", "गाँव बदलना है", "दाम सोलह सौ", "नमस्ते", "बेचना है", "मेरा सामान", "भाषा बदलो", "हिंदी"),
    *("छत्तीसगढ़ी में बात करो", "मेरा सब मिटा दो", "मौसम कैसा है", "साले", "बाँस की टोकरी", "मिट्टी का दीया, 20 रुपये"),
    *(
        "पीतल का हाथी, आठ इंच ऊँचा, पाँच नग, दाम पंद्रह सौ रुपया",
        "12",
        "एक बित्ता",
        "सीता बाई, करनपुर, बस्तर",
        "झुनझुना",
    ),
    *(
        "haan",
        "nahi",
        "badlo",
        "hav",
        "हव",
        "नइ",
        "दू कोरी",
        "लाख की चूड़ी",
        "दो चार",
        "साढ़े पाँच मीटर",
        "500 ग्राम",
    ),
)
PHOTO = {"id": 1, "sha256": "ab" * 32, "width": 1200, "height": 1600, "role": None, "warnings": []}
HERS = st.one_of(
    st.sampled_from(WORDS).map(lambda text: ("text", text)),
    st.text(max_size=40).map(lambda text: ("text", text)),
    st.integers(0, 9).map(lambda place: ("press", place)),
    st.integers(0, 40).map(lambda place: ("old", place)),
    st.sampled_from((("photo", None), ("dark", None), ("voice", None), ("sticker", None), ("deaf", None))),
    st.sampled_from(WORDS).map(lambda text: ("heard", text)),
)
KNOWN = {
    "language": "hi",
    "consent": True,
    "consent_version": "2026-11",
    "seller_name": "सीता बाई",
    "village": "करनपुर",
    "district": "bastar",
}
EXAMPLES = int(os.environ.get("TALK_EXAMPLES", "60"))


@cache
def talk() -> Talk:
    return Talk.load(Settings.from_environment({}))


class Listener:
    """A talk without a database: what she sends goes to the engine, what it says is looked at."""

    def __init__(self, slots: Json | None = None) -> None:
        self.state = new_state() | {"slots": dict(slots or {})}
        self.now = NOW
        self.buttons: list[Json] = []
        self.read_back = ""
        self.events: list[Json] = []
        self.notes: list[str] = []
        self.spoken = 0

    def send(self, what: str, value: Any) -> None:
        """One message; all that must hold for its answer."""
        text = value if what == "text" else ""
        commands, facts = self._commands(what, value), self._facts()
        if not commands:
            return
        before = json.dumps(self.state)
        self.now += timedelta(seconds=30)
        source = {"by": "seller", "channel": "whatsapp", "message_id": "m1", "seller_id": 1, "text": text}
        result = turn(talk().library, self.state, commands, self.now, talk().act, source, facts)
        assert json.dumps(self.state) == before
        self.state = json.loads(json.dumps(result.state))
        assert self.state == result.state
        self._look(result.events)

    def _commands(self, what: str, value: Any) -> list[Json]:
        if what == "text":
            return hear(talk().lexicon, self.state, value, None)
        if what in ("press", "old"):
            known = self.state["options"] if what == "press" else self.buttons
            return hear(
                talk().lexicon, self.state, "", known[value % len(known)]["payload"] if known else "/gone"
            )
        if what in ("voice", "heard", "deaf"):
            return self._note(what, value)
        photos = [PHOTO] if what == "photo" else []
        troubles = ["dark"] if what == "dark" else []
        if what == "sticker":
            return [{"command": "other_message"}]
        return [{"command": "add_photos", "photos": photos, "troubles": troubles}]

    def _note(self, what: str, value: Any) -> list[Json]:
        """She speaks, or the words of her last unheard note come, or nobody could hear it."""
        if what == "voice":
            self.spoken += 1
            self.notes.append(f"note-{self.spoken}")
            return [{"command": "voice_kept", "note": self.notes[-1]}]
        known = [note["note"] for note in self.state["notes"] if not note.get("dropped")]
        name = next((name for name in reversed(self.notes) if name in known), None)
        if name is None:
            return []
        self.notes.remove(name)
        if what == "deaf":
            return [{"command": "voice_trouble", "note": name, "problem": "silent"}]
        return [hear_note(talk().lexicon, self.state, name, value, None)]

    def _facts(self) -> Json:
        listing = {
            "id": "x",
            "number": 1001,
            "title": "टोकरी",
            "price": "250",
            "price_per": "piece",
            "stock": 3,
        }
        facts = talk().facts() | {
            "listings": [listing | {"status": "live", "slots": {"product_name": "टोकरी"}}]
        }
        if self.state["asks"] == "confirm_listing" and "listing_number" not in self.state["slots"]:
            self.state["slots"] |= {"listing_id": "l", "listing_number": 1002}
        return facts

    def _look(self, events: list[Json]) -> None:
        said = [event for event in events if event["event"] == "bot"]
        assert 1 <= len(said) <= 2, events
        assert not [event for event in events if event["event"] == "error"], events
        for event in said:
            assert event["text"].strip()
            check_choices(event)
        for event in events:
            if event.get("do") == "hand_over":
                self._handed_over(event["slots"])
        self.read_back = next(
            (event["text"] for event in said if event["utter"] == "utter_ask_confirm_listing"), self.read_back
        )
        self.buttons += [button for event in said for button in event["buttons"]]
        self.events += events

    def _handed_over(self, slots: Json) -> None:
        """The price went out as it was last read to her in the question she said yes to."""
        prices = [money(slots["price"], language) for language in ("hi", "hne", "hi-Latn")]
        assert any(price in self.read_back for price in prices), (prices, self.read_back)
        assert slots["consent"]


@given(st.lists(HERS, max_size=25))
@example([("text", "नमस्ते"), ("text", "हिंदी"), ("text", "नहीं"), ("text", "हाँ")])
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_stranger_is_answered(messages: list[tuple[str, Any]]) -> None:
    """A stranger may send anything: one or two bubbles within their limits, and state that is plain JSON."""
    phone = Listener()
    for what, value in messages:
        phone.send(what, value)


@given(st.lists(HERS, max_size=40))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_price_goes_out_only_as_she_confirmed_it(messages: list[tuple[str, Any]]) -> None:
    """In the middle of a draft too; whatever she says, the price handed over is the one last read to her."""
    phone = Listener(KNOWN | {"photos": [PHOTO], "photos_done": True})
    for message in [("text", "बेचना है"), ("text", "बाँस की टोकरी, 250 रुपये, 12 नग, एक बित्ता")]:
        phone.send(*message)
    for what, value in [*messages, ("text", "हाँ"), ("text", "हाँ"), ("text", "हाँ")]:
        phone.send(what, value)


@given(st.lists(st.tuples(st.just("text"), st.sampled_from(WORDS)), min_size=5, max_size=30))
@settings(max_examples=EXAMPLES // 2, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_detour_ends_on_a_question_or_at_rest(messages: list[tuple[str, Any]]) -> None:
    """Whenever a flow is open, a question of it is awaited, and its choices are those of the last bubble."""
    phone = Listener(KNOWN)
    for what, value in messages:
        phone.send(what, value)
        assert bool(phone.state["stack"]) == (phone.state["collect"] is not None), phone.state

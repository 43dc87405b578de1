"""What providers report of calls: every payload file gives exactly its messages."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels import call_gateway, twilio_calls
from bot.channels.call_entry import entries
from bot.channels.calls import LARGEST, CallEvent, Place, heard, missed_call, turned
from bot.messages import Inbound, Json

PAYLOADS = Path(__file__).parent / "payloads" / "calls"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "path", sorted(PAYLOADS.glob("*/*.json")), ids=lambda path: f"{path.parent.name}/{path.stem}"
)
def test_payload(path: Path) -> None:
    """Each file holds a rule, a call's parameters, where the call stood, and the messages they must give."""
    case = json.loads(path.read_text(encoding="utf-8"))
    assert [as_json(message) for message in messages(path.parent.name, case)] == case["expected"]


@pytest.mark.parametrize(
    "name", [name for name, entry in entries().items() if name == "twilio" or entry.hears]
)
def test_every_provider_has_its_payloads(name: str) -> None:
    """A provider that nobody has shown a call of is not offered."""
    assert list((PAYLOADS / name).glob("*.json"))


def messages(provider: str, case: Json) -> list[Inbound]:
    """What the doors receive of this call."""
    hears = entries()[provider].hears
    event = call_gateway.read(hears, case["params"]) if hears else twilio_calls.read(case["params"])
    step = case.get("step") or ("missed" if event.incoming else "heard")
    place, asked = Place.read(case.get("place", {})), case.get("asked")
    found: Inbound | None = None
    if step == "missed":
        rings = case.get("rings", entries()[provider].ring is not None)
        found = missed_call(event, rings, NOW) if event.incoming and not event.ended else None
    else:
        if hears and step == "heard" and not event.keys and not event.recording:
            place = place.silent()
        if turned(event, place, asked) is None:
            found = heard(event, place, asked, NOW, case.get("expected_call", True))
    return [found] if found else []


def as_json(message: Inbound) -> dict[str, Any]:
    assert message.received_at == NOW and message.media_ids == () and message.location is None
    return {
        "channel": message.channel,
        "address": message.address,
        "kind": message.kind,
        "text": message.text,
        "payload": message.payload,
        "media": [[item.kind, item.url, item.content_type] for item in message.media],
        "provider_id": message.provider_id,
    }


NAMES = """CallSid From To Direction CallStatus Digits RecordingUrl RecordingDuration
CallFrom digits Status after page quiet waits tries""".split()
VALUES = st.text(max_size=40) | st.sampled_from(["inbound", "completed", "+919999912345", "1", "https://x/y"])
ASKED = {"buttons": [], "call": {"then": "choose", "skip": True, "keys": [[], []]}}


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(NAMES), VALUES), st.dictionaries(st.sampled_from(NAMES), VALUES))
def test_any_form_is_read(params: dict[str, str], query: dict[str, str]) -> None:
    """Whatever stands in the parameters: no exception, and nothing a database refuses."""
    exotel = entries()["exotel"].hears
    assert exotel is not None
    for event in (twilio_calls.read(params), call_gateway.read(exotel, params)):
        for place in (Place.read(query), Place(after=3)):
            turned(event, place, ASKED)
            message = heard(event, place, ASKED, NOW)
            if message:
                assert message.provider_id and message.address
                assert "\x00" not in message.text + message.address + message.provider_id


@given(st.dictionaries(st.sampled_from(["after", "page", "quiet", "waits", "tries"]), st.integers(0, 10**9)))
def test_a_place_survives_its_address(given: dict[str, int]) -> None:
    """Where a call stands is the same after a round through the address of a webhook."""
    place = Place.read(given)
    assert Place.read({name: str(value) for name, value in place.as_json().items()}) == place


@pytest.mark.parametrize("text", ["-3", "x", "", "1.5", None, "9" * 30])
def test_an_address_with_nonsense(text: str | None) -> None:
    """What is no number in an address counts as nought, and none is too large for the database."""
    assert Place.read({"after": text}).after in (0, LARGEST)


def test_the_same_answer_has_the_same_id() -> None:
    """However often a key is reported, it is one message; at the next question it is another one."""
    event = CallEvent("CA1", "+919999912345", keys="1")
    first, again = heard(event, Place(4), ASKED, NOW), heard(event, Place(4, quiet=1), ASKED, NOW)
    then = heard(event, Place(6), ASKED, NOW)
    assert first and again and then
    assert first.provider_id == again.provider_id != then.provider_id

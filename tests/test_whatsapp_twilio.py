"""Twilio's WhatsApp calls: every payload file gives exactly its messages, and only signed ones count."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot.channels import SilentChannel, open_channels
from bot.channels.base import FINAL, LADDER, Status
from bot.channels.numbered_text import with_numbers
from bot.channels.phone import e164
from bot.channels.twilio_inbound import parse
from bot.channels.whatsapp_twilio import sign, whatsapp
from bot.messages import Button, Inbound
from bot.settings import Settings

PAYLOADS = Path(__file__).parent / "payloads" / "twilio_whatsapp"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SETTINGS = Settings(twilio_account_sid="AC" + "0" * 32, twilio_auth_token="12345")
# The number is part of a published example, written in two so that nobody takes it for a person's.
VECTOR = {
    "MessageSid": "SM" + "0" * 32,
    "From": "whatsapp:+91" + "9812345678",
    "Body": "नमस्ते",
    "NumMedia": "0",
}
VECTOR_URL = "https://example.com/twilio/inbound"
VECTOR_SIGNATURE = "EIsNU5OS65izLPrn+PCDwQApAFE="


@pytest.mark.parametrize("path", sorted(PAYLOADS.glob("*.json")), ids=lambda path: path.stem)
def test_payload(path: Path) -> None:
    """Each file holds a rule, a call's parameters and the messages they must give, field by field."""
    case = json.loads(path.read_text(encoding="utf-8"))
    assert [as_json(message) for message in parse("whatsapp", case["params"], NOW)] == case["expected"]


def as_json(message: Inbound) -> dict[str, Any]:
    assert message.received_at == NOW and message.media_ids == ()
    return {
        "channel": message.channel,
        "address": message.address,
        "provider_id": message.provider_id,
        "kind": message.kind,
        "text": message.text,
        "payload": message.payload,
        "media": [[item.kind, item.url, item.content_type] for item in message.media],
        "location": list(message.location) if message.location else None,
        "profile_name": message.profile_name,
        "user_id": message.user_id,
    }


def test_signature_vector() -> None:
    """The published example verifies; any other token, URL, value or parameter does not."""
    channel = whatsapp(SETTINGS)
    assert channel.verify(VECTOR_URL, VECTOR, VECTOR_SIGNATURE)
    assert sign(SETTINGS, VECTOR_URL, VECTOR) == VECTOR_SIGNATURE
    assert not channel.verify(VECTOR_URL + "?a=1", VECTOR, VECTOR_SIGNATURE)
    assert not channel.verify(VECTOR_URL, VECTOR | {"Body": "नमस्ते।"}, VECTOR_SIGNATURE)
    assert not channel.verify(VECTOR_URL, VECTOR | {"New": ""}, VECTOR_SIGNATURE)
    assert not whatsapp(Settings(twilio_auth_token="54321")).verify(VECTOR_URL, VECTOR, VECTOR_SIGNATURE)


@pytest.mark.parametrize("signature", ["", "é", "EIsN", VECTOR_SIGNATURE.lower()])
def test_signature_that_is_none(signature: str) -> None:
    """What is no signature is refused, never an exception."""
    assert not whatsapp(SETTINGS).verify(VECTOR_URL, VECTOR, signature)


def test_without_a_token_nothing_is_trusted() -> None:
    """An empty secret would let everyone sign."""
    empty = Settings()
    assert not whatsapp(empty).verify(VECTOR_URL, VECTOR, sign(empty, VECTOR_URL, VECTOR))


def test_the_simulator_sends_nothing_out() -> None:
    """With SIMULATOR=1 and no account every channel keeps its messages and signs with a fixed word."""
    settings = Settings(simulator=True)
    channels = open_channels(settings)
    assert all(isinstance(channel, SilentChannel) for channel in channels.values())
    assert channels["whatsapp"].verify(VECTOR_URL, VECTOR, sign(settings, VECTOR_URL, VECTOR))


def test_long_text_is_kept_whole() -> None:
    """Ten thousand characters come through to the last one."""
    [message] = parse("whatsapp", VECTOR | {"Body": "क" * 10_000}, NOW)
    assert message.text == "क" * 10_000


def test_message_without_an_id_is_not_taken_for_another() -> None:
    """Two calls without any id are two messages, whatever they say."""
    nameless = {"From": "whatsapp:+919999912345", "Body": "हाँ"}
    [first], [second] = parse("whatsapp", nameless, NOW), parse("whatsapp", nameless, NOW.replace(second=1))
    assert first.provider_id.startswith("none-") and first.provider_id != second.provider_id


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("+919999912345", "+919999912345"),
        ("919999912345", "+919999912345"),
        ("09999912345", "+919999912345"),
        ("99999 12345", "+919999912345"),
        ("00919999912345", "+919999912345"),
        ("+14155550100", "+14155550100"),
        ("IN.a1B2c3D4e5F6g7H8", None),
        ("IN.9999912345", None),
        ("AD-SANGWA", None),
        ("", None),
        ("12", None),
        ("9" * 40, None),
    ],
)
def test_numbers_have_one_form(written: str, expected: str | None) -> None:
    """However a gateway writes her number, she is the same person."""
    assert e164(written) == expected


NAMES = """MessageSid From Body NumMedia MediaUrl0 MediaContentType0 ButtonPayload ButtonText ListId ListTitle
Latitude Longitude Address Label ProfileName ExternalUserId MessageType MessageStatus ErrorCode"""
VALUES = st.text(max_size=40) | st.sampled_from(["https://x/y", "3", "whatsapp:+9199"])


@hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(NAMES.split()), VALUES))
@example({"From": "+919999912345", "MessageSid": " "})
def test_any_form_is_read(params: dict[str, str]) -> None:
    """Whatever stands in the parameters: no exception, and nothing a database refuses."""
    channel = SilentChannel("whatsapp", SETTINGS)
    channel.status(params)
    for message in channel.parse(params, NOW):
        assert message.address and message.provider_id
        assert "\x00" not in message.text + message.address + (message.payload or "")


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"MessageSid": "SM1", "MessageStatus": "delivered"}, Status("SM1", "delivered")),
        ({"SmsSid": "SM1", "SmsStatus": "sent"}, Status("SM1", "sent")),
        (
            {"MessageSid": "SM1", "MessageStatus": "failed", "ErrorCode": "63016"},
            Status("SM1", "failed", "63016"),
        ),
        ({"MessageSid": "SM1", "MessageStatus": "accepted"}, Status("SM1", "queued")),
        ({"MessageSid": "SM1", "MessageStatus": "canceled"}, None),
        ({"MessageStatus": "sent"}, None),
        ({}, None),
    ],
)
def test_status_callback(params: dict[str, str], expected: Status | None) -> None:
    """A callback names its message and a state of the ladder, or it says nothing."""
    assert SilentChannel("whatsapp", SETTINGS).status(params) == expected


def test_status_never_goes_back() -> None:
    """A state replaces only lower ones, and an end replaces nothing that was delivered."""
    for place, word in enumerate(LADDER):
        assert Status("SM1", word).follows() == LADDER[:place]
    for word in FINAL:
        assert set(Status("SM1", word).follows()).isdisjoint({"delivered", "read", *FINAL})


def test_buttons_become_numbered_text() -> None:
    """Short choices stand in one row below the question, long ones below each other."""
    yes_no = (Button("हाँ", "yes"), Button("नहीं", "no"))
    assert with_numbers("सही है?", yes_no, 1600) == "सही है?\n1 हाँ  2 नहीं"
    long = (Button("क" * 24, "a"), Button("ख" * 24, "b"))
    assert with_numbers("कौन सा?", long, 1600) == f"कौन सा?\n1 {'क' * 24}\n2 {'ख' * 24}"
    assert with_numbers("दाम?", (), 1600) == "दाम?"


def test_long_question_keeps_its_end_and_its_choices() -> None:
    """A text over the limit loses its middle: the question and the choices are what she needs."""
    text = with_numbers("क" * 3000 + "\nसब सही है?", (Button("हाँ", "yes"),), 1600)
    assert len(text) <= 1600
    assert text.endswith("सब सही है?\n1 हाँ")
    assert len(with_numbers("क" * 3000, (), 1600)) == 1600

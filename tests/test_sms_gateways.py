"""SMS gateways are data: entries are whole, and each payload file gives exactly its messages or reports."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import open_channels
from bot.channels.gateway_call import BadCall, Call
from bot.channels.gateway_entry import FILE, load_entries
from bot.channels.gateway_inbound import read_messages, read_reports, without_keyword
from bot.channels.sms_gateways import SmsGateway, TwilioSms, sms
from bot.channels.sms_parts import GAP, Part, assemble, is_whole, joined
from bot.engine.documents import BadDocuments, read_yaml
from bot.settings import MissingSetting, Settings

PAYLOADS = Path(__file__).parent / "payloads" / "sms"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
ENTRIES = load_entries()
FILES = sorted(PAYLOADS.glob("*/*.yml"))
EXOTEL = Settings(
    sms_gateway="exotel",
    sms_account="bihan1",
    sms_user="user",
    sms_token="token",
    sms_sender="BIHANX",
    sms_webhook_key="a secret & more",
    public_url="https://sangwari.example/",
)


@pytest.mark.parametrize("file", FILES, ids=[f"{file.parent.name}/{file.stem}" for file in FILES])
def test_payload(file: Path) -> None:
    """A file holds a rule, the call as it comes, and what it must give, field by field."""
    case = read_yaml(file)
    entry = ENTRIES[file.parent.name]
    call = Call(case.get("query", "").encode(), case.get("body", "").encode())
    if "bad" in case:
        with pytest.raises(BadCall, match=re.escape(case["bad"])):
            read_messages(file.parent.name, entry.receive, call, "", NOW)
    elif case["door"] == "report":
        found = [
            {"id": r.status.provider_id, "status": r.status.status, "error": r.status.error, "again": r.again}
            for r in read_reports(entry.report, call)
        ]
        assert found == case["reports"]
    else:
        read = read_messages(file.parent.name, entry.receive, call, "", NOW)
        keys = ("address", "provider_id", "kind", "text")
        assert [{key: getattr(m, key) for key in keys} for m in read.messages] == case.get("messages", [])
        parts = [{k: v for k, v in asdict(part).items() if k != "gateway"} for part in read.parts]
        assert parts == case.get("parts", [])
        assert read.refused == case.get("refused", [])
        assert all((m.channel, m.received_at) == ("sms", NOW) for m in read.messages)


@pytest.mark.parametrize("name", ENTRIES)
def test_every_entry_has_its_payload_files(name: str) -> None:
    """A message, an odd sender or text, and a report: an entry nobody tried is none."""
    doors = [read_yaml(file)["door"] for file in (PAYLOADS / name).glob("*.yml")]
    assert doors.count("message") >= 3 and doors.count("report") >= 1


def test_payload_files_are_of_entries() -> None:
    """No folder is left over from an entry that went."""
    assert {file.parent.name for file in FILES} == set(ENTRIES)


WRONG = [
    ("    sender: From\n", "", "exotel.receive.sender: Field required"),
    ("guard: [key]\n", "guard: []\n", "exotel.receive.guard: List should have at least 1 item"),
    ("guard: [key]\n", "guard: [addresses]\n", "exotel: uses SMS_ADDRESSES, which `needs` does not name"),
    ("    id: SmsSid\n    sender: From\n    text: Body\n    sent_at: Date\n",
     "    sender: From\n    text: Body\n",
     "exotel.receive: needs `id` or `sent_at`: else a repeat is taken for a second message"),
    ('To: "{to}"', 'To: "{number}"', "exotel.send: nobody fills {number}"),
    ('Body: "{text}"', 'Body: "fixed"', "exotel.send: `fields` must hold {to} and {text}"),
    ("method: POST", "method: PUT", "exotel.send.method: Input should be 'GET' or 'POST'"),
    ("secret: SMS_TOKEN}", "secret: SMS_TOKENS}", "exotel.send.auth.secret: 'SMS_TOKENS' is no setting"),
    ("kind: basic, user: SMS_USER,", "kind: basic,", "exotel.send.auth: basic takes ['secret', 'user']"),
    ("submitted: sent,", "submitted: gone,", "'gone' is not one of queued, sending, sent, delivered, read"),
    ("  report:\n", "  reports:\n", "exotel.reports: Extra inputs are not permitted"),
    ("exotel:\n", "Exo/tel:\n", "Exo/tel: small letters, digits and _ only"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), WRONG, ids=[said for _, _, said in WRONG])
def test_an_incomplete_entry_is_named(old: str, new: str, said: str, tmp_path: Path) -> None:
    """File, line and what is wrong; nothing of a broken file is used."""
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    copy = tmp_path / "gateways.yml"
    copy.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadDocuments) as caught:
        load_entries(copy)
    told = [str(problem) for problem in caught.value.problems]
    assert any(said in line and re.match(rf"{copy}:\d+: ", line) for line in told), told


def test_secrets_stand_in_the_environment_only() -> None:
    """An entry names settings and holds none of their values."""
    for entry in ENTRIES.values():
        assert {entry.send.auth.secret, entry.send.auth.user} - {None} <= set(entry.needs)


def test_the_settings_choose_the_gateway() -> None:
    """Twilio without a word, an entry by its name; in the simulator nothing goes out at all."""
    assert isinstance(sms(Settings()), TwilioSms)
    assert isinstance(sms(Settings(sms_gateway="twilio")), TwilioSms)
    channel = open_channels(EXOTEL)["sms"]
    assert isinstance(channel, SmsGateway) and channel.name == "sms"
    assert not isinstance(open_channels(replace(EXOTEL, simulator=True))["sms"], SmsGateway)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (replace(EXOTEL, sms_gateway="exotle"), "not one of twilio, exotel, generic, generic_query"),
        (replace(EXOTEL, sms_token="", sms_webhook_key=""), "needs SMS_TOKEN, SMS_WEBHOOK_KEY"),
        (Settings(sms_gateway="generic"), "needs SMS_URL, SMS_TOKEN, SMS_SENDER, SMS_WEBHOOK_KEY"),
        (replace(EXOTEL, sms_addresses="10.0.0.0/99"), "SMS_ADDRESSES: "),
    ],
)
def test_what_a_gateway_lacks_is_refused_at_start(settings: Settings, said: str) -> None:
    """By name, before anything is served."""
    with pytest.raises(MissingSetting, match=re.escape(said)):
        open_channels(settings)


@pytest.mark.parametrize(
    ("key", "address", "guard", "let_in"),
    [
        ("a secret & more", "", ["key"], True),
        ("a secret", "", ["key"], False),
        ("", "10.1.2.3", ["key"], False),
        ("é", "", ["key"], False),
        ("", "10.1.2.3", ["addresses"], True),
        ("a secret & more", "10.2.0.1", ["addresses"], False),
        ("", "2001:db8::7", ["addresses"], True),
        ("", "nonsense", ["addresses"], False),
        ("a secret & more", "10.1.2.3", ["key", "addresses"], True),
        ("wrong", "10.1.2.3", ["key", "addresses"], False),
    ],
)
def test_only_the_gateway_gets_in(key: str, address: str, guard: list[Any], let_in: bool) -> None:
    """By the secret, by its addresses, or by both, as its entry says."""
    entry = ENTRIES["exotel"]
    entry = entry.model_copy(update={"receive": entry.receive.model_copy(update={"guard": guard})})
    settings = replace(EXOTEL, sms_addresses="10.1.2.0/24 2001:db8::/64")
    assert SmsGateway("exotel", entry, settings).admits(key, address) is let_in


def test_without_a_secret_nobody_gets_in() -> None:
    """An empty secret would let everyone in."""
    assert not SmsGateway("exotel", ENTRIES["exotel"], Settings()).admits("", "127.0.0.1")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SANGWARI 250", "250"),
        ("sangwari: bans ki tokri", "bans ki tokri"),
        ("SANGWARI\nbans ki tokri", "bans ki tokri"),
        ("", ""),
        ("sangwari", "sangwari"),
        ("250 sangwari", "250 sangwari"),
        ("sangwariya 250", "sangwariya 250"),
    ],
)
def test_the_keyword_of_a_shared_number_is_no_word_of_hers(text: str, said: str) -> None:
    """It is taken off the beginning; alone it is all that she said."""
    assert without_keyword(text, "Sangwari") == said
    assert without_keyword(text, "") == text


BYTES = st.binary(max_size=120) | st.sampled_from(
    [b"SmsSid=1&From=%2B919999912345&Body=1", b'{"messages":[{}]}']
)


@given(BYTES, BYTES, st.sampled_from(sorted(ENTRIES)))
def test_any_call_is_read_or_refused(query: bytes, body: bytes, name: str) -> None:
    """Whatever bytes come: messages that a database takes, or a reason; never another exception."""
    entry, call = ENTRIES[name], Call(query, body)
    try:
        read = read_messages(name, entry.receive, call, "kw", NOW)
        read_reports(entry.report, call)
    except BadCall as error:
        assert str(error)
        return
    for message in read.messages:
        assert message.address.startswith("+91") and 0 < len(message.provider_id) <= 160
        assert "\x00" not in message.text


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["messages", "reports", "id", "from", "text", "part"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(JSONS)
def test_any_json_is_read_or_refused(tree: Any) -> None:
    """Lists where words were expected, words where lists were: a reason at most."""
    call, entry = Call(body=json.dumps(tree).encode()), ENTRIES["generic"]
    try:
        read_messages("generic", entry.receive, call, "", NOW)
        read_reports(entry.report, call)
    except BadCall as error:
        assert str(error)


def part(number: int, total: int = 3, text: str = "", ref: str = "7", provider_id: str = "") -> Part:
    return Part(
        "generic", "+919999912345", ref, number, total, text or f"<{number}>", provider_id or f"p{number}"
    )


@given(st.permutations(range(1, 6)))
def test_parts_are_joined_in_their_order(order: list[int]) -> None:
    """However they come, the text is the same, and so is the id of the whole."""
    [group] = assemble(part(number, 5) for number in order)
    assert is_whole(group)
    assert joined(group) == ("<1><2><3><4><5>", joined([part(n, 5) for n in range(1, 6)])[1])


@pytest.mark.parametrize(
    ("came", "text"),
    [
        ([1, 2], f"<1><2>{GAP.rstrip()}"),
        ([1, 3], f"<1>{GAP}<3>"),
        ([3], f"{GAP.lstrip()}<3>"),
    ],
)
def test_what_never_came_leaves_a_gap(came: list[int], text: str) -> None:
    """Nobody takes two ends of a sentence for one."""
    [group] = assemble(part(number) for number in came)
    assert not is_whole(group) and joined(group)[0] == text


def test_a_ref_that_is_used_again_is_another_message() -> None:
    """A phone counts its long messages round and round."""
    parts = [
        part(1, 2, "a"),
        part(1, 2, "c", provider_id="q1"),
        part(2, 2, "b"),
        part(2, 2, "d", provider_id="q2"),
    ]
    assert [joined(group)[0] for group in assemble(parts)] == ["ab", "cd"]
    assert [joined(group)[0] for group in assemble([part(1, 2), part(1, 2, ref="8")])] == ["<1> …", "<1> …"]

"""Twilio's own OpenAPI documents judge our calls: Prism refuses what Twilio would refuse."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from sqlalchemy import Engine

from bot.channels import SendError
from bot.channels.content_api import ContentApi
from bot.channels.whatsapp_twilio import TwilioChannel, whatsapp
from bot.messages import Button, Json, Outbound
from bot.settings import Settings
from bot.template_commands import push, status
from tests.fake_twilio import ACCOUNT, SENDER, SID, TOKEN, FakeTwilio
from tests.open_rooms import settings_for

pytestmark = pytest.mark.twilio_openapi
PRISM = "@stoplight/prism-cli@5.14.2"
HER = "whatsapp:+919999912345"
YES = (Button("हाँ", "yes"),)


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Prism that serves Twilio's Messages document."""
    yield from prism("messages.json", tmp_path_factory)


@pytest.fixture(scope="module")
def content_judge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same for the Content document."""
    yield from prism("content.json", tmp_path_factory)


def prism(name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Prism with one document; ended by its own process group."""
    document = Path(os.environ["TWILIO_OPENAPI"]) / name
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = tmp_path_factory.mktemp("prism") / "words.txt"
    command = ["npx", "-y", PRISM, "mock", "-h", "127.0.0.1", "-p", str(port), str(document), "--errors"]
    with words.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(process, url, words)
        yield url
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def _wait_for(process: subprocess.Popen[bytes], url: str, words: Path) -> None:
    """npx may have to fetch Prism first."""
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        try:
            requests.get(url, timeout=1)
            return
        except requests.ConnectionError:
            time.sleep(0.3)
    pytest.fail(f"Prism did not start: {words.read_text()[-1000:]}")


def channel(url: str, account: str = SID) -> TwilioChannel:
    """Our channel with another server in Twilio's place."""
    return whatsapp(
        Settings(
            twilio_account_sid=account,
            twilio_auth_token=TOKEN,
            twilio_whatsapp_from=SENDER,
            twilio_base_url=url,
            public_url="https://sangwari.example",
        )
    )


@pytest.mark.parametrize(
    ("outbound", "template"),
    [
        (Outbound("whatsapp", HER, "utter_hello", "नमस्ते", "hi"), None),
        (Outbound("whatsapp", HER, "utter_ask_price", "दाम?", "hi", buttons=YES), None),
        (Outbound("whatsapp", HER, "utter_ask_price", "दाम?", "hi", buttons=YES), "HX" + "a" * 32),
        (Outbound("whatsapp", HER, "utter_x", "देखो", "hi", image_url="https://sangwari.example/c.png"), None),
        (Outbound("whatsapp", HER, "utter_x", "", "hi", audio_url="https://sangwari.example/v.ogg"), None),
        (Outbound("whatsapp", "whatsapp:IN.a1B2c3D4e5F6", "utter_hello", "नमस्ते", "hi"), None),
        (Outbound("whatsapp", HER, "utter_x", "क" * 5000, "hi", buttons=YES), None),
    ],
    ids=["text", "numbered", "stored", "picture", "sound", "user-id", "long"],
)
def test_what_we_send_is_well_formed(judge: str, outbound: Outbound, template: str | None) -> None:
    """Every kind of bubble is a call that Twilio's document allows."""
    assert channel(judge).send(outbound, template)


def test_what_we_ask_is_well_formed(judge: str) -> None:
    """Lookups, lists, attachments and their deletion: our real calls, made to a stand-in, then judged.

    Prism's own sample answers break the document's rules on links: only what it says of the request counts.
    """
    since = datetime.now(UTC) - timedelta(days=1)
    with FakeTwilio() as twilio:
        ours = channel(twilio.url)
        ours.find_sent(Outbound("whatsapp", HER, "utter_hello", "नमस्ते", "hi"), since)
        twilio.say("", sender=HER, media=1)
        list(ours.recent_inbound(since, lambda ids: ids))
        ours.delete_media(twilio.attach("MM" + "0" * 32, "image/jpeg", b""))
    assert [method for method, _, _ in twilio.calls] == ["GET", "GET", "GET", "DELETE"]
    for method, path, _ in twilio.calls:
        assert complaints(requests.request(method, judge + path, auth=(SID, TOKEN), timeout=20)) == []
    malformed = f"{judge}{ACCOUNT}/Messages.json?PageSize=many"
    assert complaints(requests.get(malformed, auth=(SID, TOKEN), timeout=20)) != []


def complaints(answer: requests.Response) -> list[str]:
    """What Prism holds against the request; what it holds against its own answer is left out."""
    if answer.ok:
        return []
    found = answer.json().get("validation") or [{"location": ["call"], "message": answer.text}]
    return [each["message"] for each in found if each["location"][0] != "response"]


def test_the_judge_judges(judge: str) -> None:
    """A wrong account, a wrong stored message and a missing receiver are refused."""
    hello = Outbound("whatsapp", HER, "utter_hello", "नमस्ते", "hi", buttons=YES)
    for wrong, template in (
        (channel(judge, account="nobody"), None),
        (channel(judge), "HX-no-such-thing"),
    ):
        with pytest.raises(SendError) as refusal:
            wrong.send(hello, template)
        assert refusal.value.code.startswith("http-4")
    with pytest.raises(SendError):
        channel(judge).api.post_message({"From": SENDER, "Body": "नमस्ते"})


def test_what_we_store_is_well_formed(content_judge: str, tmp_path: Path, db: Engine) -> None:
    """Every call of a push and of a status, made to a stand-in, then judged; and the judge refuses others."""
    with FakeTwilio() as twilio:
        settings = settings_for(tmp_path, twilio)
        list(push(db, ContentApi(settings), settings, datetime.now(UTC)))
        list(status(db, ContentApi(settings), settings, datetime.now(UTC)))
    kinds = {next(iter(each["types"])): each for each in twilio.content}
    assert kinds.keys() == {"twilio/quick-reply", "twilio/list-picker"}
    openers = [each for each in twilio.content if each["sid"] in twilio.approvals]
    sid = openers[0]["sid"]
    asked: list[tuple[str, str, Json | None]] = [
        *(("POST", "/v1/Content", each) for each in [*kinds.values(), *openers]),
        ("POST", f"/v1/Content/{sid}/ApprovalRequests/whatsapp", {"name": "a_b", "category": "UTILITY"}),
        *((method, path, None) for method, path, _ in twilio.calls if method == "GET"),
    ]
    for method, path, body in asked:
        given = {name: value for name, value in (body or {}).items() if name != "sid"} if body else None
        answer = requests.request(method, content_judge + path, json=given, auth=(SID, TOKEN), timeout=20)
        assert complaints(answer) == [], path
    wrong = {"friendly_name": "x", "language": "hi", "types": {"twilio/quick-reply": {"body": "x"}}}
    answer = requests.post(content_judge + "/v1/Content", json=wrong, auth=(SID, TOKEN), timeout=20)
    assert complaints(answer) != []

"""The actions of bot/actions run the same in this process and under Rasa's own action server."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from bot.messages import Json
from bot.settings import ROOT, Settings
from bot.talk import Talk

SLOTS: Json = {
    "language": "hi",
    "consent": True,
    "notice_version": "2026-11",
    "today": "2026-01-06",
    "first_listed_on": "2026-01-05",
    "product_name": "पीतल का हाथी",
    "material": ["brass"],
    "price": "1500",
    "price_per": "piece",
    "stock": 5,
    "size": "आठ इंच",
    "listing_id": "1",
    "listing_number": 1001,
    "photos": [{"id": 1, "sha256": "ab", "width": 1200, "height": 1600, "role": None, "warnings": []}] * 3,
    "new_price": "99.50",
    "pincode": "494 226",
    "gstin": "no number",
    "district": " bastar ",
    "listings": [
        {
            "id": "1",
            "number": 1001,
            "title": "हाथी",
            "price": "1500",
            "price_per": "piece",
            "stock": 5,
            "slots": {},
        }
    ],
    "listing_choice": "1001",
    "listing_change": "sold_out",
    "daily_question": "weight",
}
CONTEXT = {
    "slot": "price",
    "heard": ["price"],
    "readings": [{"value": "150"}, {"value": "50"}],
    "troubles": ["dark"],
}


@pytest.fixture(scope="module")
def talk() -> Talk:
    return Talk.load(Settings.from_environment({}))


def tracker(talk: Talk) -> Json:
    return {
        "sender_id": "seller",
        "slots": talk.library.domain.initial | SLOTS,
        "latest_message": {"text": "", "intent": {}, "entities": []},
        "events": [],
        "paused": False,
        "latest_input_channel": "whatsapp",
        "active_loop": {},
        "stack": [{"flow_id": "list_product", "step_id": "price"}, {"context": CONTEXT}],
    }


def test_an_action_cannot_change_the_talk_it_looks_at(talk: Talk) -> None:
    """It gets a copy of the tracker; what it wants comes back as events."""
    given = tracker(talk)
    for name in sorted(talk.act.names):
        talk.act(name, given)
    assert given == tracker(talk)


def test_every_action_answers_in_plain_events(talk: Talk) -> None:
    """Slot events name slots of the domain; responses name responses of every locale."""
    for name in sorted(talk.act.names):
        events, responses = talk.act(name, tracker(talk))
        assert {event["event"] for event in events} <= {"slot"}
        assert {event["name"] for event in events} <= talk.library.domain.types.keys()
        for response in filter(None, (item.get("response") for item in responses)):
            assert all(response in wording.responses for wording in talk.library.wordings.values()), response


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """`python -m rasa_sdk --actions bot.actions` on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "rasa_sdk", "--actions", "bot.actions", "--port", str(port)]
    environment = os.environ | {"SANIC_HOST": "127.0.0.1"}
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _await(f"{url}/health", process)
        yield url
    finally:
        # Asked to end while it is busy, the server may spin for ever: it and its children are ended for it.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _await(url: str, process: subprocess.Popen[Any]) -> None:
    for _ in range(300):
        assert process.poll() is None, "the action server ended"
        try:
            if requests.get(url, timeout=1).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    raise AssertionError("the action server did not come up")


@pytest.mark.slow
def test_rasas_server_serves_the_same_actions(server: str, talk: Talk) -> None:
    """The same names, and for each the same events and responses."""
    listed = {item["name"] for item in requests.get(f"{server}/actions", timeout=10).json()}
    assert listed == talk.act.names
    for name in sorted(talk.act.names):
        call = {
            "next_action": name,
            "sender_id": "seller",
            "tracker": tracker(talk),
            "domain": talk.library.domain.raw,
            "version": "3.21",
        }
        served = requests.post(f"{server}/webhook", json=call, timeout=10).json()
        events, responses = talk.act(name, tracker(talk))
        assert (served["events"], served["responses"]) == (events, responses), name

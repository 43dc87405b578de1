"""A gateway that leads callers through a flow of its own: the one of docs/calls.md, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select, update

from bot.media.audio import decode
from models import Conversation, Message, RepTask
from models.database import reading, writing
from tests.calls_house import HER, OURS, CallsHouse, calls_house, speech
from tests.open_rooms import outgoing, seller
from tests.scripted_caller import Deed, hang_up, key, say, silence

SETTINGS = {
    "call_provider": "exotel",
    "call_account": "sangwari",
    "call_user": "user",
    "call_token": "secret",
    "call_flow": "777",
    "call_webhook_key": "k" * 20,
    "call_media_hosts": "127.0.0.1",
}
LONGEST = 60


@pytest.fixture
def house(tmp_path: Path) -> Iterator[CallsHouse]:
    with calls_house(tmp_path, **SETTINGS) as opened:
        yield opened


class Flow:
    """Exotel's flow: at each step it asks us, and does what it was told."""

    def __init__(self, house: CallsHouse, call: str = "flow-1") -> None:
        self.house, self.call = house, call
        self.heard: list[str] = []

    def ask(self, step: str, **more: str) -> requests.Response:
        params = {
            "CallSid": self.call,
            "CallFrom": "09999912345",
            "CallTo": OURS,
            "Direction": "outbound-dial",
        }
        address = f"{self.house.settings.public_url}/webhooks/calls/exotel"
        answer = requests.get(
            address, {"key": SETTINGS["call_webhook_key"], "step": step} | params | more, timeout=5
        )
        assert answer.status_code == 200, answer.text
        return answer

    def run(self, deeds: list[Deed]) -> None:
        """Until the talk is over or she hangs up."""
        waiting = list(deeds)
        for _ in range(LONGEST):
            way = self.ask("next").json()["select"]
            if way == "hold":
                self.house.wait(1)
            elif way == "keys":
                gather = self.ask("ask").json()
                self._listen(gather["gather_prompt"])
                deed = waiting.pop(0)
                if deed == hang_up:
                    return
                assert len(deed.digits) <= gather["max_input_digits"]
                self.ask("heard", digits=f'"{deed.digits}"')
            else:
                self._listen({"text": self.ask("ask").text})
                if way == "end":
                    return
                if way == "voice":
                    self._speak(waiting.pop(0))
        raise AssertionError("the flow never ends")

    def _speak(self, deed: Deed) -> None:
        assert not deed.digits
        recorded = {"RecordingUrl": self.house.exchange.record(deed.sound)} if deed.sound else {}
        self.ask("heard", **recorded)

    def _listen(self, prompt: dict[str, Any]) -> None:
        said = str(prompt.get("audio_url") or prompt["text"])
        if said.startswith("http"):
            answer = requests.get(said, timeout=5)
            assert decode(answer.content).size
        self.heard.append(said)


def missed(house: CallsHouse, **how: Any) -> requests.Response:
    params = {
        "CallSid": "in-1",
        "CallFrom": "09999912345",
        "Direction": "incoming",
        "CallType": "call-attempt",
    }
    address = f"{house.settings.public_url}/webhooks/calls/exotel"
    return requests.get(address, {"key": "k" * 20, "step": "missed"} | params | how, timeout=5)


def test_a_listing_through_the_flow_of_a_gateway(house: CallsHouse) -> None:
    """Keys and recordings reach the same talk, whoever carries the call."""
    assert missed(house).status_code == 200
    assert [row.kind for row in house.rows()] == ["missed_call"]
    flow = Flow(house)
    words = {
        "product_name": "बाँस की टोकरी, ढाई सौ रुपये, बारह नग, एक हाथ",
        "seller_name": "सीता, सिरपुर, महासमुंद",
    }
    flow.run([key("2"), key("1"), say(speech("टोकरी")), say(speech("सीता"))])
    assert house.stands()["asks"] is None and "फोन करके" in flow.heard[-1]
    house.write_down(words)
    again = Flow(house, "flow-2")
    again.run([key("1"), key("1"), key("1"), key("2")])
    assert house.listing()["price"]["asked"]["amount"] == "250"
    assert house.listing()["seller"]["village"] == "सिरपुर"


def test_a_number_may_be_typed_or_said(house: CallsHouse) -> None:
    """Who presses nothing where a number is asked is led to where she may speak."""
    missed(house)
    Flow(house).run([key("2"), key("1"), say(speech("टोकरी")), say(speech("सीता"))])
    house.write_down({"product_name": "बाँस की टोकरी", "seller_name": "सीता, सिरपुर, महासमुंद"})
    flow = Flow(house, "flow-2")
    flow.run([key("1"), silence, say(speech("ढाई सौ")), hang_up])
    assert house.stands()["asks"] == "stock"
    house.write_down({"price": "ढाई सौ"})
    assert house.stands()["slots"]["price"] == "250"


def test_a_step_that_is_told_twice(house: CallsHouse) -> None:
    """The same key again before anything new was said changes nothing."""
    missed(house)
    flow = Flow(house)
    while flow.ask("next").json()["select"] == "hold":
        house.wait(1)
    first = flow.ask("ask").json()
    assert flow.ask("ask").json() == first and flow.ask("next").json() == {"select": "keys"}
    for _ in range(3):
        flow.ask("heard", digits='"2"')
    assert house.stands()["asks"] == "consent" and len(house.rows(kind="button")) == 1


def test_with_a_voice_of_ours_the_gateway_gets_addresses(tmp_path: Path) -> None:
    """What our voice has spoken is named by its address, which plays."""
    with calls_house(tmp_path, **SETTINGS | {"voice": "espeak"}) as house:
        missed(house)
        flow = Flow(house)
        flow.run([key("2"), hang_up])
        assert all(said.startswith(house.settings.public_url + "/media/") for said in flow.heard)


def test_a_missed_call_by_post(house: CallsHouse) -> None:
    """Gateways that post are understood too."""
    address = f"{house.settings.public_url}/webhooks/calls/exotel?key={'k' * 20}&step=missed"
    form = {"CallSid": "in-1", "CallFrom": HER, "Direction": "incoming"}
    assert requests.post(address, data=form, timeout=5).status_code == 200
    assert len(house.rows(kind="missed_call")) == 1


def test_the_secret_may_come_in_a_header(house: CallsHouse) -> None:
    """Where a gateway can send headers, the secret need not stand in an address."""
    address = f"{house.settings.public_url}/webhooks/calls/exotel?step=missed"
    form = {"CallSid": "in-1", "CallFrom": HER, "Direction": "incoming"}
    headers = {"X-Webhook-Key": SETTINGS["call_webhook_key"]}
    assert requests.post(address, data=form, headers=headers, timeout=5).status_code == 200


def test_the_end_of_a_call_is_kept(house: CallsHouse) -> None:
    """What became of a call that we placed stands in its row."""
    with writing(house.db) as conn:
        now = house.clock()
        row = outgoing(conn, seller(conn, HER), channel="call", address=HER, kind="call", status="sent")
        conn.execute(update(Message).where(Message.id == row).values(provider_id="flow-1", sent_at=now))
    Flow(house).ask("ended", Status="busy")
    assert [each.status for each in house.rows(kind="call")] == ["undelivered"]


@pytest.mark.parametrize("given", [{"key": ""}, {"key": "wrong"}, {"key": "é"}])
def test_without_the_secret_nobody_is_believed(house: CallsHouse, given: dict[str, str]) -> None:
    """A call without the secret is a 403 and leaves no row."""
    assert missed(house, **given).status_code == 403
    assert house.rows() == []


def test_only_known_addresses_may_call(tmp_path: Path) -> None:
    """Where the gateway's addresses are set, others are refused, also with the secret."""
    with calls_house(tmp_path, **SETTINGS | {"call_addresses": "192.0.2.0/28, 198.51.100.7"}) as house:
        address = f"{house.settings.public_url}/webhooks/calls/exotel"
        params = {"key": "k" * 20, "step": "missed", "CallSid": "1", "CallFrom": HER, "Direction": "incoming"}
        answers = {
            told: requests.get(address, params, headers={"X-Forwarded-For": told}, timeout=5).status_code
            for told in (
                "192.0.2.9",
                "192.0.2.99",
                "198.51.100.7, 203.0.113.1",
                "203.0.113.1, 198.51.100.7",
                "x",
            )
        }
        assert answers == {
            "192.0.2.9": 200,
            "192.0.2.99": 403,
            "198.51.100.7, 203.0.113.1": 403,
            "203.0.113.1, 198.51.100.7": 200,
            "x": 403,
        }
        assert requests.get(address, params, timeout=5).status_code == 403


def test_without_any_proof_the_door_is_shut(tmp_path: Path) -> None:
    """Neither a secret nor addresses are set: nobody may call."""
    with calls_house(tmp_path, call_provider="missed_number") as house:
        address = f"{house.settings.public_url}/webhooks/calls/missed_number"
        assert requests.get(address, {"id": "1", "from": HER}, timeout=5).status_code == 403


def test_a_number_that_only_tells_who_called(tmp_path: Path) -> None:
    """Who lets such a number ring is answered by SMS."""
    with calls_house(tmp_path, call_provider="missed_number", call_webhook_key="k") as house:
        address = f"{house.settings.public_url}/webhooks/calls/missed_number?key=k"
        for _ in range(2):
            assert requests.post(address, {"id": "1", "from": HER}, timeout=5).status_code == 200
        sent = [row.body["utter"] for row in house.rows(channel="sms", direction="out")]
        assert sent == ["utter_greet", "utter_ask_language"]


@pytest.mark.parametrize("path", ["twilio", "generic", "exotel2"])
def test_other_gateways_have_no_door(house: CallsHouse, path: str) -> None:
    """Only the provider of the settings has one."""
    address = f"{house.settings.public_url}/webhooks/calls/{path}"
    assert requests.get(address, {"key": "k" * 20}, timeout=5).status_code == 404


def test_a_call_from_a_shared_phone_opens_nobodys_talk(house: CallsHouse) -> None:
    """Whoever calls, and whatever she presses: nothing of a draft is spoken, and a rep is told once."""
    missed(house)
    Flow(house).run([key("2"), key("1"), say(speech("टोकरी")), say(speech("सीता"))])
    house.write_down({"product_name": "बाँस की टोकरी", "seller_name": "सीता, सिरपुर, महासमुंद"})
    with writing(house.db) as conn:
        state = conn.scalar(select(Conversation.state)) or {}
        shared = {"state": state | {"shared": {HER: 0.0}}, "revision": Conversation.revision + 1}
        conn.execute(update(Conversation).values(**shared))
    before = len(house.said())
    for name in ("flow-2", "flow-3"):
        flow = Flow(house, name)
        flow.run([])
        flow.ask("heard", digits="1")
    assert set(house.said()[before:]) == {"utter_phone_shared"}
    assert house.stands()["asks"] == "price" and house.stands()["slots"].get("price") is None
    with reading(house.db) as conn:
        assert list(conn.scalars(select(RepTask.kind).where(RepTask.kind == "call"))) == ["call"]

"""A whole product by phone: a missed call, keys and recordings, the desk's words, the read-back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from models import Consent
from models.database import reading
from tests.calls_house import HER, NAME, PRODUCT, WORDS, CallsHouse, calls_house, speech
from tests.scripted_caller import Deed, Heard, hang_up, key, say

ANSWERS = {
    "language": key("2"),
    "consent": key("1"),
    "confirm_heard": key("1"),
    "confirm_listing": key("1"),
    "sell_more": key("2"),
}


def answers(house: CallsHouse, number: str = HER) -> Iterator[Deed]:
    """What she does at whatever is asked, to the end of the talk."""
    recorded = {"product_name": say(speech(PRODUCT)), "seller_name": say(speech(NAME))}
    while True:
        yield (ANSWERS | recorded)[house.stands(number)["asks"]]


def test_a_listing_by_keys_and_recordings(db: Engine, tmp_path: Path) -> None:
    """She lets it ring; two calls later her basket is listed, and our own voice said every word."""
    with calls_house(tmp_path, db, voice="espeak") as house:
        first = house.call([key("2"), key("1"), say(speech(PRODUCT)), say(speech(NAME))])
        assert (first.ended_by, house.stands()["asks"], first.said) == ("us", None, [])
        assert house.said()[-1] == "utter_notes_waiting"
        house.write_down(WORDS)
        assert len(house.rung()) == 1, "she may still be on the line"
        house.wait(120)
        assert len(house.rung()) == 2
        second = house.pick_up([key("1"), key("1"), key("1"), key("2")])
        assert (second.ended_by, second.said) == ("us", [])
        assert min(first.played + second.played) > 1
        message = house.listing()
        assert message["photos_pending"] and message["product"]["category"] == "bamboo"
        assert message["price"]["asked"] == {"amount": "250", "currency": "INR", "per": "piece"}
        assert message["product"]["stock"] == 12
        assert message["seller"]["name"] == "फूलबासन नेताम" and message["seller"]["village"] == "भेलवापदर"
        assert message["provenance"]["price"]["channel"] == "call"
        assert [note["slot"] for note in message["voice_notes"]] == ["product_name", "seller_name"]
        assert house.exchange.recordings == {}, "what we keep ourselves is deleted at the provider"


def test_consent_is_proved_by_the_key_she_pressed(tmp_path: Path) -> None:
    """The consent row names the call and the webhook in which she pressed 1."""
    with calls_house(tmp_path) as house:
        house.call([key("2"), key("1"), hang_up])
        with reading(house.db) as conn:
            row = conn.execute(select(Consent.__table__)).one()
        pressed = [each for each in house.rows(kind="button") if "consent=true" in each.body["payload"]]
        assert (row.given, row.channel, row.message_id) == (True, "call", pressed[0].provider_id)


@pytest.mark.parametrize(
    ("done", "speaking"), [(0, False), (1, False), (2, False), (2, True), (3, False), (3, True), (4, False)]
)
def test_hanging_up_loses_nothing(tmp_path: Path, done: int, speaking: bool) -> None:
    """After any number of answers, even in the middle of a word, the next call goes on where she was."""
    with calls_house(tmp_path) as house:
        house.call(_breaks_off(house, done, speaking))
        before = house.stands()["slots"]
        house.call(answers(house))
        assert before.items() <= house.stands()["slots"].items()
        _finish(house)
        message = house.listing()
        assert message["price"]["asked"]["amount"] == "250"
        assert message["seller"]["village"] == "भेलवापदर"


def _breaks_off(house: CallsHouse, done: int, speaking: bool) -> Iterator[Deed]:
    for place, deed in enumerate(answers(house)):
        if place < done:
            yield deed
        else:
            yield say(deed.sound, hang_up=True) if speaking and deed.sound else hang_up


def _finish(house: CallsHouse, number: str = HER) -> Heard:
    """The desk writes down what she said, and she is rung to hear it."""
    house.write_down(WORDS)
    house.wait(120)
    return house.pick_up([key("1"), key("1"), key("1"), key("2")], house.caller(number))


def test_every_webhook_twice(tmp_path: Path) -> None:
    """A provider that makes each of its calls twice gets the same answers, and one listing comes of it."""
    with calls_house(tmp_path) as house:
        caller = house.caller(twice=True)
        house.call(answers(house), caller)
        house.write_down(WORDS)
        house.wait(120)
        house.pick_up([key("1"), key("1"), key("1"), key("2")], caller)
        assert house.listing()["price"]["asked"]["amount"] == "250"
        assert len(house.rows(kind="missed_call")) == 1 and len(house.rung()) == 2
        assert len(house.rows(kind="voice", direction="in")) == 2
        assert len({row.provider_id for row in house.rows(direction="in")}) == len(house.rows(direction="in"))


def test_two_people_at_once(tmp_path: Path) -> None:
    """Two calls at the same time are two talks, each with its own words and its own listing."""
    numbers = ["+919999911111", "+919999922222"]
    with calls_house(tmp_path) as house:
        lock = threading.Lock()

        def wait(seconds: float) -> None:
            with lock:
                house.wait(seconds)

        for number in numbers:
            house.caller(number).let_it_ring()
        wait(61)
        heard: dict[str, Heard] = {}

        def talk(number: str) -> None:
            caller = house.caller(number)
            caller.wait = wait
            heard[number] = house.pick_up(answers(house, number), caller)

        threads = [threading.Thread(target=talk, args=(number,)) for number in numbers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {each.ended_by for each in heard.values()} == {"us"} and len(heard) == 2
        house.write_down(WORDS)
        house.wait(120)
        for number in numbers:
            house.pick_up([key("1"), key("1"), key("1"), key("2")], house.caller(number))
            assert len(house.stands(number)["listings"]) == 1

"""A rep has the open question asked again: never with a price that she did not ask to hear."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from bot.messages import Inbound
from bot.receive import receive
from tests.conftest import Clock
from tests.town import SELLER, TALK, Town, address


def test_a_new_price_that_waits_for_her_yes_is_not_read_out(tmp_path: Path, db: Engine, clock: Clock) -> None:
    """Her phone is shared: the talk stays as it is, and the rep hears that nothing can be asked."""
    town = Town(tmp_path, db, clock)
    for text in (*TALK, "मेरा सामान", "1", "दाम बदलो"):
        town.say(SELLER, text)
        town.wait(minutes=1)
    again = [
        Inbound("whatsapp", address(SELLER), f"again:{n}", "nudge", clock(), payload="rep:1") for n in "12"
    ]
    asked = receive(db, town.shop.talk, again[0], clock())
    assert any(event["event"] == "bot" for event in asked.events)
    town.say(SELLER, "1700")
    town.wait(minutes=1)
    before = town.state(SELLER)
    came = receive(db, town.shop.talk, again[1], clock())
    assert (came.message_id, list(came.events), town.state(SELLER)) == (None, [], before)

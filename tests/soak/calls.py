"""The callers of the soak: a missed call, and keys when we ring back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bot.standing import standing
from models.database import reading
from tests.fake_exchange import FakeExchange
from tests.scripted_caller import Caller, Deed, hang_up, key
from tests.soak.sellers import Seller

if TYPE_CHECKING:
    from tests.soak.world import World

FASTER = 20
"""One call is lived through alone: its seconds are shortened, or the others would wait for days."""
MOST_KEYS = 30
TYPED = ("price", "stock")
LATER_S = 1800.0
"""After a call that came to no listing she lets it ring again."""


class SoakCaller(Caller):
    """Reaches the application in this process instead of a port."""

    world: World

    def _call(self, address: str, params: dict[str, str], headers: dict[str, str]) -> Any:
        answer = self.world.client.post(
            address.removeprefix(self.settings.public_url), data=params, headers=headers
        )
        return _Answer(answer.status_code, answer.text, dict(answer.headers))


class _Answer:
    """What the caller looks at."""

    def __init__(self, status_code: int, text: str, headers: dict[str, str]) -> None:
        self.status_code, self.text, self.headers = status_code, text, headers


def let_it_ring(world: World, her: Seller) -> None:
    her.said, her.waits = her.said + 1, True
    _caller(world, her).let_it_ring(call=world.carrier.next_sid("CA"))
    said = her.said
    world.counts["missed calls"] += 1
    world.later(2 * 3600.0, lambda: world._impatient(her, said))


def pick_up(world: World, her: Seller, url: str, sid: str) -> None:
    """She answers, presses a key for each question, and hangs up when her listing is made."""
    her.waits = False
    _caller(world, her).pick_up(url, sid, _deeds(world, her))
    her.read += 1
    world.counts["calls answered"] += 1
    her.done = bool(_stands(world, her)["listings"])
    if not her.done:
        world.later(LATER_S, lambda: world._begins(her))


def _deeds(world: World, her: Seller) -> Iterator[Deed]:
    before = None
    for _ in range(MOST_KEYS):
        stands = _stands(world, her)
        if stands["listings"]:
            break
        # What was typed is read back to her, and one key says that it is so.
        typed = stands["asks"] == before and stands["asks"] in TYPED
        before = None if typed else stands["asks"]
        yield key("1" if typed else her.answer(stands["asks"], "call"))
    yield hang_up


def _stands(world: World, her: Seller) -> dict[str, Any]:
    with reading(world.db) as conn:
        return standing(conn, "call", her.phone)


def _caller(world: World, her: Seller) -> SoakCaller:
    def wait(seconds: float) -> None:
        world.clock.advance(seconds / FASTER)
        world.worker.drain()

    caller = SoakCaller(world.settings, FakeExchange.__new__(FakeExchange), her.phone, wait, careless=True)
    caller.world = world
    return caller

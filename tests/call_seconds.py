"""How long a listing takes by phone: `python -m tests.call_seconds` prints each call of three sellers."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

import structlog

from tests.calls_house import NAME, PRODUCT, WORDS, CallsHouse, calls_house, know_her, speech
from tests.scripted_caller import Deed, Heard, key, keys, say


def first_listing(house: CallsHouse) -> Iterator[tuple[str, Heard]]:
    """A stranger, who speaks."""
    yield "asked", house.call([key("2"), key("1"), say(speech(PRODUCT)), say(speech(NAME))])
    yield from _read_back(house)


def next_listing(house: CallsHouse) -> Iterator[tuple[str, Heard]]:
    """A seller who is known, and speaks."""
    know_her(house)
    house.wait(61)
    yield "asked", house.pick_up([key("1"), say(speech(PRODUCT))])
    yield from _read_back(house)


def by_keys(house: CallsHouse) -> Iterator[tuple[str, Heard]]:
    """A seller who is known, and only presses keys: a menu for the craft, digits for the rest."""
    know_her(house)
    house.wait(61)
    deeds: list[Deed] = [key("1"), key("0"), key("5"), keys("250"), key("1"), keys("12"), key("0")]
    yield "asked and read back", house.pick_up([*deeds, key("1"), key("2")])


def _read_back(house: CallsHouse) -> Iterator[tuple[str, Heard]]:
    house.write_down(WORDS)
    house.wait(120)
    yield "read back", house.pick_up([key("1"), key("1"), key("1"), key("2")])


def main() -> None:
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    for listing in (first_listing, next_listing, by_keys):
        with tempfile.TemporaryDirectory() as folder, calls_house(Path(folder), voice="espeak") as house:
            found = list(listing(house))
            assert len(house.stands()["listings"]) == 1
        print(f"{listing.__doc__}")
        for name, heard in found:
            ours = sum(heard.played)
            print(
                f"  {name}: {heard.seconds:.0f} s: we speak {ours:.0f}, she {heard.spoke_s:.0f},"
                f" pauses {heard.paused_s:.0f}; {heard.steps} webhook calls"
            )


if __name__ == "__main__":
    main()

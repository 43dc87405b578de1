"""Placing a call: once, whatever becomes of the exchange or of us in the middle."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot import jobs
from bot.channels.base import SendError
from bot.channels.call_entry import entries
from bot.channels.exchange import Exchange, exchange
from bot.channels.ringing import ring
from bot.engine.documents import BadDocuments
from bot.settings import MissingSetting, Settings
from bot.tasks import ring_back
from models import Conversation, RepTask
from models.database import reading, writing
from tests.calls_house import HER, OURS, CallsHouse, calls_house
from tests.fake_exchange import FakeExchange
from tests.fake_twilio import Trouble
from tests.killed_house import free_port
from tests.scripted_caller import VOICE, hang_up


@pytest.fixture
def house(tmp_path: Path) -> Iterator[CallsHouse]:
    with calls_house(tmp_path) as opened:
        yield opened


def calls(house: CallsHouse) -> list[str]:
    """The state of every call that we placed, oldest first."""
    return [row.status for row in house.rows(kind="call", direction="out")]


@pytest.mark.parametrize(
    "trouble", [Trouble(status=429), Trouble(status=401)], ids=["too busy", "wrong credentials"]
)
def test_an_exchange_that_is_busy_is_tried_again(house: CallsHouse, trouble: Trouble) -> None:
    """It did not take the call, so it is placed as soon as it can be, and once."""
    house.exchange.trouble.append(trouble)
    house.caller().let_it_ring()
    house.wait(3)
    assert house.rung() == [] and calls(house) == ["failed"]
    house.wait(3)
    assert len(house.rung()) == 1 and calls(house) == ["failed", "sent"]


@pytest.mark.parametrize(
    "trouble", [Trouble(drop=True, after=True), Trouble(status=503)], ids=["line cut", "broken"]
)
def test_a_call_of_which_nobody_knows(house: CallsHouse, trouble: Trouble) -> None:
    """It may be ringing: only after a minute without an answer is it placed once more, and no third time."""
    house.exchange.trouble.extend([trouble, trouble, trouble])
    house.caller().let_it_ring()
    house.wait(3)
    taken = len(house.rung())
    house.wait(50)
    assert len(house.rung()) == taken and calls(house) == ["sending"]
    house.wait(11)
    assert calls(house) == ["sending", "sending"]
    house.wait(600)
    assert len(house.exchange.trouble) == 1


def test_a_call_that_was_placed_although_we_never_heard_so(house: CallsHouse) -> None:
    """She answers it, so she is not rung again."""
    house.exchange.trouble.append(Trouble(drop=True, after=True))
    house.caller().let_it_ring()
    house.wait(3)
    house.pick_up([hang_up])
    house.wait(600)
    assert len(house.rung()) == 1


def test_an_exchange_that_is_down_for_minutes(tmp_path: Path) -> None:
    """Nobody opens its door, so nobody was rung: she is, as soon as it is back."""
    port = free_port()
    with calls_house(tmp_path, twilio_base_url=f"http://127.0.0.1:{port}") as house:
        house.caller().let_it_ring()
        for _ in range(4):
            house.wait(60)
        assert set(calls(house)) == {"failed"}
        with FakeExchange(port=port) as back:
            house.wait(60)
            assert len(back.placed) == 1 and calls(house)[-1] == "sent"


def test_a_worker_killed_between_the_row_and_the_call(house: CallsHouse) -> None:
    """The row says that a call may be under way: the next worker waits a minute, then rings."""
    house.caller().let_it_ring()
    house.clock.advance(3)
    [job] = jobs.claim(house.db, house.clock(), kinds=["ring_back"])

    class Killed(BaseException):
        pass

    def killed(*_: object) -> str:
        raise Killed

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        patch.setattr("bot.channels.ringing.ring", killed)
        ring_back.run(house.shop, job)
    assert calls(house) == ["sending"]
    house.wait(15)
    assert house.rung() == []
    house.wait(60)
    assert len(house.rung()) == 1 and calls(house) == ["sending", "sent"]


@pytest.mark.parametrize(
    ("told", "kept"),
    [("completed", "delivered"), ("busy", "undelivered"), ("no-answer", "undelivered"), ("failed", "failed")],
)
def test_what_became_of_a_call_is_kept(house: CallsHouse, told: str, kept: str) -> None:
    """The row of the call says whether she took it; told twice, or late, the first word stands."""
    house.caller().let_it_ring()
    house.wait(3)
    form = {"CallSid": house.rung()[0].sid, "From": OURS, "To": HER, "Direction": "outbound-api"}
    for status in (told, "completed"):
        house.caller().post(house.settings.public_url + VOICE, form, status)
    assert calls(house) == [kept]
    assert house.rows(kind="call", direction="in") == [], "nobody was on the line"
    house.wait(600)
    assert len(house.rung()) == 1, "she did not take it: she calls again when she likes"


def test_exotel_is_asked_in_its_own_words(house: CallsHouse) -> None:
    """Another exchange is another entry: its address, its fields, its secrets, the place of the id."""
    settings = Settings(
        call_provider="exotel",
        call_number=OURS,
        call_account="sangwari",
        call_user="user",
        call_token="secret",
        call_flow="777",
        call_webhook_key="k",
        public_url="https://sangwari.example",
    )
    entry = entries()["exotel"]
    assert entry.ring is not None
    here = entry.ring.model_copy(
        update={"url": entry.ring.url.replace("https://api.exotel.com", house.exchange.url)}
    )
    call = ring(Exchange("exotel", entry.model_copy(update={"ring": here}), settings), HER)
    [placed] = house.exchange.placed
    assert call == placed.sid
    assert placed.form == {
        "From": HER,
        "CallerId": OURS,
        "Url": "http://my.exotel.com/sangwari/exoml/start_voice/777",
        "CallType": "trans",
        "TimeOut": "25",
        "StatusCallback": "https://sangwari.example/webhooks/calls/exotel?key=k&step=ended",
    }


@pytest.mark.parametrize("trouble", [Trouble(status=404), Trouble(status=400, code=21211)])
def test_a_refusal_for_good_says_so(house: CallsHouse, trouble: Trouble) -> None:
    """What no second try can mend is told apart, and without her number."""
    house.exchange.trouble.append(trouble)
    carrier = exchange(house.settings)
    assert carrier is not None
    with pytest.raises(SendError) as caught:
        ring(carrier, HER)
    assert (caught.value.retryable, caught.value.unknown) == (False, False)
    assert HER not in str(caught.value)


def test_settings_that_lack_something_are_refused_at_start() -> None:
    """A provider that is unknown, or lacks what it needs, is named before the first call."""
    with pytest.raises(MissingSetting, match="twilio, exotel"):
        exchange(Settings(call_provider="nobody"))
    with pytest.raises(
        MissingSetting, match="CALL_ACCOUNT, CALL_USER, CALL_TOKEN, CALL_FLOW, CALL_WEBHOOK_KEY"
    ):
        exchange(Settings(call_provider="exotel", call_number=OURS))
    with pytest.raises(MissingSetting, match="CALL_ADDRESSES: 'x'"):
        exchange(Settings(call_provider="missed_number", call_addresses="192.0.2.1 x"))
    assert exchange(Settings()) is None


def test_a_simulator_rings_nobody() -> None:
    """With SIMULATOR=1 nothing leaves us, whatever else is set."""
    carrier = exchange(Settings(call_provider="twilio", simulator=True))
    assert carrier is not None and not carrier.rings


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("about: x\n  needs: [NOBODY]", "'NOBODY' is no setting"),
        ("about: x", "needs: Field required"),
        ("about: x\n  needs: []\n  rings: {}", "Extra inputs"),
        (
            "about: x\n  needs: []\n  ring: {url: u, user: CALL_USER, secret: CALL_TOKEN, fields: {}, id: i}",
            "uses CALL_USER",
        ),
        (
            "about: x\n  needs: [CALL_USER]\n"
            "  ring: {url: '{nobody}', user: CALL_USER, secret: CALL_USER, fields: {}, id: i}",
            "nobody fills {nobody}",
        ),
        (
            "about: x\n  needs: []\n  says: {prompt: {sound: {}, text: {}}, next: {}, ask: {}}",
            "needs exactly choose",
        ),
    ],
)
def test_a_wrong_entry_is_named_with_its_line(tmp_path: Path, line: str, problem: str) -> None:
    """A mistake in the data file stops the start and says where it stands."""
    file = tmp_path / "call_providers.yml"
    file.write_text(f"mine:\n  {line}\n", encoding="utf-8")
    with pytest.raises(BadDocuments) as caught:
        entries(file)
    assert any(problem in str(each) and "mine" in str(each) for each in caught.value.problems)


def test_a_phone_that_several_share_is_not_rung(house: CallsHouse) -> None:
    """Nobody knows who would pick up: a rep finds it among those who want a call, once."""
    house.caller().let_it_ring()
    with writing(house.db) as conn:
        shared = (conn.scalar(select(Conversation.state)) or {}) | {"shared": {HER: 0}}
        conn.execute(update(Conversation).values(state=shared, revision=Conversation.revision + 1))
    house.wait(61)
    house.caller().let_it_ring()
    house.wait(61)
    assert house.rung() == []
    with reading(house.db) as conn:
        assert list(conn.scalars(select(RepTask.kind))) == ["call"]

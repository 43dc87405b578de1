"""A chat keeps to itself: beside a live service neither does the other's work, and nothing of it goes out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from bot import jobs
from bot.chat import BadLine, Chat
from bot.worker import Worker
from models import Address, JobRow, Message
from models.database import connect, reading, writing
from tests.fake_twilio import FakeTwilio
from tests.open_rooms import HER, outgoing, seller, settings_for, workshop, writes

PHOTO = Path(__file__).parent / "images" / "bowl.jpg"


def drain(worker: Worker) -> None:
    """Run what is due, and the look at the provider that a worker begins with."""
    worker._keep_house()
    worker.drain()


def statuses(db: Engine, address: str) -> list[str]:
    with reading(db) as conn:
        sent = select(Message.status).where(Message.direction == "out", Message.address == address)
        return list(conn.scalars(sent.order_by(Message.id)))


def test_a_chat_leaves_the_jobs_of_the_service_alone(tmp_path: Path) -> None:
    """A real seller's message still waits after a chat on the same database, and then goes out for real."""
    with FakeTwilio() as twilio:
        shop = workshop(settings_for(tmp_path, twilio))
        with writing(shop.db) as conn:
            her = seller(conn)
            writes(conn, her)
            message_id = outgoing(conn, her)
            payload = {"message_id": message_id}
            jobs.put(conn, "send_message", payload, now=datetime.now(UTC), key="seller:1")
        assert Chat(shop.settings).say({"text": "नमस्ते"})["replies"]
        assert statuses(shop.db, HER) == ["queued"]
        drain(Worker(shop))
        assert statuses(shop.db, HER) == ["sent"]
        assert [form["To"] for form in twilio.forms] == [HER]


def test_a_live_worker_sends_nothing_of_a_chat(tmp_path: Path) -> None:
    """What a chat left undone (it was killed) waits for the next chat with her, not for a worker."""
    with FakeTwilio() as twilio:
        settings = settings_for(tmp_path, twilio)
        chat = Chat(settings, seller="+919999900007")
        chat.worker.drain = lambda until=None: 0  # type: ignore[method-assign]
        assert chat.say({"text": "नमस्ते"})["replies"] == []
        shop = workshop(settings)
        drain(Worker(shop))
        assert twilio.forms == []
        assert set(statuses(shop.db, chat.address)) == {"queued"}
        Chat(settings, seller="+919999900007").say({"wait": "1s"})
        assert set(statuses(shop.db, chat.address)) == {"sent"}
        assert twilio.forms == []


def test_a_chat_carries_its_lane_through_every_task(tmp_path: Path) -> None:
    """Photos are fetched, judged and settled by the chat: no step of theirs waits where a worker finds it."""
    settings = settings_for(tmp_path)
    chat = Chat(settings, language="hi")
    for text in ("नमस्ते", "हाँ"):
        answer = chat.say({"text": text})
    assert answer["asks"] == "photos"
    assert len(chat.say({"photos": [str(PHOTO)]})["slots"]["photos"]) == 1
    chat.say({"voice": str(PHOTO.parents[1] / "audio" / "brass_elephant_hi.ogg")})
    with reading(connect(settings.database_url)) as conn:
        assert set(conn.scalars(select(JobRow.lane))) <= {f"chat:whatsapp:{chat.address[9:]}"}


def test_two_chats_do_not_take_each_others_jobs(tmp_path: Path) -> None:
    """A chat whose clock was moved on does not run another's jobs ahead of their time."""
    one = Chat(settings_for(tmp_path))
    other = Chat(one.shop.settings, beside=one)
    one.worker.drain = lambda until=None: 0  # type: ignore[method-assign]
    one.say({"text": "नमस्ते"})
    other.say({"wait": "9d"})
    assert set(statuses(one.shop.db, one.address)) == {"queued"}


def test_a_stranger_has_a_number_of_nobody(tmp_path: Path) -> None:
    """Each new chat is a seller of its own, and `--seller` goes on with one that is there."""
    one = Chat(settings_for(tmp_path))
    one.say({"text": "नमस्ते"})
    again = Chat(one.shop.settings, seller=one.address.removeprefix("whatsapp:"))
    stranger = Chat(one.shop.settings)
    stranger.say({"text": "नमस्ते"})
    again.say({"text": "हाँ"})
    with reading(one.shop.db) as conn:
        found = sorted(conn.scalars(select(Address.address)))
    assert found == sorted({one.address, stranger.address})


@pytest.mark.parametrize(
    "line", [{"wait": "soon"}, {"photos": ["nowhere.jpg"]}, {"transcript": "हाथी"}, {"nothing": 1}]
)
def test_a_line_that_cannot_be_done_is_refused(tmp_path: Path, line: dict[str, object]) -> None:
    """BadLine says what is wrong, and the talk goes on as if the line had not come."""
    chat = Chat(settings_for(tmp_path))
    with pytest.raises(BadLine):
        chat.say(line)
    assert chat.say({"text": "नमस्ते"})["replies"]


def test_a_message_of_before_is_not_told_again(tmp_path: Path) -> None:
    """A chat that goes on with a seller answers with what is said now, not with what was said before."""
    one = Chat(settings_for(tmp_path))
    first = one.say({"text": "नमस्ते"})["replies"]
    with writing(one.shop.db) as conn:
        conn.execute(update(Message).where(Message.direction == "out").values(status="delivered"))
    again = Chat(one.shop.settings, seller=one.address.removeprefix("whatsapp:"))
    second = again.say({"text": "हाँ"})["replies"]
    assert first and second
    assert not {reply["text"] for reply in first} & {reply["text"] for reply in second}

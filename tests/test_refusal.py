"""What is left of a person who did not agree: the ids of her messages and the refusal, no more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.chat import Chat
from bot.settings import Settings
from models import (
    Address,
    Consent,
    Conversation,
    JobRow,
    Media,
    Message,
    Rendition,
    RepTask,
    SellerCard,
    SellerWord,
)
from models.database import reading
from tests.talk_phone import Phone


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Chat]:
    given = {"DATABASE_URL": f"sqlite:///{tmp_path}/talks.db", "MEDIA_URL": f"file://{tmp_path}/media"}
    yield Chat(Settings.from_environment(given))


def test_of_a_refusal_only_ids_and_the_refusal_are_kept(house: Chat, tmp_path: Path) -> None:
    """No word, number, photo or note of hers stays, in no table and in no folder."""
    phone = Phone(house)
    deeds = [
        ("user", "मैं सीता बाई, टोकरी बेचना है"),
        ("user", "हिंदी"),
        ("photo", ["bowl.jpg"]),
        ("voice", "brass_elephant_hi.ogg"),
        ("user", "नहीं"),
    ]
    for deed, value in deeds:
        answer = phone.do(deed, value, {})
    assert [reply["utter"] for reply in answer["replies"]] == ["utter_refused"]
    with reading(phone.shop.db) as conn:
        messages = conn.execute(
            select(Message.direction, Message.address, Message.body, Message.events)
        ).all()
        hers = conn.scalars(select(Message.provider_id).where(Message.direction == "in")).all()
        assert set(hers) == {inbound.provider_id for inbound in phone.sent}
        assert all((row.address, row.body, row.events) == ("", {}, None) for row in messages)
        assert conn.execute(select(Consent.given)).all() == [(False,)]
        for table in (Media, Address, Conversation, JobRow, RepTask, SellerCard, SellerWord):
            assert conn.scalar(select(func.count()).select_from(table)) == 0, table.__tablename__
        ours = set(conn.scalars(select(Rendition.sha256).where(Rendition.kind == "prompt")))
    # What was said aloud to her are words of ours, which the next stranger hears too.
    assert {file.name for file in (tmp_path / "media").rglob("*") if file.is_file()} <= ours


def test_who_refused_is_a_stranger_when_she_comes_back(house: Chat) -> None:
    """She is greeted and asked like anyone, and her yes then counts."""
    phone = Phone(house)
    for text in ("नमस्ते", "हिंदी", "नहीं"):
        phone.do("user", text, {})
    answers = [phone.do("user", text, {}) for text in ("नमस्ते", "हिंदी", "हाँ")]
    assert [answer["asks"] for answer in answers] == ["language", "consent", "photos"]
    with reading(phone.shop.db) as conn:
        assert sorted(conn.scalars(select(Consent.given))) == [False, True]

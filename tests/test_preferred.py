"""Where a seller is written to unasked: what was set for her, else where she last answered from."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, insert, update

from bot.starts.preferred import Place, instead_of, prefer, preferred
from models import Address
from models.database import reading, writing
from tests.open_rooms import HER, NOW, seller, writes

NUMBER = "+919999912345"
WHATSAPP, SMS = Place("whatsapp", HER), Place("sms", NUMBER)


@pytest.fixture
def her(db: Engine) -> int:
    """One who has written by WhatsApp, then by SMS."""
    with writing(db) as conn:
        seller_id = seller(conn)
        row = {"seller_id": seller_id, "channel": "sms", "address": NUMBER, "created_at": NOW}
        conn.execute(insert(Address).values(row))
        writes(conn, seller_id, NOW)
        writes(conn, seller_id, NOW + timedelta(minutes=1), channel="sms", address=NUMBER)
    return seller_id


def place(db: Engine, seller_id: int) -> Place | None:
    with reading(db) as conn:
        return preferred(conn, seller_id)


def test_where_she_last_answered(db: Engine, her: int) -> None:
    """It is learned anew with every word of hers, and from nothing that our own workers send."""
    assert place(db, her) == SMS
    with writing(db) as conn:
        writes(conn, her, NOW + timedelta(minutes=2), kind="nudge")
    assert place(db, her) == SMS
    with writing(db) as conn:
        writes(conn, her, NOW + timedelta(minutes=3))
    assert place(db, her) == WHATSAPP


def test_what_was_set_comes_first(db: Engine, her: int) -> None:
    """Until it is taken back, and only while she has not stopped it there."""
    with writing(db) as conn:
        prefer(conn, her, "whatsapp")
    assert place(db, her) == WHATSAPP
    with writing(db) as conn:
        conn.execute(update(Address).where(Address.channel == "whatsapp").values(stopped_at=NOW))
    assert place(db, her) == SMS
    with writing(db) as conn:
        prefer(conn, her, None)
    assert place(db, her) == SMS


def test_only_where_one_can_write(db: Engine, her: int) -> None:
    """A call is rung, not written."""
    with writing(db) as conn, pytest.raises(ValueError, match="call"):
        prefer(conn, her, "call")


def test_a_start_goes_where_she_likes_it(db: Engine, her: int) -> None:
    """Asked for by WhatsApp, she is written to by SMS; a stranger where it was asked for."""
    stranger = Place("whatsapp", "whatsapp:+919999900009")
    with reading(db) as conn:
        assert instead_of(conn, WHATSAPP) == SMS
        assert instead_of(conn, stranger) == stranger

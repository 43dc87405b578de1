"""The figures: what one talk leaves in them, and that it does not matter how they are counted."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert, select

from bot.figures import Heard, Talk, count_message, counts, median
from bot.messages import Json
from bot.tasks.count_figures import count_slice
from models import Figure, FigurePlace, FigureTalk, Media, Message
from models.database import reading, writing
from tests.open_rooms import seller

NOW = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
DAY = date(2026, 1, 5)
STARTS = {"event": "flow_started", "flow": "list_product"}
CANCELS = {"event": "flow_cancelled", "flow": "list_product"}
HANDS_OVER = {"event": "custom", "do": "hand_over", "slots": {"category": "dhokra", "price": "1500"}}


def asks(*slots: str) -> Json:
    parts = [{"utter": f"utter_ask_{slot}", "text": ""} for slot in slots]
    return {"event": "bot", "utter": parts[-1]["utter"], "text": "", "parts": parts}


def said(slot: str, value: str) -> Json:
    return {"event": "slot", "name": slot, "value": value}


def after(*turns: tuple[str, list[Json]]) -> tuple[Talk, Counter[Any]]:
    """One seller's messages, a minute apart; her talk and all that was counted."""
    talk, total = Talk(), Counter[Any]()
    for minute, (kind, events) in enumerate(turns):
        heard = Heard(kind, NOW + timedelta(minutes=minute), tuple(events))
        talk, found = count_message(talk, heard)
        total.update(found)
    return talk, Counter({key: count for key, count in total.items() if count})


def test_a_finished_talk() -> None:
    """Started, asked, finished; its messages, minutes, language and craft; and it stands nowhere."""
    _, found = after(
        ("text", [said("language", "hne"), STARTS, asks("photos")]),
        ("voice", [asks("price")]),
        ("text", [said("district", "bastar"), asks("confirm_listing")]),
        ("button", [HANDS_OVER]),
    )
    assert {key[1:]: count for key, count in found.items()} == {
        ("bastar", "started", ""): 1,
        ("bastar", "asked", "photos"): 1,
        ("bastar", "asked", "price"): 1,
        ("bastar", "asked", "confirm_listing"): 1,
        ("bastar", "form", "text"): 2,
        ("bastar", "form", "voice"): 1,
        ("bastar", "form", "button"): 1,
        ("bastar", "finished", ""): 1,
        ("bastar", "messages", "4"): 1,
        ("bastar", "minutes", "3"): 1,
        ("bastar", "language", "hne"): 1,
        ("bastar", "listing", "dhokra|"): 1,
    }
    assert {key[0] for key in found} == {DAY}


def test_an_open_talk_stands_at_its_last_question() -> None:
    """A question asked again is one question; the last of a bubble is the open one."""
    _, found = after(
        ("text", [STARTS, asks("photos")]), ("text", [asks("price", "stock")]), ("text", [asks("stock")])
    )
    assert found[DAY, "", "stands", "stock"] == 1 and found[DAY, "", "asked", "stock"] == 1
    assert found[DAY, "", "stands", "photos"] == 0


def test_a_talk_that_is_left_stays_where_it_was() -> None:
    """The next talk begins beside it; her district goes with her."""
    _, found = after(
        ("text", [said("district", "korba"), STARTS, asks("price")]),
        ("text", [CANCELS]),
        ("text", [STARTS, asks("photos")]),
    )
    assert found[DAY, "korba", "started", ""] == 2
    assert found[DAY, "korba", "cancelled", "price"] == 1 and found[DAY, "korba", "stands", "photos"] == 1


def test_no_price_is_in_the_figures() -> None:
    """What she asks for her work is nobody's figure."""
    talk, found = after(("text", [STARTS]), ("text", [HANDS_OVER]))
    assert "1500" not in str(found) + str(talk)


def test_a_talk_survives_the_table() -> None:
    """What is kept between two counts is all there is."""
    talk, _ = after(("text", [STARTS, asks("photos")]), ("voice", [asks("price")]))
    assert Talk.from_json(talk.as_json()) == talk and sum(counts(talk).values()) > 0


EVENTS = st.sampled_from(
    [STARTS, CANCELS, HANDS_OVER, asks("photos"), asks("price"), said("district", "bastar")]
    + [said("district", "korba"), said("language", "hi"), asks("nothing_known")]
)
MESSAGES = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(["text", "voice"]), st.lists(EVENTS, max_size=4)),
    max_size=25,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(messages=MESSAGES, size=st.integers(1, 7))
def test_slices_do_not_matter(db: Engine, messages: list[tuple[int, str, list[Json]]], size: int) -> None:
    """Counted a few at a time or all at once, the figures are the same; none is below zero."""
    with writing(db) as conn:
        _empty(conn)
        sellers = [seller(conn, f"whatsapp:+9199999{uuid4().int % 10**5:05d}{at}") for at in range(3)]
        for minute, (who, kind, events) in enumerate(messages):
            _message(conn, sellers[who], kind, events, NOW + timedelta(minutes=minute))
    later = NOW + timedelta(days=1)
    found = []
    for most in (size, 10_000):
        with writing(db) as conn:
            for table in (Figure, FigureTalk, FigurePlace):
                conn.execute(delete(table))
            while count_slice(conn, later, most):
                pass
            found.append(sorted(conn.execute(select(Figure.__table__).where(Figure.count != 0)).all()))
    assert found[0] == found[1] and all(row.count > 0 for row in found[0])


def _empty(conn: Any) -> None:
    for table in (Figure, FigureTalk, FigurePlace, Message):
        conn.execute(delete(table))


def _message(conn: Any, mine: int, kind: str, events: list[Json], at: datetime, **body: Any) -> int:
    row = {"seller_id": mine, "direction": "in", "channel": "whatsapp", "address": "", "kind": kind}
    row |= {"provider_id": uuid4().hex, "body": body, "events": events, "status": "received"}
    made = insert(Message).values(**row, created_at=at).returning(Message.id)
    return int(conn.execute(made).scalar_one())


@pytest.fixture
def mine(db: Engine) -> int:
    with writing(db) as conn:
        return seller(conn)


def test_what_is_too_new_waits(db: Engine, mine: int) -> None:
    """A row with a lower id may still be on its way: nothing is passed over."""
    with writing(db) as conn:
        _message(conn, mine, "text", [STARTS], NOW)
        _message(conn, mine, "text", [asks("photos")], NOW + timedelta(minutes=5))
    with writing(db) as conn:
        assert count_slice(conn, NOW + timedelta(minutes=1)) == 1
        assert count_slice(conn, NOW + timedelta(minutes=1)) == 0
        assert count_slice(conn, NOW + timedelta(minutes=9)) == 1


def test_practice_is_in_no_figure(db: Engine, mine: int) -> None:
    """A talk for practice is not counted."""
    with writing(db) as conn:
        _message(conn, mine, "text", [STARTS], NOW, practice=True)
        count_slice(conn, NOW + timedelta(days=1))
        assert conn.execute(select(Figure.__table__)).all() == []


def test_refused_photos_are_counted_by_their_problems(db: Engine, mine: int) -> None:
    """Each photo once, when the talk is told of it; one that passed counts without a problem."""
    with writing(db) as conn:
        first = _message(conn, mine, "text", [STARTS], NOW)
        photo = {
            "seller_id": mine,
            "message_id": first,
            "kind": "photo",
            "status": "ready",
            "created_at": NOW,
        }
        verdicts = [{"verdict": "refuse", "problems": ["dark", "blurred"]}, {"verdict": "ok", "problems": []}]
        for place, verdict in enumerate(verdicts):
            conn.execute(insert(Media).values(**photo, position=place, verdict=verdict))
        ids = list(conn.scalars(select(Media.id).order_by(Media.id)))
        _message(conn, mine, "media_ready", [], NOW, media=ids)
        while count_slice(conn, NOW + timedelta(days=1)):
            pass
    with reading(db) as conn:
        rows = conn.execute(select(Figure.what, Figure.key, Figure.count).where(Figure.what.like("photo%")))
        assert {(row.what, row.key): row.count for row in rows} == {
            ("photo", ""): 2,
            ("photo_refused", "dark"): 1,
            ("photo_refused", "blurred"): 1,
        }


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40))
def test_the_median_is_the_middle(values: list[int]) -> None:
    """As of the sorted values themselves."""
    middle = sorted(values)[(len(values) - 1) // 2] + sorted(values)[len(values) // 2]
    assert median(Counter(values)) == middle / 2


def test_there_is_no_middle_of_nothing() -> None:
    """Then a page says nothing."""
    assert median({}) is None

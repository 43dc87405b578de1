"""What lists show of people and find them by: written with the talk, and seen by whom it may."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine, select, text

from bot import jobs, seller_card
from bot.console import scope
from bot.console.sessions import Who
from bot.engine.turn import new_state
from bot.messages import Json
from bot.tasks import find_words
from models import Conversation, Rep, Seller, SellerCard, SellerWord
from models.database import connect, migrate, reading, writing
from models.schema import move
from tests.conftest import Clock
from tests.console_house import BASTAR, DURG, Console, card_of, console, words_of
from tests.open_rooms import settings_for, workshop
from tests.starts_service import PHONE, Service

AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
SLOTS: Json = {"seller_name": "सुकमती नेताम", "village": "करनपुर", "district": "bastar", "block": "बस्तर"}


def who(role: str = "rep", **values: Any) -> Who:
    """A rep of Bastar."""
    given: Json = {"id": 1, "name": "रमा", "districts": (BASTAR,), "blocks": (), "language": "hi"}
    return Who(**given | {"role": role, "must_change": False, "token": ""} | values)


def seen_by(desk: Console, rep: Who) -> set[str]:
    """The names of all she may see."""
    with reading(desk.db) as conn:
        return set(conn.scalars(scope.people(rep, SellerCard.name)))


@pytest.fixture
def desk(db: Engine, clock: Clock, tmp_path: Path) -> Console:
    return console(db, clock, tmp_path)


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("सुकमती", "sukmati"),
        ("सुकमती", "Sukmatee"),
        ("करनपुर", "karanpur"),
        ("Phulmati", "फूलमती"),
        ("दन्तेश्वरी", "danteshwari"),
        ("ସୁକମତୀ", "सुकमती"),
    ],
)
def test_one_sound_in_every_script(written: str, typed: str) -> None:
    """A name is found as it is spoken, whoever writes it how."""
    assert set(seller_card.sounds(typed)) == set(seller_card.sounds(written))


def test_long_and_strange_names_fit() -> None:
    """No name breaks a column, and what is no text is no name."""
    state = new_state() | {"slots": {"seller_name": "क" * 5000 + " " + "ab " * 300, "village": 7}}
    card = seller_card.facts(state)
    assert len(card["name"]) == seller_card.LONGEST
    assert card["village"] is None
    assert all(len(word) <= seller_card.LONGEST_WORD for word in seller_card.words(card))


def test_a_new_name_replaces_the_old_words(desk: Console) -> None:
    """She is found by what she is called now, and by no name of before."""
    key = desk.person(1, SLOTS)
    before = new_state() | {"slots": SLOTS}
    after = new_state() | {"slots": SLOTS | {"seller_name": "फूलमती"}}
    with writing(desk.db) as conn:
        seller_id = conn.scalar(select(Seller.id))
        seller_card.write(conn, seller_id, before, after, {})
    assert words_of(desk.db, key) == set(seller_card.sounds("फूलमती करनपुर"))
    assert (card_of(desk.db, key).name, card_of(desk.db, key).phone_last4) == ("फूलमती", "0001")


def test_who_began_it_stands_on_the_card(db: Engine, clock: Clock, tmp_path: Path) -> None:
    """A flow that a rep begins makes her the one who sees a person without a district."""
    service = Service(db, clock, tmp_path)
    with writing(service.db) as conn:
        values = {"phone": "+919999900009", "name": "रमा", "districts": [BASTAR], "created_at": clock()}
        conn.execute(Rep.__table__.insert().values(**values))
    assert service.person(by="rep:1")[0] == 200
    service.run(2)
    with reading(service.db) as conn:
        card = conn.execute(select(SellerCard.__table__)).one()
        assert (card.rep_id, card.phone_last4) == (1, PHONE[-4:])
        assert conn.scalars(scope.people(who(id=1), Seller.id)).all() == [card.seller_id]
        assert conn.scalars(scope.people(who(id=2), Seller.id)).all() == []


def test_a_rep_sees_her_districts(desk: Console) -> None:
    """Her districts and nothing else; a lead also those of no district, an admin everybody."""
    desk.rep(7)
    desk.person(1, {"seller_name": "here", "district": BASTAR})
    desk.person(2, {"seller_name": "there", "district": DURG})
    desk.person(3, {"seller_name": "nowhere"})
    desk.person(4, {"seller_name": "nowhere, hers"}, rep_id=1)
    desk.person(5, {"seller_name": "there, hers", "district": DURG}, rep_id=1)
    assert seen_by(desk, who()) == {"here", "nowhere, hers"}
    assert seen_by(desk, who(districts=())) == {"nowhere, hers"}
    assert seen_by(desk, who(id=2, districts=(DURG,))) == {"there", "there, hers"}
    assert seen_by(desk, who("lead", id=2)) == {"here", "nowhere", "nowhere, hers"}
    assert len(seen_by(desk, who("admin", id=2, districts=()))) == 5


def test_a_rep_with_blocks_sees_those(desk: Console) -> None:
    """Of her district only her blocks, in whatever script they are written, and whose block is not known."""
    for number, block in enumerate(["बकावंड", "Bakawand", "तोकापाल", None]):
        desk.person(number, {"seller_name": str(number), "district": BASTAR, "block": block})
    assert seen_by(desk, who(blocks=("बकावंड",))) == {"0", "1", "3"}
    assert seen_by(desk, who("lead", blocks=("बकावंड",))) == {"0", "1", "2", "3"}


def test_one_person_by_her_key(desk: Console) -> None:
    """Somebody else's person and a key of nobody are both nothing."""
    key = desk.person(1, {"district": DURG})
    with reading(desk.db) as conn:
        assert scope.person(conn, who(), key) is None
        assert scope.person(conn, who(), "0" * 32) is None
        assert scope.person(conn, who("admin"), key).key == key  # type: ignore[union-attr]


def old_talks(db: Engine) -> None:
    """A database of the version before, with people in every state."""
    talking = new_state() | {"slots": SLOTS, "asks": "price"}
    talking["stack"] = [{"flow": "list_product", "kind": "regular"}, {"flow": "x", "kind": "pattern"}]
    idle = new_state() | {"slots": {"seller_name": "फूलमती"}}
    with db.begin() as conn:
        for number, state in enumerate((talking, idle, None), start=1):
            seller = "INSERT INTO seller (id, key, language, created_at) VALUES (:id, :key, 'hi', :now)"
            conn.execute(text(seller), {"id": number, "key": str(number) * 32, "now": AT})
            address = f"whatsapp:+91999990000{number}" if number < 3 else "whatsapp:IN.17"
            way = (
                "INSERT INTO address (seller_id, channel, address, created_at)"
                " VALUES (:id, 'whatsapp', :address, :now)"
            )
            conn.execute(text(way), {"id": number, "address": address, "now": AT})
            if state:
                talk = (
                    "INSERT INTO conversation (seller_id, state, revision, updated_at, last_inbound_at)"
                    " VALUES (:id, :state, 1, :now, :now)"
                )
                conn.execute(text(talk), {"id": number, "state": orjson.dumps(state).decode(), "now": AT})
        rep = (
            "INSERT INTO rep (phone, name, districts, created_at) VALUES ('+919999900009', 'रमा', '[]', :now)"
        )
        conn.execute(text(rep), {"now": AT})
        task = "INSERT INTO rep_task (seller_id, kind, detail, created_at) VALUES (1, 'call', '{}', :now)"
        conn.execute(text(task), {"now": AT})


def test_older_talks_are_filled_in(empty_db: Engine, tmp_path: Path) -> None:
    """The migration makes cards and columns of the talks that are there; a job finds their sounds."""
    move(empty_db, "0005")
    old_talks(empty_db)
    migrate(empty_db)
    shop = workshop(settings_for(tmp_path), empty_db)
    [job] = jobs.claim(empty_db, datetime.now(UTC))
    assert job.kind == "find_words"
    find_words.run(shop, job)
    with reading(empty_db) as conn:
        cards = conn.execute(select(SellerCard.__table__).order_by(SellerCard.seller_id)).all()
        assert [card.name for card in cards] == ["सुकमती नेताम", "फूलमती", None]
        assert [card.phone_last4 for card in cards] == ["0001", "0002", None]
        assert (cards[0].district, cards[0].block_key) == ("bastar", seller_card.key_of("बस्तर"))
        columns = (Conversation.flow, Conversation.asks, Conversation.asks_since)
        talks = conn.execute(select(*columns).order_by(Conversation.seller_id)).all()
        assert [tuple(talk) for talk in talks] == [("list_product", "price", AT), (None, None, None)]
        words = conn.execute(select(SellerWord.word).where(SellerWord.seller_id == 1)).scalars()
        assert set(words) == seller_card.words(seller_card.facts({"slots": SLOTS}))
        rep = conn.execute(select(Rep.__table__)).one()
        assert (rep.role, rep.blocks, rep.active, rep.password_hash) == ("rep", [], True, None)
    move(empty_db, "0005")
    migrate(empty_db)


def test_an_empty_database_has_nothing_to_find(tmp_path: Path) -> None:
    """Where nobody was, no job waits."""
    db = connect(f"sqlite:///{tmp_path}/new.db")
    migrate(db)
    assert jobs.claim(db, datetime.now(UTC)) == []

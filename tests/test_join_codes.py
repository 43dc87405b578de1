"""By a word and a code she shows that a second phone is hers; a stranger who tries codes learns nothing."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, insert, select

from bot import join_codes
from bot.messages import Inbound
from bot.people.erase import erase
from bot.receive import receive
from models import Address, Base, JoinCode, Message, Seller
from models.database import reading, writing
from tests.conftest import Clock
from tests.open_rooms import loaded_talk
from tests.town import TALK, Town, address, hear_all

OLD, NEW, STRANGER = 91, 92, 93


@pytest.fixture
def town(tmp_path: Path, db: Engine, clock: Clock) -> Town:
    made = Town(tmp_path, db, clock)
    hear_all(made, OLD, apart_s=30)
    made.wait(minutes=1)
    return made


def told(town: Town, number: int = OLD, word: str = "जोड़ो") -> str:
    """The code that she hears."""
    town.say(number, word)
    town.wait(minutes=1)
    assert town.said(number)[-1] == "utter_join_code"
    found = re.search(r"(\d{3}) (\d{3})", town.rows(number, "out")[-1].body["text"])
    assert found
    return found[1] + found[2]


def says(town: Town, number: int, text: str) -> str | None:
    """What she hears last after this."""
    before = len(town.said(number))
    town.say(number, text)
    town.wait(minutes=1)
    heard = town.said(number)[before:]
    return heard[-1] if heard else None


def sellers(town: Town) -> int:
    with reading(town.db) as conn:
        return conn.scalar(select(func.count()).select_from(Seller)) or 0


@pytest.mark.parametrize(
    "texts", [["jodo {}"], ["जोड़ दो {}"], ["jod do", "{}"], ["मेरा दूसरा नंबर", "{}"], ["{} जोड़ो"]]
)
def test_the_word_and_the_code_from_the_other_phone_make_both_one(town: Town, texts: list[str]) -> None:
    """The older entry stays; she hears one line on the phone that she writes from."""
    code = told(town)
    before = len(town.said(OLD))
    heard = [says(town, NEW, text.format(code)) for text in texts]
    assert heard[-1] == "utter_joined"
    assert len(town.said(OLD)) == before
    assert sellers(town) == 1
    assert town.listings(NEW) == town.listings(OLD) == 1
    assert town.state(NEW)["slots"]["seller_name"]


def test_on_a_phone_with_a_draft_she_hears_of_both_drafts(town: Town) -> None:
    """One line also then."""
    says(town, OLD, "नया सामान बेचना है")
    says(town, OLD, "बाँस की टोकरी, पाँच सौ रुपया, तीन नग")
    for text in TALK[:5]:
        says(town, NEW, text)
    code = told(town)
    assert says(town, NEW, f"जोड़ो {code}") == "utter_joined_two_drafts"
    assert town.said(NEW).count("utter_joined_two_drafts") == 1
    assert [kind for kind, _detail in town.tasks(NEW)].count("second_draft") == 1


def test_wrong_old_used_and_own_codes_are_answered_alike(town: Town) -> None:
    """To the letter; and a code counts once, on one other phone, for a quarter of an hour."""
    code = told(town)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    heard = [says(town, STRANGER, f"jodo {wrong}"), says(town, OLD, f"jodo {code}")]
    old = code
    code = told(town)
    heard.append(says(town, STRANGER, f"jodo {old}"))
    town.wait(minutes=15)
    heard.append(says(town, STRANGER, f"jodo {code}"))
    code = told(town)
    assert says(town, NEW, f"jodo {code}") == "utter_joined"
    heard.append(says(town, STRANGER, f"jodo {code}"))
    assert heard == ["utter_join_wrong"] * 5
    texts = {row.body["text"] for row in town.rows(STRANGER, "out")}
    assert len(texts) == 1
    assert sellers(town) == 2


def test_after_five_wrong_ones_in_a_day_right_ones_count_as_wrong(town: Town) -> None:
    """The next day she may try again; another phone is not held up by it."""
    for guess in range(join_codes.WRONG):
        assert says(town, STRANGER, f"jodo {guess:06}") == "utter_join_wrong"
    assert says(town, STRANGER, f"jodo {told(town)}") == "utter_join_wrong"
    assert sellers(town) == 2
    town.wait(days=1)
    assert says(town, STRANGER, f"jodo {told(town)}") == "utter_joined"


def test_who_starts_anew_has_no_five_more(town: Town) -> None:
    """They are counted by her number: erased and come again, or part of another, it is the same one."""
    for guess in range(join_codes.WRONG):
        assert says(town, STRANGER, f"jodo {guess:06}") == "utter_join_wrong"
    with writing(town.db) as conn:
        mine = conn.scalar(select(Address.seller_id).where(Address.address == address(STRANGER)))
        assert mine and erase(conn, mine, "seller", town.clock.now, secret_key="s", publish=False)
    assert says(town, STRANGER, f"jodo {told(town)}") == "utter_join_wrong"
    by_sms = Inbound("sms", address(STRANGER)[9:], "SM5", "text", town.clock.now, f"jodo {told(town)}")
    receive(town.db, town.shop.talk, by_sms, town.clock.now)
    town.wait(minutes=1)
    assert sellers(town) == 2 + 1  # the erased one's row stays, without anything of hers


def test_many_numbers_guess_no_better_than_one(town: Town) -> None:
    """After so many wrong ones from anybody her code counts no more; the next one that she is told does."""
    code = told(town)
    for guess in range(join_codes.MOST_GUESSES):
        town.say(200 + guess // join_codes.WRONG, f"jodo {guess:06}")
    assert says(town, NEW, f"jodo {code}") == "utter_join_wrong"
    assert says(town, NEW, f"jodo {told(town)}") == "utter_joined"


def test_one_number_alone_puts_out_nobody_s_code(town: Town) -> None:
    """What it guesses after its five can never be right, so it counts against no code."""
    code = told(town)
    for guess in range(join_codes.MOST_GUESSES):
        town.say(STRANGER, f"jodo {guess:06}")
        town.wait(seconds=15)
    assert says(town, NEW, f"jodo {code}") == "utter_joined"


@pytest.mark.postgres
def test_who_touches_many_codes_takes_them_in_one_order(postgres_db: Engine, clock: Clock) -> None:
    """However the rows stand: else two wrong codes in the same moment wait for each other for ever."""
    with writing(postgres_db) as conn:
        for place, name in enumerate("ba"):
            her = {"key": name * 32, "language": "hi", "created_at": clock.now}
            mine = conn.scalar(insert(Seller).values(**her).returning(Seller.id))
            at = clock.now + timedelta(minutes=1 + place)
            conn.execute(insert(JoinCode).values(code_hash=name, seller_id=mine, expires_at=at))
    row = select(JoinCode.code_hash).with_for_update()
    with ThreadPoolExecutor() as other:
        with writing(postgres_db) as conn:
            conn.execute(row.where(JoinCode.code_hash == "a")).one()
            waits = other.submit(_guessed, postgres_db, clock)
            with pytest.raises(TimeoutError):
                waits.result(timeout=1)
            conn.execute(row.where(JoinCode.code_hash == "b").with_for_update(nowait=True)).one()
        waits.result(timeout=10)


def _guessed(db: Engine, clock: Clock) -> None:
    with writing(db) as conn:
        join_codes.wrong(conn, "who", clock.now)


def test_six_digits_alone_are_no_code_unless_the_word_came_right_before(town: Town) -> None:
    """They are a price or a pincode; the word is over with her next message."""
    code = told(town)
    for text in TALK[:4]:
        says(town, NEW, text)
    says(town, NEW, "पीतल का हाथी")
    assert town.state(NEW)["asks"] == "price"
    assert says(town, NEW, code) != "utter_joined"
    assert sellers(town) == 2
    says(town, NEW, "जोड़ो")
    says(town, NEW, "हाथी की फोटो बाद में")
    code = told(town)
    assert says(town, NEW, code) != "utter_joined"
    assert sellers(town) == 2


def test_after_a_stop_there_is_no_code_and_none_counts(town: Town) -> None:
    """She hears nothing, and what she was told before joins nobody who has stopped to anything said."""
    code = told(town)
    says(town, OLD, "बंद करो")
    assert says(town, OLD, "जोड़ो") is None
    before = len(town.said(OLD))
    assert says(town, NEW, f"jodo {code}") is None
    town.wait(days=3)
    assert len(town.said(OLD)) == before
    with reading(town.db) as conn:
        assert all(conn.scalars(select(Address.stopped_at)))


def test_the_table_holds_only_a_keyed_hash(town: Town) -> None:
    """Without the key nobody can try a million codes against it; used, it is gone."""
    code = told(town)
    assert join_codes.hashed("k", code) != join_codes.hashed("other", code)
    with reading(town.db) as conn:
        [row] = conn.execute(select(JoinCode.__table__)).all()
        assert row.code_hash == join_codes.hashed(town.shop.settings.secret_key, code)
        assert row.expires_at <= town.clock.now + timedelta(minutes=15)
        others = [table for table in Base.metadata.sorted_tables if table is not Message.__table__]
        assert not any(code in str(conn.execute(select(table)).all()) for table in others)
    says(town, NEW, f"jodo {code}")
    with reading(town.db) as conn:
        assert conn.execute(select(JoinCode.__table__)).all() == []


def test_two_phones_with_one_code_at_once_join_one(town: Town) -> None:
    """Whoever writes first has it; for the other it is used."""
    code = told(town)
    with writing(town.db) as conn:
        name = join_codes.hashed(town.shop.settings.secret_key, code)
        assert join_codes.take(conn, name, town.clock.now) is not None
        assert join_codes.take(conn, name, town.clock.now) is None


@pytest.mark.parametrize("text", ["jodi", "जोड़ी", "500 jodi", "एक जोड़ी 123456", "joda 123456", "PIN 123456"])
def test_a_pair_is_no_wish_to_join(text: str) -> None:
    """Words that sound nearly like it are prices and counts."""
    from bot.language.understand import understand
    from bot.messages import Inbound

    talk = loaded_talk()
    inbound = Inbound("whatsapp", address(NEW), "SM1", "text", Clock().now, text)
    assert join_codes.code_in(talk.lexicon, inbound, {}) is None
    found = understand(text, "price", "hi", talk.lexicon).commands
    assert all(command.get("flow") != join_codes.FLOW for command in found)

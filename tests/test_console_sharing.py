"""A rep marks a phone that two hold, if she may see both, and takes it back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update

from bot import shared_phones
from models import Address, Conversation, Message, PhoneShare, Seller
from models.database import reading, writing
from tests.conftest import Clock
from tests.console_house import BASTAR, DURG, Browser, Console, console

PHONE, OWN = "+919999900011", "+919999900012"


@pytest.fixture
def desk(db: Engine, clock: Clock, tmp_path: Path) -> Console:
    made = console(db, clock, tmp_path)
    made.rep(1)
    return made


def two(desk: Console) -> tuple[str, str]:
    her = desk.person(11, {"seller_name": "सुकमती", "district": BASTAR})
    return her, desk.person(12, {"seller_name": "फूलबती", "district": BASTAR})


def states(desk: Console) -> list[Any]:
    with reading(desk.db) as conn:
        return list(conn.scalars(select(Conversation.state).order_by(Conversation.seller_id)))


def names(desk: Console, number: str = PHONE) -> list[str | None]:
    with reading(desk.db) as conn:
        return [each.name for each in shared_phones.people(conn, number)]


def marked(desk: Console, her: str, other: str) -> Browser:
    browser, place = desk.enter(1), f"/console/people/{her}/share"
    answer = browser.post(place, f"{place}?other={other}&phone=0011", other=other, phone="0011")
    assert "said=shared" in answer.headers["Location"]
    return browser


def test_the_other_is_looked_up_by_number_shown_and_marked(desk: Console) -> None:
    """Her page leads there; then both speak on the one phone, and only on that one."""
    her, other = two(desk)
    browser, place = desk.enter(1), f"/console/people/{her}/share"
    assert place in browser.get(f"/console/people/{her}").text
    found = browser.get(place, query_string={"q": OWN[3:]}).text
    assert f"other={other}" in found and OWN[3:] not in found.replace(f'value="{OWN[3:]}"', "")
    assert "फूलबती" in browser.get(f"{place}?other={other}&phone=0011").text and names(desk) == []
    marked(desk, her, other)
    assert names(desk) == ["सुकमती", "फूलबती"] and names(desk, OWN) == []
    assert [list(state["shared"]) for state in states(desk)] == [[PHONE], [PHONE]]
    assert desk.deed_names()[-1] == "phone_shared" and PHONE not in str(desk.deeds()[-1])


def test_twice_is_once(desk: Console) -> None:
    her, other = two(desk)
    browser, place = marked(desk, her, other), f"/console/people/{her}/share"
    answer = browser.post(place, place, other=other, phone="0011")
    assert "said=share_not_now" in answer.headers["Location"]
    assert names(desk) == ["सुकमती", "फूलबती"] and desk.deed_names().count("phone_shared") == 1


def test_it_is_taken_back(desk: Console) -> None:
    """Even when the other spoke there last: the phone is hers again, and nobody is asked any more."""
    her, other = two(desk)
    browser, place = marked(desk, her, other), f"/console/people/{her}/share"
    with writing(desk.db) as conn:
        second = conn.scalar(select(Seller.id).where(Seller.key == other))
        conn.execute(update(Address).where(Address.address == f"whatsapp:{PHONE}").values(seller_id=second))
    answer = browser.post(place, place, other=other, phone="0011", back="1")
    assert "said=not_shared" in answer.headers["Location"]
    with reading(desk.db) as conn:
        assert conn.execute(select(PhoneShare.seller_id)).all() == []
        owners = conn.execute(
            select(Address.address, Seller.key).join(Seller, Seller.id == Address.seller_id)
        )
        assert dict(map(tuple, owners)) == {f"whatsapp:{PHONE}": her, f"whatsapp:{OWN}": other}
    assert all("shared" not in state for state in states(desk))
    assert desk.deed_names()[-1] == "phone_not_shared"


def test_nobody_is_left_without_a_phone_and_no_word_without_an_owner(desk: Console) -> None:
    """Who has only this phone stays there, and so does everybody while something waits to be claimed."""
    her, other = two(desk)
    browser, place = marked(desk, her, other), f"/console/people/{her}/share"
    with writing(desk.db) as conn:
        first = conn.scalar(select(Seller.id).where(Seller.key == her))
        kept = {"seller_id": first, "direction": "in", "channel": "whatsapp", "address": f"whatsapp:{PHONE}"}
        more = {"kind": "text", "body": {}, "status": "unclaimed", "created_at": desk.clock()}
        conn.execute(insert(Message.__table__).values(**kept, **more))
    refused = browser.post(place, place, other=other, phone="0011", back="1")
    assert "said=share_not_now" in refused.headers["Location"]
    with writing(desk.db) as conn:
        conn.execute(update(Message.__table__).values(status="received"))
    theirs = f"/console/people/{other}/share"
    refused = browser.post(theirs, theirs, other=her, phone="0011", back="1")
    assert "said=share_not_now" in refused.headers["Location"] and len(names(desk)) == 2


def test_taken_back_twice_is_once(desk: Console) -> None:
    """A second tap, or one on a page that is old, changes nothing and is not written down as done."""
    her, other = two(desk)
    near = desk.person(13, {"district": BASTAR})
    browser, place = marked(desk, her, other), f"/console/people/{her}/share"
    for key, word in ((near, "share_not_now"), (other, "not_shared"), (other, "share_not_now")):
        answer = browser.post(place, other=key, phone="0011", back="1")
        assert f"said={word}" in answer.headers["Location"]
    assert desk.deed_names().count("phone_not_shared") == 1


@pytest.mark.postgres
def test_two_reps_at_once_mark_it_once_and_wait_in_one_order(
    postgres_db: Engine, clock: Clock, tmp_path: Path
) -> None:
    """Whoever comes second is told that it is done; talks are always locked the first one first."""
    desk = console(postgres_db, clock, tmp_path)
    two(desk)
    with reading(postgres_db) as conn:
        first, second = conn.scalars(select(Seller.id).order_by(Seller.id))

    def deed(name: str) -> bool:
        with writing(postgres_db) as conn:
            if name == "share_with":
                return shared_phones.share_with(conn, PHONE, first, second)
            return shared_phones.take_away(conn, PHONE, second)

    talk = select(Conversation.seller_id).with_for_update()
    for name, done in (("share_with", False), ("take_away", True)):
        with ThreadPoolExecutor() as other:
            with writing(postgres_db) as conn:
                conn.execute(talk.where(Conversation.seller_id == first)).one()
                waits = other.submit(deed, name)
                with pytest.raises(TimeoutError):
                    waits.result(timeout=1)
                conn.execute(talk.where(Conversation.seller_id == second).with_for_update(nowait=True)).one()
                if name == "share_with":
                    assert shared_phones.share_with(conn, PHONE, first, second)
            assert waits.result(timeout=10) is done


def test_who_may_not_see_both_finds_nothing(desk: Console) -> None:
    """404 from either side, for herself, for nobody, and for a phone that is not hers."""
    her, away = desk.person(11, {"district": BASTAR}), desk.person(12, {"district": DURG})
    near, browser = desk.person(13, {"district": BASTAR}), desk.enter(1)
    wrong = ((her, away, "0011"), (away, her, "0012"), (her, her, "0011"), (her, "f" * 32, "0011"))
    for mine, other, phone in (*wrong, (her, near, "0012"), (her, near, "")):
        place = f"/console/people/{mine}/share"
        assert browser.get(f"{place}?other={other}&phone={phone}").status_code == 404
        assert browser.post(place, other=other, phone=phone).status_code == 404
    assert names(desk) == []

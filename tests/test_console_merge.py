"""A rep makes two entries of one person one, if she may see both; what it does is in test_merge."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from models import Address, Seller
from models.database import reading
from tests.conftest import Clock
from tests.console_house import BASTAR, DURG, Console, console


@pytest.fixture
def desk(db: Engine, clock: Clock, tmp_path: Path) -> Console:
    made = console(db, clock, tmp_path)
    made.rep(1)
    return made


def keys(desk: Console) -> list[str]:
    with reading(desk.db) as conn:
        return list(conn.scalars(select(Seller.key).order_by(Seller.id)))


def test_the_other_is_looked_up_by_number_shown_and_made_one(desk: Console) -> None:
    """Her page leads there; afterwards both numbers are hers, and it is written down."""
    kept = desk.person(11, {"seller_name": "सुकमती", "district": BASTAR})
    other = desk.person(12, {"seller_name": "सुकमति", "district": BASTAR})
    browser = desk.enter(1)
    place = f"/console/people/{kept}/merge"
    assert place in browser.get(f"/console/people/{kept}").text
    page = browser.get(place, query_string={"q": "9999900012"}).text
    assert f"{place}?other={other}" in page
    assert "सुकमति" in browser.get(f"{place}?other={other}").text
    answer = browser.post(place, f"{place}?other={other}", other=other)
    assert answer.status_code == 303
    assert "said=merged" in answer.headers["Location"]
    assert keys(desk) == [kept]
    with reading(desk.db) as conn:
        assert len(conn.execute(select(Address.id)).all()) == 2
    assert desk.deed_names()[-1] == "sellers_merged"
    assert browser.get(f"/console/people/{kept}").status_code == 200
    assert browser.get(f"/console/people/{other}").status_code == 404


def test_who_may_not_see_both_finds_nothing(desk: Console) -> None:
    """404 from either side, for herself, for nobody; nothing of the other is shown."""
    kept = desk.person(11, {"seller_name": "सुकमती", "district": BASTAR})
    away = desk.person(12, {"seller_name": "बुधरी", "district": DURG})
    browser = desk.enter(1)
    assert "बुधरी" not in browser.get(f"/console/people/{kept}/merge", query_string={"q": "9999900012"}).text
    for mine, other in ((kept, away), (away, kept), (kept, kept), (kept, "f" * 32), (kept, "'")):
        assert browser.get(f"/console/people/{mine}/merge?other={other}").status_code == 404, other
        assert browser.post(f"/console/people/{mine}/merge", other=other).status_code == 404
    assert sorted(keys(desk)) == sorted([kept, away])


def test_without_the_forms_token_nothing_is_done(desk: Console) -> None:
    """A page elsewhere cannot send it for her."""
    kept, other = desk.person(11, {"district": BASTAR}), desk.person(12, {"district": BASTAR})
    browser = desk.enter(1)
    answer = browser.client.post(f"/console/people/{kept}/merge", data={"other": other})
    assert answer.status_code == 400
    assert len(keys(desk)) == 2

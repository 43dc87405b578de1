"""Where a seller likes to be written to, as her rep has heard it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, select

from models import Seller
from models.database import reading
from tests.conftest import Clock
from tests.console_house import BASTAR, DURG, console


def test_a_rep_says_where_she_likes_to_be_written_to(db: Engine, clock: Clock, tmp_path: Path) -> None:
    """It is kept and written down; another channel, or somebody else's person, is refused."""
    desk = console(db, clock, tmp_path)
    desk.rep(1)
    desk.rep(2, districts=[DURG])
    key = desk.person(50, {"seller_name": "सुकमती", "district": BASTAR})
    page = f"/console/people/{key}"
    assert desk.enter(1).post(f"{page}/prefers", page, channel="sms").status_code == 303
    with reading(desk.db) as conn:
        assert conn.scalar(select(Seller.prefers).where(Seller.key == key)) == "sms"
    assert desk.deed_names()[-1] == "channel_chosen" and desk.deeds()[-1].after == {"channel": "sms"}
    assert desk.enter(1).post(f"{page}/prefers", page, channel="carrier pigeon").status_code == 400
    assert desk.enter(2).post(f"{page}/prefers", channel="sms").status_code == 404

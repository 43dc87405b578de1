"""How long the pages of the console take in a database as large as a state, and in how many statements.

A browser of Flask's own signs in as each role and asks for each page; the time is that of the whole page,
without a network. The first answer of a page is thrown away: what it loads and compiles is not its price.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Engine, event, select, text, update

from bot.console import passwords
from bot.tasks.count_figures import count_slice
from bot.web import create_app
from bot.web.house import House
from models import Listing, Rep, Seller, SellerCard
from models.database import connect, migrate, reading, writing
from tests.bench.seed import DISTRICTS, ROLES, seed
from tests.bench.store import fresh
from tests.open_rooms import house, settings_for

PASSWORD = "नदी के उस पार"
SLICE = 20_000
PAGES = {
    "today": "/console/",
    "today_call": "/console/today/call",
    "today_stopped": "/console/today/stopped",
    "people": "/console/people",
    "people_word": "/console/people?q=सुकमती",
    "people_latin": "/console/people?q=sukmati",
    "people_two_words": "/console/people?q=सुकमती+नेताम",
    "people_number": "/console/people?q=9345",
    "person": "/console/people/{key}",
    "talk": "/console/talk/{key}",
    "desk": "/console/desk",
    "listings": "/console/listings",
    "listings_craft": "/console/listings?craft=dhokra",
    "listings_district": "/console/listings?district=kondagaon",
    "listings_pending": "/console/listings?state=photos_pending",
    "listings_none": "/console/listings?state=withdrawn",
    "listing": "/console/listings/{listing}",
    "figures": "/console/figures?days=30",
    "figures_all": "/console/figures?days=0&all=1",
    "audit": "/console/audit",
    "reps": "/console/reps",
}
"""What is asked for, by the name it has in the figures."""
Measured = dict[str, list[float]]
"""Figures of each page: `<role> <page>` to milliseconds; the statements under `<role> <page> sql`."""


def console_pages(folder: Path, database: str | None, people: int, rounds: int) -> Measured:
    """Every page as every role, `rounds` times; RuntimeError for a page that is not answered."""
    with fresh(database, folder) as url:
        engine = connect(url)
        try:
            migrate(engine)
            filled(engine, people)
            return measured(engine, folder, rounds)
        finally:
            engine.dispose()


def filled(engine: Engine, people: int) -> None:
    """So many people in an empty database, their messages counted, and reps who can sign in."""
    started = time.perf_counter()
    seed(engine, people)
    until = datetime.now(UTC) + timedelta(minutes=1)
    counting = True
    while counting:
        with writing(engine) as conn:
            counting = bool(count_slice(conn, until, SLICE))
    with writing(engine) as conn:
        conn.execute(update(Rep).values(password_hash=passwords.hashed(PASSWORD)))
        # What a database in service does by itself now and then.
        conn.execute(text("ANALYZE"))
    print(f"{people} people in {time.perf_counter() - started:.0f} s", file=sys.stderr)


def measured(engine: Engine, folder: Path, rounds: int) -> Measured:
    """The pages of a filled database."""
    settings = settings_for(folder, public_url="http://127.0.0.1:8000")
    rooms = house(settings, engine)
    opened = House(engine, rooms.talk, settings, rooms.channels, lambda: datetime.now(UTC), rooms.store)
    app = create_app(settings, opened)
    with reading(engine) as conn:
        there = select(Seller.key, Listing.id).join(Seller, Seller.id == Listing.seller_id)
        there = there.join(SellerCard, SellerCard.seller_id == Seller.id)
        there = there.where(SellerCard.district == DISTRICTS[0])
        row = conn.execute(there.order_by(Listing.number).limit(1)).one()
    found: Measured = {}
    for number, role in enumerate(ROLES, 1):
        browser = app.test_client()
        _sign_in(browser, number)
        for name, page in PAGES.items():
            path = page.format(key=row.key, listing=row.id)
            if (taken := _take(engine, browser, path, rounds)) is not None:
                found[f"{role} {name}"], found[f"{role} {name} sql"] = taken
    return found


def _take(
    engine: Engine, browser: FlaskClient, path: str, rounds: int
) -> tuple[list[float], list[float]] | None:
    """Milliseconds and statements of each answer; None for a page that this role has not."""
    times, counts = [], []
    for _ in range(rounds + 1):
        with statements(engine) as said:
            started = time.perf_counter()
            answer = browser.get(path)
            times.append((time.perf_counter() - started) * 1000)
        if answer.status_code == 404:
            return None
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code}")
        counts.append(float(len(said)))
    return times[1:], counts[1:]


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The SQL that is run meanwhile."""
    said: list[str] = []

    def listen(*arguments: Any) -> None:
        said.append(str(arguments[2]))

    event.listen(engine, "before_cursor_execute", listen)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", listen)


def _sign_in(browser: FlaskClient, number: int) -> None:
    page = browser.get("/console/sign-in").text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    form = {"phone": f"99999{number:05d}", "password": PASSWORD, "csrf_token": token}
    answer = browser.post("/console/sign-in", data=form)
    if answer.status_code != 303:
        raise RuntimeError(f"not signed in: {answer.status_code}")

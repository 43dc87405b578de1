"""How long the pages of the console take on a database as large as a state, and how many statements each."""

from __future__ import annotations

import statistics
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
from models import Listing, Rep, Seller
from models.database import connect, migrate, reading, writing
from tests.bench.seed import seed
from tests.bench.store import fresh
from tests.open_rooms import house, settings_for

PASSWORD = "bench by the river"
SLICE = 20_000
ROLES = {1: "admin", 2: "lead", 3: "rep"}
PAGES = (
    *("/console/", "/console/people", "/console/people?q=सुकमती", "/console/people?q=nagarnar+kashyap"),
    *("/console/people?q=4321", "/console/people?district=korba", "/console/people?q=समूह+42"),
    *("/console/people/{key}", "/console/talk/{key}", "/console/desk"),
    *("/console/listings", "/console/listings?craft=kosa", "/console/listings?state=photos_pending"),
    *("/console/listings?state=withdrawn", "/console/listings/{listing}"),
    *("/console/figures", "/console/figures?days=0&all=1", "/console/audit", "/console/reps"),
)
"""Lists, searches and one of each kind, as somebody opens them."""


def pages(folder: Path, database: str | None, people: int, rounds: int) -> dict[str, dict[str, float]]:
    """By role and page: `median_ms` and `max_ms` of so many looks, `statements` of one."""
    with fresh(database, folder) as url:
        engine = connect(url)
        migrate(engine)
        seed(engine, people)
        _count(engine)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.execute(text("ANALYZE"))
        try:
            return _measured(engine, folder, url, rounds)
        finally:
            engine.dispose()


def _count(engine: Engine) -> None:
    """The figures of all messages, as the worker would have counted them."""
    until, more = datetime.now(UTC) + timedelta(minutes=1), True
    while more:
        with writing(engine) as conn:
            more = bool(count_slice(conn, until, SLICE))


def _measured(engine: Engine, folder: Path, url: str, rounds: int) -> dict[str, dict[str, float]]:
    settings = settings_for(folder, database_url=url, public_url="http://127.0.0.1:8000")
    app = create_app(settings, house(settings, engine))
    with writing(engine) as conn:
        conn.execute(update(Rep).values(password_hash=passwords.hashed(PASSWORD), must_change=False))
    with reading(engine) as conn:
        middle = select(Seller.key).order_by(Seller.id).offset(40).limit(1)
        names = {"key": conn.scalar(middle), "listing": conn.scalar(select(Listing.id).limit(1))}
    found: dict[str, dict[str, float]] = {}
    for number, role in ROLES.items():
        client = app.test_client()
        _enter(client, number)
        for page in PAGES:
            found[f"{role} {page}"] = _page(engine, client, page.format(**names), rounds)
    return found


def _enter(client: FlaskClient, number: int) -> None:
    page = client.get("/console/sign-in").text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    form = {"phone": f"99999{number:05d}", "password": PASSWORD, "csrf_token": token}
    answer = client.post("/console/sign-in", data=form)
    if answer.status_code != 303:
        raise RuntimeError(f"not signed in: {answer.status_code}")


def _page(engine: Engine, client: FlaskClient, page: str, rounds: int) -> dict[str, float]:
    took = []
    with _statements(engine) as counted:
        for _ in range(rounds):
            began = time.perf_counter()
            answer = client.get(page)
            took.append((time.perf_counter() - began) * 1000)
            if answer.status_code not in (200, 404):
                raise RuntimeError(f"{page}: {answer.status_code}")
    return {
        "median_ms": round(statistics.median(took), 1),
        "max_ms": round(max(took), 1),
        "statements": round(len(counted) / rounds, 1),
        "kb": round(len(answer.data) / 1024, 1),
    }


@contextmanager
def _statements(engine: Engine) -> Iterator[list[str]]:
    said: list[str] = []

    def listen(*given: Any) -> None:
        said.append(given[2])

    event.listen(engine, "before_cursor_execute", listen)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", listen)

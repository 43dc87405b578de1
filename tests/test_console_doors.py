"""Who may open what in the console: every page as every role, as a stranger, and after a session's end."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from werkzeug.routing import Rule

from bot.console import sessions
from bot.console.scope import RANKS
from bot.settings import Settings
from bot.web import create_app
from models import ConsoleSession, Rep
from models.database import reading, writing
from tests.conftest import Clock
from tests.console_house import PASSWORD, Browser, Console, console, later
from tests.open_rooms import house, settings_for

ROLES = {"rep": 1, "lead": 2, "admin": 3}
OPEN = {"console.sign_in", "console.come_in"}
"""Views of the console that need no session."""
FILLING = {
    "group": "call",
    "shape": "csv",
    "key": "0" * 32,
    "listing_id": "0" * 36,
    "number": "1",
    "day": "2026-01-05",
}


@pytest.fixture
def desk(sqlite_db: Engine, clock: Clock, tmp_path: Path) -> Console:
    made = console(sqlite_db, clock, tmp_path)
    for role, number in ROLES.items():
        made.rep(number, role)
    return made


def calls(desk: Console) -> list[tuple[Rule, str, str, Any]]:
    """Every rule, method, address and view of the console."""
    found = []
    adapter = desk.app.url_map.bind("localhost")
    for rule in desk.app.url_map.iter_rules():
        if not rule.endpoint.startswith("console."):
            continue
        filled = {name: FILLING.get(name, 10**15) for name in rule.arguments}
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            path = adapter.build(rule.endpoint, filled, method=method)
            found.append((rule, method, path, desk.app.view_functions[rule.endpoint]))
    return found


def call(browser: Browser, method: str, path: str, token: str) -> int:
    if method == "POST":
        return browser.client.post(path, data={"csrf_token": token}).status_code
    return browser.get(path).status_code


def is_at_the_door(browser: Browser, method: str, path: str, token: str) -> bool:
    """Is she sent to the sign-in?"""
    form = {"data": {"csrf_token": token}} if method == "POST" else {}
    answer = browser.client.open(path, method=method, **form)
    return answer.status_code == 303 and answer.headers["Location"].startswith("/console/sign-in")


def test_every_view_names_its_role(desk: Console) -> None:
    """A view of the console is for a role, or stands in the short list of those that need no session."""
    views = {rule.endpoint: view for rule, _, _, view in calls(desk)}
    assert {name for name, view in views.items() if view.access == "public"} == OPEN
    assert {view.role for name, view in views.items() if name not in OPEN} <= set(RANKS)


def test_every_page_as_every_role(desk: Console) -> None:
    """A page of a higher role does not exist for a lower one, whatever its address holds."""
    for role, number in ROLES.items():
        for rule, method, path, view in calls(desk):
            if rule.endpoint in OPEN or rule.endpoint == "console.sign_out":
                continue
            browser = desk.enter(number)
            status = call(browser, method, path, browser.token())
            if RANKS[view.role] > RANKS[role]:
                assert status == 404, (role, method, path)
            else:
                assert status in (200, 204, 303, 400, 404), (role, method, path, status)
                assert status != 400 or method == "POST", (role, path)


@pytest.mark.parametrize("path", ["/console/nothing", "/console/people/nobody", "/console/desk/next"])
def test_an_address_without_a_page(desk: Console, path: str) -> None:
    """It is said in Hindi, by a page of ours, and so is the address of a form that somebody opens again."""
    answer = desk.enter(1).get(path)
    assert answer.status_code == 404 and "यह पन्ना यहाँ नहीं है।" in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_every_page_as_a_stranger(desk: Console) -> None:
    """Without a session every page leads to the sign-in."""
    stranger = desk.stranger()
    token = stranger.token("/console/sign-in")
    for rule, method, path, _ in calls(desk):
        if rule.endpoint not in OPEN:
            assert is_at_the_door(stranger, method, path, token), (method, path)


@pytest.mark.parametrize("way", ["disabled", "expired", "idle", "signed out everywhere", "forged"])
def test_every_page_with_a_session_that_is_over(desk: Console, way: str) -> None:
    """A session ends with its rep, its time, her silence and her word; a cookie alone is nothing."""
    browser = desk.enter(ROLES["admin"])
    token = browser.token()
    assert browser.get("/console/").status_code == 200
    with writing(desk.db) as conn:
        if way == "disabled":
            conn.execute(update(Rep).where(Rep.role == "admin").values(active=False))
        elif way == "signed out everywhere":
            sessions.end_all(conn, ROLES["admin"])
        elif way == "expired":
            conn.execute(update(ConsoleSession).values(expires_at=desk.clock()))
        elif way == "idle":
            desk.clock.advance(sessions.IDLE.total_seconds())
        else:
            conn.execute(update(ConsoleSession).values(token_hash="0" * 64))
    for rule, method, path, _ in calls(desk):
        if rule.endpoint not in OPEN:
            assert is_at_the_door(browser, method, path, token), (method, path)


def test_every_page_before_the_password_is_changed(desk: Console) -> None:
    """With a password that was given to her there is only its change."""
    desk.rep(9, "admin", must_change=True)
    for rule, method, path, _ in calls(desk):
        if rule.endpoint in OPEN:
            continue
        browser = desk.enter(9)
        if rule.endpoint in ("console.password", "console.change_password", "console.sign_out"):
            continue
        token = browser.token("/console/password")
        form = {"data": {"csrf_token": token}} if method == "POST" else {}
        answer = browser.client.open(path, method=method, **form)
        assert answer.status_code == 303, (method, path)
        assert answer.headers["Location"] == "/console/password", (method, path)


def test_no_form_without_its_token(desk: Console) -> None:
    """A form of another site does nothing, whoever is signed in."""
    browser = desk.enter(ROLES["admin"])
    for _, method, path, _ in calls(desk):
        if method == "POST":
            assert call(browser, method, path, "") == 400, path
            assert call(browser, method, path, desk.stranger().token("/console/sign-in")) == 400, path


def test_a_chosen_language_stays_on_every_page(desk: Console) -> None:
    """Also on those that say that something is wrong, and at the door afterwards."""
    browser = desk.enter(ROLES["admin"])
    browser.post("/console/language", language="en")
    for _, method, path, _ in calls(desk):
        answer = browser.get(path) if method == "GET" else None
        if answer is not None and answer.status_code != 303 and "<html" in answer.text:
            assert '<html lang="en">' in answer.text, path
    browser.post("/console/sign-out")
    assert '<html lang="en">' in browser.get("/console/sign-in").text


def test_headers_of_every_page(desk: Console) -> None:
    """Nothing may run or be shown that is not ours, and nobody else keeps a page."""
    browser = desk.enter(ROLES["admin"])
    for _, method, path, _ in calls(desk):
        if method == "GET":
            answer = browser.get(path)
            assert answer.headers["Content-Security-Policy"].startswith(
                "default-src 'none'; script-src 'self'"
            )
            assert "unsafe" not in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Cache-Control"].startswith("private")
            assert " style=" not in answer.text
            assert "<style" not in answer.text
            assert " onclick" not in answer.text
            assert len(answer.data) <= 60 * 1024


@pytest.mark.parametrize(
    ("public_url", "secure"),
    [
        ("https://sangwari.example", True),
        ("http://sangwari.example", True),
        ("http://127.0.0.1:8000", False),
        ("http://localhost:8000", False),
    ],
)
def test_the_cookie(sqlite_db: Engine, clock: Clock, tmp_path: Path, public_url: str, secure: bool) -> None:
    """It is for the console only, for no script, and goes in the clear on this machine only."""
    desk = console(sqlite_db, clock, tmp_path, public_url=public_url)
    answer = desk.stranger().get("/console/sign-in")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/console" in cookie
    assert ("Secure" in cookie) == secure


def test_nothing_else_gets_a_cookie(desk: Console) -> None:
    """Machines that call the other doors are given none."""
    for path in ("/healthz", "/metrics", "/api/v1/openapi.json", "/static/console/console.css"):
        assert "Set-Cookie" not in desk.app.test_client().get(path).headers


def test_never_beside_the_simulator(tmp_path: Path) -> None:
    """With SIMULATOR=1 there is no console."""
    settings: Settings = settings_for(tmp_path, simulator=True)
    client = create_app(settings, house(settings)).test_client()
    assert client.get("/console/").status_code == 404
    assert client.get("/console/sign-in").status_code == 404


def test_looking_does_not_write(desk: Console) -> None:
    """A page tells the table that she was there every five minutes, not each time."""
    browser = desk.enter(ROLES["rep"])
    with reading(desk.db) as conn:
        began = conn.scalar(select(ConsoleSession.seen_at))
    for minutes, seen in ((4, 0), (4, 8), (4, 8)):
        later(desk.clock, minutes=minutes)
        browser.get("/console/")
        with reading(desk.db) as conn:
            assert conn.scalar(select(ConsoleSession.seen_at)) == began + timedelta(minutes=seen)


def test_the_password_is_not_kept(desk: Console) -> None:
    """Neither the table nor what was written down holds a password or a token."""
    browser = desk.enter(ROLES["rep"])
    cookie = browser.client.get_cookie("console", path="/console")
    assert cookie is not None
    with reading(desk.db) as conn:
        rows = [*conn.execute(select(Rep.__table__)), *conn.execute(select(ConsoleSession.__table__))]
    assert PASSWORD not in str(rows)
    assert PASSWORD not in str(desk.deeds())

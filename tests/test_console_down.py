"""The database is away: each page of the console says so in the rep's language, and nothing typed is lost."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from bot.web.house import EXTENSION
from models.database import connect
from tests.conftest import Clock
from tests.console_house import Browser, Console, console
from tests.live_console import chromium, phone, picture, served
from tests.test_console_doors import calls

HINDI, ENGLISH = "हमारी मशीन अभी जवाब नहीं दे रही", "Our machine does not answer right now"
WITHOUT_THE_TABLE = {("console.sign_in", "GET")}
"""The door itself is shown without asking who is there."""


@pytest.fixture
def desk(sqlite_db: Engine, clock: Clock, tmp_path: Path) -> Console:
    made = console(sqlite_db, clock, tmp_path)
    made.rep(1, "admin", districts=[])
    made.rep(2, language="en")
    return made


@contextmanager
def no_database(desk: Console) -> Iterator[None]:
    """PostgreSQL is asked where nobody listens: the driver is refused."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    gone = connect(f"postgresql+psycopg://nobody@127.0.0.1:{port}/test")
    desk.app.extensions[EXTENSION] = replace(desk.house, db=gone)
    yield
    desk.app.extensions[EXTENSION] = desk.house
    gone.dispose()


def says_so(answer: TestResponse, words: str) -> bool:
    """503 as a page of ours, with the time after which to come again."""
    as_page = (
        answer.mimetype == "text/html" and "default-src 'none'" in answer.headers["Content-Security-Policy"]
    )
    return (
        (answer.status_code, answer.headers.get("Retry-After")) == (503, "5")
        and as_page
        and words in answer.text
    )


def test_every_page_and_form_says_so(desk: Console) -> None:
    """In Hindi, with a way to try again, and no word of it is for machines."""
    browser = desk.enter(1)
    token = browser.token()
    with no_database(desk):
        for rule, method, path, _view in calls(desk):
            if (rule.endpoint, method) in WITHOUT_THE_TABLE:
                continue
            answer = browser.client.open(
                path, method=method, data={"csrf_token": token} if method == "POST" else {}
            )
            assert says_so(answer, HINDI), (method, path, answer.status_code)
            assert ("फिर कोशिश कीजिए</a>" in answer.text) == (method == "GET"), path


def test_in_the_language_of_who_is_signed_in(desk: Console) -> None:
    """Nobody can ask the table for it: her browser was told at the sign-in, and again when she chose."""
    english, hindi = desk.enter(2), desk.enter(1)
    with no_database(desk):
        assert says_so(english.get("/console/people"), ENGLISH)
    english.post("/console/language", language="hi")
    hindi.post("/console/language", language="en")
    with no_database(desk):
        assert says_so(english.get("/console/people"), HINDI)
        assert says_so(hindi.get("/console/people"), ENGLISH)


def test_at_the_door(desk: Console) -> None:
    """The door is shown; who knocks hears it in the language that was chosen there."""
    stranger = desk.stranger()
    with no_database(desk):
        page = stranger.get("/console/sign-in?lang=en")
        assert page.status_code == 200
        knock = {"phone": "9999900001", "password": "x", "csrf_token": stranger.token("/console/sign-in")}
        assert says_so(stranger.client.post("/console/sign-in", data=knock), ENGLISH)


def test_all_is_well_afterwards(desk: Console) -> None:
    """She is still signed in when the database is back, and the same form is taken."""
    browser: Browser = desk.enter(1)
    token = browser.token()
    with no_database(desk):
        browser.get("/console/")
        browser.client.post("/console/language", data={"language": "en", "csrf_token": token})
    assert browser.get("/console/").status_code == 200
    assert (
        browser.client.post("/console/language", data={"language": "en", "csrf_token": token}).status_code
        == 303
    )


def test_programs_are_answered_without_a_page(desk: Console) -> None:
    """Machines get one line and the same status."""
    bearer = {"Authorization": f"Bearer {desk.settings.api_token}"}
    with no_database(desk):
        answer = desk.app.test_client().get("/api/v1/listings", headers=bearer)
    assert (answer.status_code, answer.headers["Retry-After"], answer.mimetype) == (503, "5", "text/plain")


@pytest.mark.chromium
def test_nothing_typed_is_lost(desk: Console) -> None:
    """She sends a form, hears that it was not kept, goes back, finds her words, and sends them again."""
    with chromium() as browser, served(desk) as address, phone(browser, address, 1) as page:
        page.goto(f"{address}/console/people/new")
        page.get_by_label("मोबाइल नंबर").fill("9999900050")
        page.get_by_label("नाम").fill("बुधरी")
        with no_database(desk):
            greet(page)
            expect(page.get_by_text(HINDI)).to_be_visible()
            picture(page, "down")
            page.go_back()
            expect(page.get_by_label("नाम")).to_have_value("बुधरी")
            greet(page)
            expect(page.get_by_text(HINDI)).to_be_visible()
            page.goto(f"{address}/console/people/new")
            expect(page.get_by_role("link", name="फिर कोशिश कीजिए")).to_be_visible()
            picture(page, "down-get")
        page.get_by_role("link", name="फिर कोशिश कीजिए").click()
        expect(page.get_by_label("नाम")).to_have_value("बुधरी")
        greet(page)
        page.wait_for_url("**/starts/*")
        page.goto(f"{address}/console/people/new")
        expect(page.get_by_label("नाम")).to_have_value("")


def greet(page: Page) -> None:
    page.get_by_role("button", name="नमस्ते भेजिए").click()

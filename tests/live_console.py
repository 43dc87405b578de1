"""The console behind a real socket, and a browser on a phone of 360 pixels that is signed in."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from werkzeug.serving import make_server

from tests.console_house import PASSWORD, Console

ARGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
PHONE: ViewportSize = {"width": 360, "height": 740}
PICTURES = os.environ.get("CONSOLE_PICTURES")
"""A folder for pictures of the pages, for people to look at."""


@contextmanager
def served(desk: Console) -> Iterator[str]:
    """The application on a free port; its address."""
    server = make_server("127.0.0.1", 0, desk.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def chromium() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, CHROMIUM)))
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=ARGS)
        yield opened
        opened.close()


@contextmanager
def phone(browser: Browser, address: str, number: int, width: int = PHONE["width"]) -> Iterator[Page]:
    """A page of this rep; whatever the browser complains of fails the test."""
    context = browser.new_context(viewport={"width": width, "height": PHONE["height"]}, locale="hi-IN")
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
    page.goto(f"{address}/console/sign-in")
    page.fill("#f-phone", f"99999{number:05}")
    page.fill("#f-password", PASSWORD)
    page.click("button.main")
    page.wait_for_url("**/console/")
    try:
        yield page
    finally:
        context.close()
    assert wrong == []


def picture(page: Page, name: str) -> None:
    """Keep how it looks, if somebody wants to see it."""
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{PICTURES}/{name}.png")


def fits(page: Page) -> bool:
    """Is nothing wider than the phone?"""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def comes_true(page: Page, script: str) -> None:
    """Wait for it; the page's own policy lets nobody else evaluate anything in it."""
    for _ in range(100):
        if page.evaluate(script):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never true: {script}")

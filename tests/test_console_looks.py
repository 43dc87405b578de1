"""Every page of the console in both languages, on a phone and at a desk: usable by all, fitting and light.

With CONSOLE_SCREENSHOTS=1 a picture of each is kept in docs/console.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Response, ViewportSize
from sqlalchemy import Engine

from bot.settings import ROOT
from tests.axe import faults
from tests.conftest import Clock
from tests.console_scene import ADMIN, NEW, REP, Scene, come_in
from tests.english import hindi_left
from tests.live_console import PHONE, chromium, fits, served

pytestmark = [pytest.mark.slow, pytest.mark.chromium]

PICTURES = ROOT / "docs" / "console"
WANTED = os.environ.get("CONSOLE_SCREENSHOTS") == "1"
LARGEST_PAGE, LARGEST_PICTURE = 60 * 1024, 60 * 1024
COLOURS = 64
DESK: ViewportSize = {"width": 1280, "height": 800}
TALLEST = 1480
"""Of a long page the picture shows the upper two screens."""
MOST_REQUESTS, MOST_BYTES = 12, 150 * 1024
"""Of one page, as if nothing were kept from before; pictures and sound left out."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def scene(sqlite_db: Engine, clock: Clock, tmp_path: Path) -> Scene:
    return Scene(sqlite_db, clock, tmp_path)


@contextmanager
def phones(
    browser: Browser, address: str, complaints: list[str], language: str = "hi"
) -> Iterator[dict[int | None, Page]]:
    """A small phone for everybody of the scene who looks at pages, and one of a stranger."""
    pages: dict[int | None, Page] = {}
    for who in (None, REP, ADMIN, NEW):
        context = browser.new_context(viewport=PHONE, locale="hi-IN")
        page = pages[who] = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(f"{address}/console/sign-in?lang={language}")
        if who is not None:
            come_in(page, address, who)
    yield pages
    for page in pages.values():
        page.context.close()


def keep_picture(page: Page, name: str) -> None:
    """How it looks, 360 wide and in few colours: these pictures are kept with the code."""
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    tall = min(TALLEST, int(page.evaluate("document.documentElement.scrollHeight")))
    page.set_viewport_size({"width": PHONE["width"], "height": max(PHONE["height"], tall)})
    page.wait_for_load_state("networkidle") if "/talk/" not in page.url else page.wait_for_timeout(300)
    shot = Image.open(BytesIO(page.screenshot())).convert("RGB")
    page.set_viewport_size(PHONE)
    PICTURES.mkdir(exist_ok=True)
    shot.quantize(COLOURS, dither=Image.Dither.NONE).save(PICTURES / f"{name}.png", optimize=True)


def faults_of(page: Page, size: ViewportSize) -> list[str]:
    """What is wrong with it on a screen of this size."""
    page.set_viewport_size(size)
    found = faults(page) + ([] if fits(page) else ["wider than the screen"])
    return [f"{size['width']}: {fault}" for fault in found]


@pytest.mark.npm
@pytest.mark.parametrize("language", ["hi", "en"])
def test_every_page(sqlite_db: Engine, clock: Clock, tmp_path: Path, browser: Browser, language: str) -> None:
    """No scrolling sideways, no page over 60 KB, no serious fault for people who see or point badly.

    In English no word of it is Hindi, but for names and what was said.
    """
    scene = Scene(sqlite_db, clock, tmp_path, language)
    wrong: dict[str, list[str]] = {}
    complaints: list[str] = []
    with served(scene.desk) as address, phones(browser, address, complaints, language) as looking:
        for name, (who, go) in scene.pages().items():
            page = looking[who]
            go(page, address)
            found = faults_of(page, DESK) + faults_of(page, PHONE)
            assert page.evaluate("document.documentElement.lang") == language, name
            if language == "en":
                found += hindi_left(page, scene)
            weight = len(page.request.get(page.url).body())
            if weight > LARGEST_PAGE:
                found.append(f"{weight} bytes")
            if name == "not-there":
                complaints[:] = [each for each in complaints if "404" not in each]
            if WANTED and language == "hi":
                keep_picture(page, name)
            wrong |= {name: found} if found else {}
    assert wrong == {}
    assert complaints == []


@pytest.mark.npm
def test_a_fault_is_found(browser: Browser) -> None:
    """The one who looks is not blind: a nameless button and pale words are faults."""
    page = browser.new_page()
    page.set_content(
        "<html lang=hi><title>x</title><button></button><p style='color:#ccc'>pale words</p></html>"
    )
    assert {fault.split()[0] for fault in faults(page)} == {"button-name", "color-contrast"}
    page.close()


def test_a_hindi_word_is_found(scene: Scene, browser: Browser) -> None:
    """A label is found; a name, and a part that says its language, are not."""
    page = browser.new_page()
    page.set_content(
        "<html lang=en><title>x</title><p>सुकमती नेताम · करनपुर</p><p lang=hi>कुछ</p><p>दाम</p><img alt=फोटो>"
    )
    assert hindi_left(page, scene) == ["Hindi: दाम", "Hindi: फोटो"]
    page.close()


def test_a_first_look_is_light(scene: Scene, browser: Browser) -> None:
    """Seen for the first time, a page comes with few requests and little more than its words."""
    heavy: dict[str, tuple[int, int]] = {}
    with served(scene.desk) as address, phones(browser, address, []) as looking:
        for name, (who, go) in scene.pages().items():
            with answers(looking[who]) as came:
                go(looking[who], address)
            size = sum(int(each.headers.get("content-length", "0")) for each in came)
            if len(came) > MOST_REQUESTS or size > MOST_BYTES:
                heavy[name] = (len(came), size)
    assert heavy == {}


@contextmanager
def answers(page: Page) -> Iterator[list[Response]]:
    """All that the last page of the way is made of, but for pictures and sound."""
    came: list[Response] = []

    def keep(answer: Response) -> None:
        if answer.request.is_navigation_request():
            came.clear()
        if answer.request.resource_type not in ("image", "media"):
            came.append(answer)

    page.on("response", keep)
    yield came
    page.remove_listener("response", keep)


def test_pictures_are_small() -> None:
    """Kept with the code, so at most 60 KB each."""
    assert [file.name for file in PICTURES.glob("*.png") if file.stat().st_size > LARGEST_PICTURE] == []

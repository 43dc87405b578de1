"""The console in a real browser, on a small phone: what a rep sees, and what survives a lost network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, insert, select

from models import RepTask, Seller
from models.database import writing
from tests.conftest import Clock
from tests.console_house import BASTAR, PASSWORD, Console, console
from tests.live_console import chromium, served
from tests.open_rooms import signed_post
from tests.test_console_listings import sells

pytestmark = [pytest.mark.slow, pytest.mark.chromium]
PHONE = {"width": 360, "height": 740}
SMALL = """() =>
    [...document.querySelectorAll('a, button, input:not([type=hidden]), select, summary, textarea')]
    .filter((part) => part.offsetParent && !part.matches('.skip, p a, li a:not(.button), label input'))
    .filter((part) => part.getBoundingClientRect().height < 43.5)
    .map((part) => part.outerHTML.slice(0, 120))"""
NAMELESS = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea')]
    .filter((part) => !(part.getAttribute('aria-label') || part.textContent.trim() || part.labels?.length))
    .map((part) => part.outerHTML)"""
PAGES = ("/", "/people", "/people/new", "/people/import", "/audit", "/reps", "/reps/new", "/me", "/password")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def desk(sqlite_db: Engine, clock: Clock, tmp_path: Path) -> Console:
    made = console(sqlite_db, clock, tmp_path)
    made.rep(1, "admin", districts=[])
    key = made.person(9, {"seller_name": "सुकमती नेताम", "village": "करनपुर", "district": BASTAR})
    with writing(made.db) as conn:
        mine = conn.scalar(select(Seller.id).where(Seller.key == key))
        conn.execute(insert(RepTask).values(seller_id=mine, kind="call", detail={}, created_at=made.clock()))
    return made


@pytest.fixture
def address(desk: Console) -> Iterator[str]:
    with served(desk) as here:
        yield f"{here}/console"


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A rep who has signed in; whatever the browser complains of fails the test."""
    context = browser.new_context(viewport=PHONE, locale="hi-IN")  # type: ignore[arg-type]
    opened, wrong = context.new_page(), list[str]()
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    # A refused form comes back with 400, which the browser calls an error of ours.
    counts = lambda said: said.type == "error" and "status of 400" not in said.text  # noqa: E731
    opened.on("console", lambda said: wrong.append(said.text) if counts(said) else None)
    opened.goto(f"{address}/")
    opened.get_by_label("मोबाइल नंबर").fill("99999 00001")
    opened.get_by_label("पासवर्ड").fill(PASSWORD)
    opened.get_by_role("button", name="अंदर आइए").click()
    expect(opened.get_by_role("heading", name="आज", exact=True)).to_be_visible()
    yield opened
    context.close()
    assert wrong == []


def test_every_page_fits_a_small_phone(page: Page, address: str) -> None:
    """Nothing sticks out sideways at 360 pixels, each control has a name and room for a finger."""
    for path in PAGES:
        page.goto(f"{address}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        assert page.evaluate(SMALL) == [], path
        assert page.evaluate(NAMELESS) == [], path


def test_a_call_with_one_tap(page: Page) -> None:
    """From Today to her number: one tap, and the number can be called."""
    page.get_by_role("button", name="फोन").first.click()
    expect(page.locator('a[href="tel:+919999900009"]')).to_be_visible()
    page.get_by_role("link", name="वापस").last.click()
    expect(page.get_by_text("सुकमती नेताम")).to_be_visible()


def test_done_with_a_note(page: Page) -> None:
    """She writes what came of it, and the person is gone from Today."""
    page.get_by_text("हो गया…").click()
    page.get_by_label("क्या हुआ?").fill("बात हो गई")
    page.get_by_role("button", name="हो गया").click()
    expect(page.get_by_role("status").filter(has_text="लिख लिया")).to_be_visible()
    expect(page.get_by_text("अभी किसी को आपकी ज़रूरत नहीं है।")).to_be_visible()
    assert page.evaluate("Object.keys(sessionStorage)") == []


def test_found_while_typing(page: Page, address: str) -> None:
    """The list follows her typing, in Latin letters too."""
    page.goto(f"{address}/people")
    page.get_by_label("खोजिए").press_sequentially("zzz")
    expect(page.get_by_text("कोई नहीं मिलीं।")).to_be_visible()
    page.get_by_label("खोजिए").fill("sukmati")
    expect(page.get_by_text("सुकमती नेताम")).to_be_visible()
    assert "q=sukmati" in page.url


def test_what_was_typed_survives(page: Page, address: str) -> None:
    """Without a network nothing is sent and nothing is lost; once the server has it, it is forgotten."""
    page.goto(f"{address}/people/new")
    page.get_by_label("मोबाइल नंबर").fill("9999900050")
    page.get_by_label("नाम").fill("बुधरी")
    page.context.set_offline(True)
    page.get_by_role("button", name="नमस्ते भेजिए").click()
    expect(page.get_by_text("नेटवर्क नहीं है।")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("नेटवर्क नहीं है।")).to_be_hidden()
    page.reload()
    expect(page.get_by_label("नाम")).to_have_value("बुधरी")
    page.get_by_role("button", name="नमस्ते भेजिए").click()
    expect(page.get_by_text("इनसे बात शुरू होगी")).to_be_visible()
    page.goto(f"{address}/people/new")
    expect(page.get_by_label("नाम")).to_have_value("")


def test_a_password_is_never_kept(page: Page, address: str) -> None:
    """The browser's store holds no password, whatever was typed."""
    page.goto(f"{address}/password")
    page.get_by_label("अभी का पासवर्ड").fill(PASSWORD)
    page.goto(f"{address}/me")
    assert (
        page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}, document.cookie])")
        == '[{},{},""]'
    )


def test_she_writes_and_is_seen(page: Page, address: str, desk: Console) -> None:
    """A woman writes by WhatsApp, through the signed webhook; the rep finds her by the end of her number."""
    params = {
        "MessageSid": "SM" + "1" * 32,
        "From": "whatsapp:+919999954321",
        "To": desk.settings.twilio_whatsapp_from,
        "Body": "नमस्ते",
        "NumMedia": "0",
        "AccountSid": desk.settings.twilio_account_sid,
    }
    answer = signed_post(desk.app.test_client(), desk.settings, "/webhooks/twilio/whatsapp", params)
    assert answer.status_code == 200
    page.goto(f"{address}/people?q=4321")
    page.get_by_role("link", name="नाम नहीं बताया").click()
    expect(page.get_by_text("सवाल खुला है")).to_be_visible()


def test_without_scripts(browser: Browser, address: str) -> None:
    """All of it works without a script: the sign-in, the search, a form."""
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{address}/people")
    page.get_by_label("मोबाइल नंबर").fill("9999900001")
    page.get_by_label("पासवर्ड").fill(PASSWORD)
    page.get_by_role("button", name="अंदर आइए").click()
    page.get_by_label("खोजिए").fill("karanpur")
    page.get_by_role("button", name="खोजिए").click()
    expect(page.get_by_text("सुकमती नेताम")).to_be_visible()
    context.close()


def test_a_fact_is_filled_in_on_the_phone(page: Page, address: str, desk: Console) -> None:
    """Opened with a tap; refused it is in view with what was typed; taken, the browser forgets it."""
    listing = f"{address}/listings/{sells(desk)}"
    page.goto(listing)
    page.get_by_text("अभी पता नहीं").click()
    page.locator("summary", has_text="बनाने के दिन").click()
    field = page.get_by_label("बनाने के दिन: सही क्या है?")
    field.fill("9000")
    page.reload()
    expect(page.locator("#t-making_days")).to_have_value("9000")
    page.get_by_text("अभी पता नहीं").click()
    page.locator("summary", has_text="बनाने के दिन").click()
    field.press("Enter")
    expect(page.get_by_text("यह गिनती ठीक नहीं लगी")).to_be_in_viewport()
    expect(field).to_be_focused()
    expect(field).to_have_value("9000")
    assert page.evaluate(SMALL) == [] and page.evaluate(NAMELESS) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    field.fill("5 दिन")
    field.press("Enter")
    expect(page.get_by_text("रख लिया।")).to_have_count(1)
    expect(page.locator("summary", has_text="बनाने के दिन")).to_contain_text("बनाने के दिन 5")
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => key.includes('fact-'))") == []

"""The talk and the desk in a real browser: on a phone, on a bad network, and by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, func, insert, select

from models import Media, Message, Rendition, Seller
from models.database import reading, writing
from tests.conftest import Clock
from tests.console_house import console
from tests.desk_notes import VOICE
from tests.live_console import chromium, comes_true, fits, phone, picture, served
from tests.test_console_desk import Desk
from tests.test_console_talk import HER, Talk

pytestmark = [pytest.mark.slow, pytest.mark.chromium]
IMAGES = Path(__file__).parent / "images"
WAVE = [0, 1, 4, 9, 12, 14, 9, 4, 2, 6, 11, 15, 12, 7, 3, 1, 0, 2, 8, 13, 15, 11, 6, 3, 5, 9, 12, 6, 2, 0] * 2


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def talk(sqlite_db: Engine, clock: Clock, tmp_path: Path) -> Talk:
    opened = Talk(console(sqlite_db, clock, tmp_path))
    for text in ("बेचना है", "बाँस की टोकरी, 250 रुपये", "हाँ"):
        opened.she_says(text)
    return opened


def show_media(talk: Talk) -> None:
    """A photo with its pictures and a voice note with its words, as the workers leave them."""
    store, now = talk.desk.house.store, talk.desk.clock()
    photo, small = (store.put((IMAGES / name).read_bytes()) for name in ("bowl.jpg", "coffee_small.jpg"))
    kinds = {"photo": {"sha256": photo, "verdict": {"problems": ["dark"]}}}
    kinds["voice"] = {"sha256": store.put(VOICE), "seconds": 5.5, "verdict": {"waveform": WAVE}}
    kinds["voice"]["transcript"] = "पीतल का हाथी, आठ इंच"
    with writing(talk.desk.db) as conn:
        seller_id = conn.scalar(select(Seller.id).where(Seller.key == talk.key))
        for kind, values in kinds.items():
            row = {
                "seller_id": seller_id,
                "direction": "in",
                "channel": "whatsapp",
                "address": HER,
                "kind": kind,
            }
            row |= {"provider_id": kind, "body": {"text": ""}, "status": "received", "created_at": now}
            message_id = conn.execute(insert(Message).values(**row).returning(Message.id)).scalar_one()
            media = {"seller_id": seller_id, "message_id": message_id, "position": 0, "kind": kind}
            conn.execute(insert(Media).values(**media, status="ready", created_at=now, **values))
        conn.execute(insert(Rendition).values(source=photo, kind="thumbnail", sha256=small, created_at=now))


def test_a_talk_on_the_phone(talk: Talk, browser: Browser) -> None:
    """It fits, shows photos and notes, opens at its end, and one tap opens a correction."""
    show_media(talk)
    with served(talk.desk) as address, phone(browser, address, 1) as page:
        page.goto(address + talk.path)
        expect(page.get_by_text("पीतल का हाथी, आठ इंच")).to_be_visible()
        assert fits(page)
        image = page.locator(".photo img")
        image.scroll_into_view_if_needed()
        comes_true(page, "document.querySelector('.photo img').naturalWidth > 0")
        play = page.locator(".player .play").first
        play.click()
        comes_true(page, "document.querySelector('audio').currentTime > 0")
        picture(page, "talk")
        page.locator("details summary", has_text="₹250").click()
        expect(page.locator("details[open] form")).to_be_visible()
        picture(page, "talk-correct")
        page.locator("details[open] form input[name=value]").fill("350")
        page.locator("details[open] form button").click()
        expect(page.locator("[data-taken]")).to_contain_text("पढ़कर सुनाया जाएगा")
        page.evaluate("window.scrollTo(0, 0)")
        picture(page, "talk-top")


def test_new_messages_come_without_a_reload_and_nothing_typed_is_lost(talk: Talk, browser: Browser) -> None:
    """Through a network that goes away and comes back; what is typed stays in its field, and is sent once."""
    with served(talk.desk) as address, phone(browser, address, 1) as page:
        page.goto(address + talk.path)
        page.get_by_role("button", name="बात मैं करूँगी").click()
        expect(page.get_by_text("अब आप बात कर रही हैं")).to_be_visible()
        page.fill("#f-text", "ढक्कन भी")
        talk.she_says("हाँ बहन")
        expect(page.get_by_text("हाँ बहन", exact=True)).to_be_visible(timeout=12_000)
        assert page.input_value("#f-text") == "ढक्कन भी"
        picture(page, "talk-mine")
        page.context.set_offline(True)
        talk.she_says("सुन रही हूँ")
        expect(page.locator("#lost")).to_be_visible(timeout=12_000)
        page.type("#f-text", " है क्या?")
        page.get_by_role("button", name="भेजिए", exact=True).click()
        expect(page.locator("#offline")).to_be_visible()
        picture(page, "talk-offline")
        page.context.set_offline(False)
        expect(page.get_by_text("सुन रही हूँ", exact=True)).to_be_visible(timeout=12_000)
        expect(page.locator("#lost")).to_be_hidden()
        page.reload()
        assert page.input_value("#f-text") == "ढक्कन भी है क्या?"
        page.get_by_role("button", name="भेजिए", exact=True).click()
        expect(page.get_by_text("भेज दिया।")).to_be_visible()
        assert page.input_value("#f-text") == ""
        page.locator(".quick summary").click()
        picture(page, "talk-quick")
    with reading(talk.desk.db) as conn:
        sent = select(func.count(Message.id)).where(Message.direction == "out")
        assert conn.scalar(sent.where(Message.body["text"].as_string() == "ढक्कन भी है क्या?")) == 1


def test_who_is_signed_out_meanwhile_keeps_what_she_typed(talk: Talk, browser: Browser) -> None:
    """The page says that something has changed and stays."""
    with served(talk.desk) as address, phone(browser, address, 1) as page:
        page.goto(address + talk.path)
        page.get_by_role("button", name="बात मैं करूँगी").click()
        page.fill("#f-text", "लिखा हुआ")
        page.context.clear_cookies()
        expect(page.locator("#changed")).to_be_visible(timeout=12_000)
        assert page.input_value("#f-text") == "लिखा हुआ"


def test_the_desk_by_keyboard_alone(
    sqlite_db: Engine, clock: Clock, tmp_path: Path, browser: Browser
) -> None:
    """Listen, go back, faster; choose a word; see its meaning; send; the next note; cannot hear; another."""
    desk = Desk(console(sqlite_db, clock, tmp_path))
    notes = [desk.note(asks=asks, language="hi") for asks in ("product_name", "price", "village", "stock")]
    with served(desk.console) as address, phone(browser, address, 1, width=1100) as page:
        page.goto(f"{address}/console/desk")
        expect(page.get_by_role("button", name="अगली आवाज़")).to_be_focused()
        page.keyboard.press("Enter")
        field = page.locator("#f-text")
        expect(field).to_be_focused()
        listen_by_keys(page)
        page.keyboard.type("baans ki tok")
        expect(page.locator("[role=option]").first).to_have_text("टोकरी")
        picture(page, "desk-typing")
        page.keyboard.press("ArrowDown")
        expect(page.locator('[role=option][aria-selected="true"]')).to_have_text("टोकरी")
        page.keyboard.press("Enter")
        expect(field).to_have_value("baans ki टोकरी ")
        expect(page.locator(".heard")).to_contain_text("टोकरी")
        page.keyboard.press("Enter")
        expect(page.locator(f"[data-renew$='/{notes[1]}/renew']")).to_be_visible()
        expect(page.locator("#f-text")).to_be_focused()
        page.keyboard.type("ढाई सौ रुपया")
        expect(page.locator(".heard")).to_contain_text("₹250")
        page.keyboard.press("Enter")
        expect(page.locator(f"[data-renew$='/{notes[2]}/renew']")).to_be_visible()
        page.keyboard.press("F8")
        expect(page.locator(f"[data-renew$='/{notes[3]}/renew']")).to_be_visible()
        page.keyboard.press("F9")
        expect(page.get_by_text("अगली आवाज़ सुनकर लिखिए।")).to_be_visible()
    assert desk.words(notes[0])[0] == "baans ki टोकरी" and desk.words(notes[1])[0] == "ढाई सौ रुपया"
    assert [deed for deed in desk.console.deed_names() if deed.startswith("note")] == [
        *("note_written", "note_written", "note_unheard"),
    ]


def listen_by_keys(page: Page) -> None:
    """Space plays and pauses while nothing is typed, ← goes back, Ctrl and an arrow change the speed."""
    page.keyboard.press("Space")
    comes_true(page, "document.querySelector('audio').currentTime > 0.3")
    page.keyboard.press("Control+ArrowUp")
    comes_true(page, "document.querySelector('audio').playbackRate === 1.25")
    page.keyboard.press("Space")
    comes_true(page, "document.querySelector('audio').paused")
    page.keyboard.press("ArrowLeft")
    comes_true(page, "document.querySelector('audio').currentTime === 0")
    assert page.input_value("#f-text") == ""


def test_the_desk_on_the_phone(sqlite_db: Engine, clock: Clock, tmp_path: Path, browser: Browser) -> None:
    """It fits; what was typed is there after a reload."""
    desk = Desk(console(sqlite_db, clock, tmp_path))
    desk.note(verdict={"waveform": WAVE})
    with served(desk.console) as address, phone(browser, address, 1) as page:
        page.goto(f"{address}/console/desk")
        picture(page, "desk-waiting")
        page.get_by_role("button", name="अगली आवाज़").click()
        page.fill("#f-text", "")
        page.type("#f-text", "तीन सौ")
        expect(page.locator(".heard")).to_contain_text("₹300")
        assert fits(page)
        picture(page, "desk")
        page.reload()
        assert page.input_value("#f-text") == "तीन सौ"
        expect(page.locator(".heard")).to_contain_text("₹300")

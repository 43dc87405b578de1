"""One listing from a rep's first tap to the queue: her browser, the artisan's WhatsApp, the real service."""

# mypy: allow-untyped-calls

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from kombu import Connection, Queue
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, select

from bot.settings import ROOT
from bot.standing import standing
from models import Audit, JobRow
from models.database import reading
from tests.fake_twilio import FakeTwilio
from tests.killed_house import PHOTOS, House, post, until
from tests.live_console import PHONE, chromium, fits
from tests.test_kill import RABBIT, address_of

pytestmark = [pytest.mark.slow, pytest.mark.chromium, pytest.mark.rabbitmq]

REP, LEAD, HER = "+919999900071", "+919999900072", "9999900073"
OWN = "नदी के उस पार गाँव"
NOTE = ROOT / "tests" / "audio" / "brass_elephant_hi.ogg"
SAID = "ये पीतल का हाथी है, आठ इंच ऊँचा, दाम पंद्रह सौ रुपये, पाँच पीस हैं"
PATIENCE_MS = 30_000


class Artisan:
    """Her WhatsApp: what she sends is signed as Twilio signs, what she hears is what Twilio took from us."""

    def __init__(self, house: House, twilio: FakeTwilio, db: Engine) -> None:
        self.address = f"whatsapp:+91{HER}"
        self._house, self._twilio, self._db = house, twilio, db

    def says(self, text: str = "", attached: Path | None = None, content_type: str = "") -> None:
        """One message of hers: words, or one file."""
        form = {"From": self.address, "To": self._house.settings.twilio_whatsapp_from, "Body": text}
        form["NumMedia"] = "1" if attached else "0"
        sid = self._twilio.take(form, "inbound")
        if attached:
            kind = content_type.partition("/")[0]
            form |= {"MessageType": kind, "MediaContentType0": content_type}
            form["MediaUrl0"] = self._twilio.attach(sid, content_type, attached.read_bytes())
        assert post(self._house.settings, form | {"MessageSid": sid}) == 200

    def stands(self) -> dict[str, Any]:
        with reading(self._db) as conn:
            return dict(standing(conn, "whatsapp", self.address))

    def is_asked(self, slot: str) -> None:
        """Wait until this is the open question."""
        until(lambda: self.stands()["asks"] == slot, 30)

    def heard(self) -> list[str]:
        """All that came to her phone, oldest first."""
        return [str(row["body"]) for row in self._twilio.messages if row["to"] == self.address]

    def hears(self, words: str) -> None:
        until(lambda: any(words in text for text in self.heard()), 30)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as running:
        yield running


@pytest.fixture
def queue() -> str:
    return f"sangwari.test.{uuid4().hex}"


@pytest.fixture
def house(tmp_path: Path, twilio: FakeTwilio, sqlite_db: Engine, queue: str) -> Iterator[House]:
    """Web and worker, each a process."""
    running = House(tmp_path, twilio, address_of(sqlite_db), RABBIT, queue, lease_s=12)
    yield running
    running.stop()


def one_time_password(db: Engine, phone: str, name: str, role: str) -> str:
    """What `app.py rep add` prints for a new rep of Bastar."""
    command = [sys.executable, str(ROOT / "app.py"), "rep", "add", "--phone", phone, "--name", name]
    command += ["--role", role, "--district", "बस्तर"]
    given = {"DATABASE_URL": address_of(db), "SECRET_KEY": "s" * 32}
    answer = subprocess.run(command, cwd=ROOT, env=os.environ | given, check=True, capture_output=True)
    return str(json.loads(answer.stdout)["password"])


@contextmanager
def phone(browser: Browser, address: str, number: str, password: str) -> Iterator[Page]:
    """A rep on a small phone, come in with a password of her own. The browser may complain of nothing."""
    context = browser.new_context(viewport=PHONE, locale="hi-IN")  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    page, wrong = context.new_page(), list[str]()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    page.on("requestfailed", lambda request: wrong.append(f"{request.url}: {request.failure}"))
    page.goto(f"{address}/console/")
    page.get_by_label("मोबाइल नंबर").fill(number.removeprefix("+91"))
    page.get_by_label("पासवर्ड").fill(password)
    page.get_by_role("button", name="अंदर आइए").click()
    page.locator("#f-old").fill(password)
    page.locator("#f-new").fill(OWN)
    page.locator("#f-again").fill(OWN)
    page.get_by_role("button", name="रखिए").click()
    expect(page.get_by_role("heading", name="आज", exact=True)).to_be_visible()
    yield page
    context.close()
    assert wrong == []


def test_a_listing_with_a_rep_beside_her(
    house: House, twilio: FakeTwilio, sqlite_db: Engine, queue: str, browser: Browser
) -> None:
    """Begun by the rep, told by the artisan, written down and corrected by the rep, hers by her own yes."""
    her = Artisan(house, twilio, sqlite_db)
    address = house.settings.public_url
    rep = one_time_password(sqlite_db, REP, "रमा साहू", "rep")
    lead = one_time_password(sqlite_db, LEAD, "गीता यादव", "lead")
    until(lambda: post(house.settings, {}) != 0, 30)
    with phone(browser, address, REP, rep) as page:
        begin(page, address)
        call_her(page, address)
        tell(her)
        write_down(page, address)
        her.hears("₹1,500")
        correct(page, address)
        confirm(her)
        see_it(page, address)
    check_queue(sqlite_db, queue)
    with phone(browser, address, LEAD, lead) as page:
        check_audit(page, address, sqlite_db)


def begin(page: Page, address: str) -> None:
    """The rep gives the artisan's number and what she knows of her; Sangwari is to greet her."""
    page.goto(f"{address}/console/people/new")
    page.get_by_label("मोबाइल नंबर").fill(HER)
    page.get_by_label("नाम", exact=True).fill("सुकमती नेताम")
    page.get_by_label("गाँव").fill("करनपुर")
    page.get_by_label("ज़िला").select_option(label="बस्तर")
    assert fits(page)
    page.get_by_role("button", name="नमस्ते भेजिए").click()
    expect(page.get_by_text("इन्हें हम पहले नहीं लिख सकते")).to_be_visible()


def call_her(page: Page, address: str) -> None:
    """She never wrote, so WhatsApp's window is shut and no greeting goes: the rep calls her."""
    found = page.get_by_role("link", name="सुकमती नेताम")

    def is_there() -> bool:
        page.goto(f"{address}/console/people?q=sukmati")
        return found.is_visible()

    until(is_there, 30)
    found.click()
    page.get_by_role("button", name="फोन").click()
    expect(page.locator(f'a[href="tel:+91{HER}"]')).to_be_visible()


def tell(her: Artisan) -> None:
    """She writes on WhatsApp: a greeting, her language, her consent, three photos, a note on her product."""
    her.says("नमस्ते")
    until(her.heard, 30)
    her.says("हिंदी")
    her.is_asked("consent")
    her.says("हाँ, राज़ी")
    her.is_asked("photos")
    for name in PHOTOS:
        her.says(attached=ROOT / "tests" / "images" / name, content_type="image/jpeg")
    her.is_asked("product_name")
    her.says(attached=NOTE, content_type="audio/ogg")


def write_down(page: Page, address: str) -> None:
    """The rep hears the note at the desk; her words go once she has seen how the bot reads the price."""
    waiting = page.get_by_role("link", name=re.compile("सुनकर लिखना बाकी"))

    def note_waits() -> bool:
        page.goto(f"{address}/console/")
        return waiting.is_visible()

    until(note_waits, 30)
    waiting.click()
    page.get_by_role("button", name="अगली आवाज़").click()
    page.locator("#f-text").fill(SAID)
    expect(page.locator(".heard")).to_contain_text("₹1,500")
    assert fits(page)
    page.locator("#send").click()
    expect(page.get_by_role("status").first).to_be_visible()


def correct(page: Page, address: str) -> None:
    """The artisan meant another price: the rep puts it right under the note it was heard in."""
    page.goto(f"{address}/console/people?q=sukmati")
    page.get_by_role("link", name="सुकमती नेताम").click()
    page.get_by_role("link", name="बातचीत").click()
    page.locator("details summary", has_text="₹1,500").click()
    form = page.locator("details[open] form")
    form.locator("input[name=value]").fill("1800")
    form.get_by_role("button", name="रखिए").click()
    expect(page.locator("[data-taken]")).to_contain_text("पढ़कर सुनाया जाएगा")
    assert fits(page)


def confirm(her: Artisan) -> None:
    """She hears the new price and says yes to it, then to the whole."""
    her.hears("₹1,800")
    for _ in range(5):
        asks = her.stands()["asks"]
        if asks == "sell_more" or her.stands()["listings"]:
            return
        her.says("हाँ")
        until(lambda asks=asks: her.stands()["asks"] != asks, 30)
    raise AssertionError(f"open is {her.stands()['asks']}; she heard {her.heard()[-3:]}")


def see_it(page: Page, address: str) -> None:
    """The listing is there with its price and photos, and nobody needs the rep any more."""
    page.goto(f"{address}/console/listings")
    page.get_by_role("link", name=re.compile("हाथी")).click()
    expect(page.locator("dl.numbers")).to_contain_text("₹1,800")
    expect(page.locator("ol.photos li")).to_have_count(len(PHOTOS))
    expect(page.locator("main")).to_contain_text("रमा साहू")
    assert fits(page)
    page.goto(f"{address}/console/")
    expect(page.get_by_text("अभी किसी को आपकी ज़रूरत नहीं है।")).to_be_visible()


def taken(queue: str) -> list[dict[str, Any]]:
    """The messages of the queue, oldest first."""
    found: list[dict[str, Any]] = []
    with Connection(RABBIT, connect_timeout=4) as broker, broker.channel() as channel:
        opened = Queue(queue, durable=True, channel=channel)
        while (message := opened.get(no_ack=True)) is not None:
            found.append(json.loads(message.body))
        opened.delete()
    return found


def check_queue(db: Engine, queue: str) -> None:
    """Exactly one message: her price, who said what, and her own yes to all of it."""

    def handed_over() -> bool:
        with reading(db) as conn:
            return not conn.scalars(select(JobRow.id).where(JobRow.kind == "publish")).all()

    until(handed_over, 30)
    [message] = taken(queue)
    assert message["event"] == "listing.completed"
    assert message["price"]["asked"] == {"amount": "1800", "currency": "INR", "per": "piece"}
    assert len(message["photos"]) == len(PHOTOS) and not message["photos_pending"]
    [note] = message["voice_notes"]
    assert (note["transcript"], note["transcribed_by"]) == (SAID, "rep:1")
    said = message["provenance"]
    by = {slot: source["by"] for slot, source in said.items()}
    rep_gave = {"price", "seller_name", "village", "district"}
    assert {slot for slot, who in by.items() if who == "rep:1"} == rep_gave
    assert {who for slot, who in by.items() if slot not in rep_gave} == {"seller"}
    asked_back = rep_gave | {"product_name", "photos", "stock"}
    assert all(said[slot]["confirmed"] for slot in asked_back), said
    assert message["consent"]["message_id"] == said["consent"]["message_id"]
    assert said["consent"]["said"] == "हाँ, राज़ी"


def check_audit(page: Page, address: str, db: Engine) -> None:
    """The lead reads who did what; nothing of it is what the artisan said."""
    page.goto(f"{address}/console/audit")
    shown = page.locator("main").inner_text()
    for deed in ("लोगों के लिए शुरू किया", "नंबर देखा", "एक आवाज़ लिखी", "एक जवाब ठीक किया"):
        assert deed in shown, deed
    assert "सुकमती नेताम" in shown and "•• 0073" in shown and HER not in shown
    table = Audit.__table__.c
    with reading(db) as conn:
        kept = str(conn.execute(select(table.what, table.about, table.before, table.after)).all())
    for hers in ("खुद लिखने", "हाथी", "1800", "1500", "पंद्रह", "पीतल", HER):
        assert hers not in shown and hers not in kept, hers
    assert fits(page)

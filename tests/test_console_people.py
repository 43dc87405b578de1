"""Looking people up, the page of one, and beginning flows: for a new one, for a sheet, for a whole list."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select, update

from bot.channels import SilentChannel
from bot.console import starting
from bot.messages import Json
from bot.worker import Worker
from models import Address, Consent, Message, Seller, SellerCard, Start, StartRow
from models.database import reading, writing
from tests.conftest import Clock
from tests.console_house import BASTAR, DURG, TOKEN, Browser, Console, card_of, console, with_reps
from tests.open_rooms import workshop

HOSTILE = (
    "<script>alert(1)</script>",
    "'; DROP TABLE seller; --",
    "%_",
    "=cmd|' /C calc'!A0",
    "a\x00b",
    "झ" * 3000,
)
HEAD = "phone,name,village,district\n"


@pytest.fixture
def desk(db: Engine, clock: Clock, tmp_path: Path) -> Console:
    return with_reps(console(db, clock, tmp_path))


def her(desk: Console, number: int, name: str, village: str = "करनपुर", **slots: Any) -> str:
    return desk.person(number, {"seller_name": name, "village": village, "district": BASTAR} | slots)


def names(text: str) -> list[str]:
    """The people of a page, from its top."""
    return re.findall(r"<h3><a[^>]*>([^<]+)</a>", text)


def found(desk: Console, q: str, number: int = 1, **more: str) -> list[str]:
    return names(desk.enter(number).get("/console/people", query_string={"q": q} | more).text)


def form_of(browser: Browser, page: str) -> Json:
    """The hidden fields of a page's form."""
    text = browser.get(page).text
    key = re.search(r'name="form" value="(\w+)"', text)
    token = TOKEN.search(text)
    assert key and token
    return {"form": key[1], "csrf_token": token[1]}


def send(browser: Browser, page: str, **values: Any) -> Any:
    return browser.client.post(page, data=form_of(browser, page.partition("&")[0]) | values)


def count(desk: Console, table: Any) -> int:
    with reading(desk.db) as conn:
        return int(conn.scalar(select(func.count()).select_from(table)) or 0)


def openings(desk: Console) -> list[str]:
    """Run what waits; to which addresses something was written."""
    silent = {name: SilentChannel(name, desk.settings) for name in ("whatsapp", "sms")}
    shop = replace(workshop(desk.settings, desk.db, desk.house.talk), clock=desk.clock, channels=silent)
    worker = Worker(shop, "test")
    for _ in range(30):
        worker.drain()
        desk.clock.advance(2)
    with reading(desk.db) as conn:
        query = select(Message.address).where(Message.direction == "out").distinct()
        return sorted(conn.scalars(query))


@pytest.mark.parametrize(
    "q",
    [
        "सुकमती",
        "sukmati",
        "Sukmatee",
        "netam",
        "नेता",
        "karanpur",
        "दन्तेश्वरी",
        "सुकमती नेताम",
        "0001",
        "9999900001",
        "+91 99999 00001",
        "९९९९९ ००००१",
    ],
)
def test_she_is_found(desk: Console, q: str) -> None:
    """By any word of her name, village or group, in any script, by its beginning, and by her number."""
    her(desk, 1, "सुकमती नेताम", group_name="माँ दन्तेश्वरी समूह")
    her(desk, 2, "फूलबती", "जगदलपुर")
    assert found(desk, q) == ["सुकमती नेताम"]
    assert found(desk, q, 2) == []
    assert found(desk, q, 3) == ["सुकमती नेताम"]


@pytest.mark.parametrize("q", ["zzzz", "9999900009", "0009", "सुकमती बघेल", *HOSTILE])
def test_nobody_is_found(desk: Console, q: str) -> None:
    """What fits nobody finds nobody, and harms nothing."""
    her(desk, 1, "सुकमती नेताम")
    answer = desk.enter(1).get("/console/people", query_string={"q": q})
    assert answer.status_code == 200
    assert names(answer.text) == []
    assert "<script>alert" not in answer.text
    assert count(desk, Seller) == 1


def test_the_nearest_word_comes_first(desk: Console) -> None:
    """The name itself before longer ones that begin like it; one person once."""
    for number, name in enumerate(["रामकली", "राम", "रामेश्वरी राम", "श्याम"]):
        her(desk, number, name)
    assert found(desk, "राम")[0] == "राम"
    assert sorted(found(desk, "ram")) == ["राम", "रामकली", "रामेश्वरी राम"]


def test_pages_of_people(desk: Console) -> None:
    """The newest first, each once, by list and by search."""
    made = [f"बुधरी {number}" for number in range(60)]
    for number, name in enumerate(made):
        her(desk, number, name)
    for query in ("/console/people", "/console/people?q=budhri", "/console/people?district=bastar"):
        browser, seen, path = desk.enter(1), [], query
        while path:
            text = browser.get(path).text
            seen += names(text)
            more = re.search(r'href="(/console/people\?[^"]*after=[^"]+)"', text)
            path = more[1].replace("&amp;", "&") if more else ""
        assert sorted(seen) == sorted(made), query


def test_only_a_part_for_htmx(desk: Console) -> None:
    """While she types only the list is sent."""
    her(desk, 1, "सुकमती")
    answer = desk.enter(1).get("/console/people?q=suk", headers={"HX-Request": "true"})
    assert "<html" not in answer.text and names(answer.text) == ["सुकमती"]
    assert "HX-Request" in answer.headers["Vary"]


def test_the_page_of_one(desk: Console) -> None:
    """Her ways, her consent, her draft; somebody else's is not there."""
    key = her(desk, 1, "<i>सुकमती</i>", product_name="टोकरी", price="250")
    with writing(desk.db) as conn:
        mine = conn.scalar(select(Seller.id))
        row: Json = {"seller_id": mine, "version": "2026-11", "given": True, "language": "hi"}
        conn.execute(insert(Consent).values(**row, channel="whatsapp", message_id="SM1", at=desk.clock()))
    text = desk.enter(1).get(f"/console/people/{key}").text
    assert "2026-11" in text and "•• 0001" in text and "&lt;i&gt;सुकमती&lt;/i&gt;" in text
    assert desk.enter(2).get(f"/console/people/{key}").status_code == 404
    for other in ("0" * 32, "x", "../audit", "%00" * 32, "🙂"):
        assert desk.enter(1).get(f"/console/people/{other}").status_code == 404


def test_her_draft_in_words(desk: Console) -> None:
    """What she told so far is read as she would hear it, not as it is kept."""
    slots = {"price": "1250", "material": ["bamboo"], "category": "bamboo", "district": BASTAR}
    text = desk.enter(1).get(f"/console/people/{desk.person(7, slots, flow='list_product')}").text
    assert "₹1,250 (बारह सौ पचास रुपये)" in text and "बाँस का काम" in text and "bamboo" not in text


def test_a_new_person_is_greeted(desk: Console) -> None:
    """On her number, once however often the form is sent; the rep sees her from then on."""
    browser = desk.enter(1)
    form = form_of(browser, "/console/people/new")
    given = {
        "phone": "99999 00050",
        "name": "सुकमती",
        "village": "करनपुर",
        "district": BASTAR,
        "channel": "whatsapp",
    }
    for _ in range(2):
        answer = browser.client.post("/console/people/new", data=form | given)
        assert answer.status_code == 303 and "taken=new" in answer.headers["Location"]
    assert openings(desk) == ["whatsapp:+919999900050"]
    assert count(desk, Start) == 1
    with reading(desk.db) as conn:
        assert conn.scalar(select(SellerCard.rep_id)) == 1
        assert conn.scalar(select(Start.by)) == "rep:1"
    assert desk.deed_names()[-1] == "flow_started"
    assert len(names(browser.get("/console/people").text)) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"phone": ""},
        {"phone": "12345"},
        {"phone": "0771 2345678"},
        {"phone": "=1+1"},
        {"phone": "9" * 41},
        {"channel": "pigeon"},
        {"channel": ""},
        {"district": DURG},
        {"district": "nowhere"},
        {"name": "क" * 61},
        {"village": "a\x00b"},
        *({"name": each} for each in ("\x07", "a\u202eb")),
    ],
)
def test_a_wrong_new_person(desk: Console, change: Json) -> None:
    """What cannot be right is shown beside its field with what was typed, and nobody is written to."""
    given = {"phone": "9999900050", "name": "सुकमती", "village": "", "district": BASTAR, "channel": "sms"}
    answer = send(desk.enter(1), "/console/people/new", **given | change)
    assert answer.status_code == 400
    assert 'class="wrong"' in answer.text
    assert count(desk, Start) == 0


def test_a_form_without_its_key(desk: Console) -> None:
    """A key that no form of ours has is refused before anything is written."""
    given = {"phone": "9999900050", "channel": "sms"}
    for key in ("", "a b", "x" * 33, "<script>", "क"):
        browser = desk.enter(1)
        assert send(browser, "/console/people/new", **given, form=key).status_code == 400
    assert count(desk, Start) == 0


def test_somebody_of_another_district_is_not_begun(desk: Console) -> None:
    """Her number may be known to the rep; she is not hers to begin, and hears nothing."""
    desk.person(50, {"district": DURG})
    given = {"phone": "9999900050", "channel": "whatsapp"}
    answer = send(desk.enter(1), "/console/people/new", **given)
    text = desk.enter(1).get(answer.headers["Location"]).text
    assert "आपके ज़िले की नहीं" in text
    assert openings(desk) == []


def sheet(browser: Browser, data: bytes | str) -> Any:
    sent = data.encode() if isinstance(data, str) else data
    form = form_of(browser, "/console/people/import") | {"sheet": (io.BytesIO(sent), "people.csv")}
    return browser.client.post("/console/people/import", data=form, content_type="multipart/form-data")


def test_a_sheet_is_seen_first(desk: Console) -> None:
    """Each wrong line with its reason; nobody hears of it before the rep says so, and then once."""
    desk.person(52, {"district": DURG})
    browser = desk.enter(1)
    lines_ = [
        "9999900050,सुकमती,करनपुर,बस्तर",
        "99999,x,,",
        "9999900050,again,,",
        "9999900051,,,दुर्ग",
        "9999900052,,,",
    ]
    place = sheet(browser, HEAD + "\n".join(lines_)).headers["Location"]
    text = browser.get(place).text
    for line in (3, 4, 5, 6):
        assert f"पंक्ति {line}:" in text
    assert "99999000" not in text
    assert "नंबर पंक्ति 2 में भी है" in text
    assert openings(desk) == []
    begin = re.search(r'action="(/console/starts/\d+/begin)"', text)
    assert begin
    for _ in range(2):
        assert browser.post(begin[1]).status_code == 303
    assert openings(desk) == ["whatsapp:+919999900050"]
    assert desk.deed_names().count("flow_started") == 1
    assert desk.enter(2).get(place).status_code == 404
    assert desk.enter(2).post(begin[1]).status_code == 404


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"name\nx\n",
        b"phone\n",
        b"\xff\xfe\x00",
        b"phone\n\x00\n1,2\n",
        b"<script>alert(1)</script>\n1\n",
        b'phone,name\n"99',
    ],
)
def test_what_is_no_sheet(desk: Console, data: bytes) -> None:
    """It is refused as a whole with the reason, and leaves nothing."""
    answer = sheet(desk.enter(1), data)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text and "<script>alert" not in answer.text
    assert count(desk, Start) == 0


def test_a_sheet_that_is_too_large(desk: Console) -> None:
    """More than a megabyte is refused, and so is a form without a file."""
    browser = desk.enter(1)
    assert sheet(browser, HEAD + "9999900050,x,,\n" * 90_000).status_code == 413
    form = form_of(browser, "/console/people/import")
    assert browser.client.post("/console/people/import", data=form).status_code == 400


def test_formulas_in_a_sheet_stay_words(desk: Console) -> None:
    """What a spreadsheet would calculate is a name like any other, and is shown as it was written."""
    browser = desk.enter(1)
    place = sheet(browser, HEAD + "9999900050,=1+1,<b>x</b>,\n=cmd,y,,\n").headers["Location"]
    assert "मोबाइल नंबर ठीक नहीं" in browser.get(place).text
    browser.post(place + "/begin")
    openings(desk)
    assert "<b>x</b>" not in browser.get("/console/people").text


def test_what_nobody_confirmed_is_forgotten(desk: Console) -> None:
    """After a day its numbers are gone; what was confirmed stays."""
    browser = desk.enter(1)
    old = sheet(browser, HEAD + "9999900050,x,,\n").headers["Location"]
    kept = sheet(browser, HEAD + "9999900051,x,,\n").headers["Location"]
    browser.post(kept + "/begin")
    desk.clock.advance(timedelta(days=1, seconds=1).total_seconds())
    sheet(browser, HEAD + "9999900052,x,,\n")
    assert browser.get(old).status_code == 404
    assert browser.get(kept).status_code == 200
    assert count(desk, Start) == count(desk, StartRow) == 2


def test_a_flow_for_all_of_a_list(desk: Console) -> None:
    """The count first, then who would be written to, then it begins; nobody outside of the list."""
    group = "माँ समूह"
    for number in range(3):
        her(desk, number, f"बुधरी {number}", group_name=group)
    her(desk, 7, "फूलमती")
    desk.person(8, {"district": DURG, "group_name": group})
    stopped = her(desk, 9, "बुधरी 9", group_name=group)
    with writing(desk.db) as conn:
        conn.execute(update(Address).where(Address.address.like("%9")).values(stopped_at=desk.clock()))
        conn.execute(update(Seller).where(Seller.key == stopped).values(stopped_at=desk.clock()))
    browser, page = desk.enter(1), f"/console/people/start?group={group}"
    assert "कितने लोगों के लिए: 4" in browser.get(page).text
    place = send(browser, page, flow="list_product").headers["Location"]
    text = browser.get(place).text
    assert "<dd>3</dd>" in text and "<dd>1</dd>" in text
    assert openings(desk) == []
    browser.post(place + "/begin")
    assert openings(desk) == [f"whatsapp:+91999990000{number}" for number in range(3)]


def test_a_flow_for_one(desk: Console) -> None:
    """From her page; a flow that is none, or somebody else's person, is refused."""
    key, other = her(desk, 1, "सुकमती"), desk.person(2, {"district": DURG})
    browser = desk.enter(1)
    place = send(browser, f"/console/people/start?key={key}", flow="my_listings").headers["Location"]
    browser.post(place + "/begin")
    assert openings(desk) == ["whatsapp:+919999900001"]
    assert send(browser, f"/console/people/start?key={key}", flow="stop").status_code == 400
    assert browser.get(f"/console/people/start?key={other}").status_code == 404
    token = browser.token()
    form = {"csrf_token": token, "flow": "list_product", "form": "x"}
    assert browser.client.post(f"/console/people/start?key={other}", data=form).status_code == 404


def test_too_many_at_once(desk: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """The console begins so many and no more, and says so."""
    monkeypatch.setattr(starting, "MOST", 2)
    for number in range(3):
        her(desk, number, "बुधरी")
    browser = desk.enter(1)
    assert 'name="flow"' not in browser.get("/console/people/start?q=budhri").text
    form = {"csrf_token": browser.token(), "flow": "list_product", "form": "x"}
    assert browser.client.post("/console/people/start?q=budhri", data=form).status_code == 400
    assert sheet(browser, HEAD + "".join(f"999990005{n},,,\n" for n in range(3))).status_code == 400
    assert count(desk, Start) == 0


def test_where_she_was_reached_last(desk: Console) -> None:
    """Of several ways the last one that can be written to; a hidden number is told."""
    key = her(desk, 1, "सुकमती")
    hidden = her(desk, 2, "फूलमती")
    with writing(desk.db) as conn:
        mine = conn.scalar(select(Seller.id).where(Seller.key == key))
        more: Json = {"seller_id": mine, "created_at": desk.clock()}
        conn.execute(insert(Address).values(**more, channel="sms", address="+919999900001"))
        conn.execute(insert(Address).values(**more, channel="call", address="+919999900001"))
        conn.execute(update(Address).where(Address.address.like("%0002")).values(address="whatsapp:IN.7"))
    browser = desk.enter(1)
    page = f"/console/people/start?district={BASTAR}"
    text = browser.get(send(browser, page, flow="list_product").headers["Location"]).text
    assert "नंबर छिपा है" in text
    with reading(desk.db) as conn:
        rows = conn.execute(select(StartRow.channel, StartRow.result).order_by(StartRow.line)).all()
    assert [tuple(row) for row in rows] == [("sms", "started"), (None, "refused")]
    assert card_of(desk.db, hidden).name == "फूलमती"

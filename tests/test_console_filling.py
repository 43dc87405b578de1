"""A rep fills in or corrects a fact of a product: read and checked like its maker's own answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from bot.console.filling import FACTS, fields, options, removable
from bot.engine.catalogue import MUST_KNOW
from bot.language.asks import asked
from bot.messages import Json
from tests.conftest import Clock
from tests.console_house import DURG, Browser, Console, console
from tests.open_rooms import loaded_talk
from tests.test_console_listings import LIST, events_of, row_of, sells, withdraw

HERS = {
    *("consent", "photos", "photos_done", "confirm_listing"),
    *("category", "price", "price_per", "stock"),
    *("seller_name", "village", "district", "seller_kind", "group_name", "block", "pincode", "gstin"),
}
"""Asked on the way of a listing and deliberately not told on its page: hers to give, or about her."""


@pytest.fixture
def desk(sqlite_db: Engine, clock: Clock, tmp_path: Path) -> Console:
    made = console(sqlite_db, clock, tmp_path)
    made.rep(1)
    made.rep(2, districts=[DURG])
    made.rep(3, "admin", districts=[])
    made.rep(4, language="en")
    return made


def tells(browser: Browser, listing_id: str, slot: str, value: str, version: int = 1, **form: str) -> Any:
    page = f"{LIST}/{listing_id}"
    return browser.post(f"{page}/fact", page, version=str(version), slot=slot, value=value, **form)


@pytest.mark.parametrize(
    ("craft", "slot", "typed", "kept"),
    [
        ("bamboo", "product_name", "बाँस का सूपा", "बाँस का सूपा"),
        ("bamboo", "size", "8 इंच", "8 इंच"),
        ("bamboo", "weight", "डेढ़ किलो", "डेढ़ किलो"),
        ("bamboo", "making_days", "5 दिन", 5),
        ("bamboo", "pieces_in_set", "६", 6),
        ("bamboo", "colour", "लाल, पीला", ["red", "yellow"]),
        ("bamboo", "material", "Bamboo", ["bamboo"]),
        ("bamboo", "made_to_order", "2", False),
        ("bamboo", "story", "हमारी दादी ने सिखाया।", "हमारी दादी ने सिखाया।"),
        ("dhokra", "hollow", "खोखला", True),
        ("kosa", "purity", "pure", "pure"),
        ("kosa", "length", "5.5 मीटर", "5.5 मीटर"),
        ("lac", "bangle_size", "दो चार", "2.4"),
        ("food", "fssai", "12345 67890 1234", "12345678901234"),
        ("food", "made_on", "5/8/2026", "2026-08-05"),
        ("food", "net_weight", "250 ग्राम", "250 ग्राम"),
    ],
)
def test_a_fact_of_each_kind(desk: Console, craft: str, slot: str, typed: str, kept: object) -> None:
    """It is kept as her own answer would be, in a new version, with the rep behind it and no yes of hers."""
    listing_id = sells(desk, category=craft)
    answer = tells(desk.enter(1), listing_id, slot, typed)
    assert answer.status_code == 303 and f"taken=fact-{listing_id}-{slot}" in answer.headers["Location"]
    row = row_of(desk, listing_id)
    assert row.slots[slot] == kept and row.version == 2
    chosen = typed in options(desk.house.talk, slot)
    source = {"by": "rep:1", "channel": "console", "message_id": None, "said": None if chosen else typed}
    assert row.message["provenance"][slot] == source | {"confirmed": False}
    assert events_of(desk, listing_id) == ["listing.completed", "listing.updated"]
    page = unescape(desk.enter(1).get(f"{LIST}/{listing_id}").text)
    assert page.count("उनकी हाँ बाकी</span>") == 1 and "रमा 1 · कार्यकर्ता का पन्ना" in page


def test_what_hangs_on_a_fact_follows(desk: Console) -> None:
    """Title, description and measures are made anew; her price, its history and her yes stay."""
    listing_id = sells(desk)
    before = row_of(desk, listing_id).message
    tells(desk.enter(1), listing_id, "colour", "लाल")
    tells(desk.enter(1), listing_id, "size", "8x4 इंच", 2)
    after = row_of(desk, listing_id).message
    assert (
        after["product"]["title"]["en"].endswith(", red")
        and "रंग: लाल" in after["product"]["description"]["hi"]
    )
    assert after["product"]["dimensions"] != before["product"]["dimensions"]
    assert after["price"] == before["price"] and after["compliance"]["hsn"] == before["compliance"]["hsn"]
    assert after["provenance"]["price"]["confirmed"]


def test_a_fact_is_taken_away(desk: Console) -> None:
    """What nobody knows is said by nobody; the name and what its craft must know can only be corrected."""
    listing_id, rep = sells(desk, colour=["red"]), desk.enter(1)
    assert tells(rep, listing_id, "colour", "", nothing="1").status_code == 303
    row = row_of(desk, listing_id)
    assert "colour" not in row.slots and row.message["product"]["colours"] == []
    assert "colour" not in row.message["provenance"] and row.version == 2
    for slot in ("size", "product_name", "colour", "price"):
        assert tells(rep, listing_id, slot, "", 2, nothing="1").status_code == 400, slot
    assert row_of(desk, listing_id).version == 2
    assert [(deed.what, deed.after) for deed in desk.deeds()][-1] == ("listing_emptied", {"slot": "colour"})


@pytest.mark.parametrize(
    ("slot", "typed", "reason"),
    [
        ("size", "", "इसे भरिए"),
        ("size", "   ", "इसे भरिए"),
        ("size", "पता नहीं", "समझ में नहीं आया"),
        ("size", "रद्दी", "समझ में नहीं आया"),
        ("size", "एक हाथ", "यही तो पहले से"),
        ("making_days", "0", "समझ में नहीं आया"),
        ("making_days", "9000", "यह गिनती ठीक नहीं लगी"),
        ("making_days", "-4 <b>", ""),
        ("pieces_in_set", "0 नग", ""),
        ("colour", "'; DROP TABLE listing; --", "समझ में नहीं आया"),
        ("made_to_order", "3", "समझ में नहीं आया"),
        ("story", "क" * 1001, "बहुत लंबा"),
        ("story", "क" * 100_000, "बहुत लंबा"),
        ("story", "कहानी\x00\u202e", "अक्षर हैं जो नहीं चलते"),
        ("story", "मेरा आधार 2341 2341 2346 है", "आधार, पैन"),
    ],
)
def test_what_cannot_be_says_why(desk: Console, slot: str, typed: str, reason: str) -> None:
    """The reason stands at the field, what was typed is still in it, and nothing has changed."""
    listing_id = sells(desk)
    answer = tells(desk.enter(1), listing_id, slot, typed)
    page = unescape(answer.text)
    assert answer.status_code == 400 and reason in page and f'id="w-t-{slot}"' in page
    assert "".join(each for each in typed if each.isprintable())[:900] in page
    assert "<b>" not in answer.text and len(answer.data) < 60 * 1024
    assert row_of(desk, listing_id).version == 1 and "listing_filled" not in desk.deed_names()


def test_the_field_keeps_what_was_typed(desk: Console) -> None:
    """It is open, marked as wrong, tied to its reason, and kept by the browser until it is taken."""
    listing_id = sells(desk)
    page = tells(desk.enter(1), listing_id, "making_days", "9000").text
    form = page.partition(f'data-keep="fact-{listing_id}-making_days"')[2].partition("</form>")[0]
    assert 'value="9000"' in form and 'aria-invalid="true" aria-describedby="w-t-making_days"' in form


def test_words_that_look_like_code_are_words(desk: Console) -> None:
    """They are kept as they are and shown as text, on the page and in the files."""
    listing_id, rep = sells(desk), desk.enter(1)
    hostile = "=cmd|' /C calc'!A0 <script>alert(1)</script> {{ 7*7 }}"
    assert tells(rep, listing_id, "care", hostile).status_code == 303
    assert row_of(desk, listing_id).slots["care"] == hostile
    page = rep.get(f"{LIST}/{listing_id}").text
    assert "<script>alert" not in page and hostile in unescape(page)


@pytest.mark.parametrize("slot", [*sorted(HERS), "listing_id", "checked", "hollow", "nothing", "", "x" * 65])
def test_what_is_hers_or_of_another_craft(desk: Console, slot: str) -> None:
    """No form of ours sends it; it is refused whole."""
    listing_id = sells(desk, category="bamboo")
    assert tells(desk.enter(1), listing_id, slot, "5").status_code == 400
    assert row_of(desk, listing_id).version == 1


def test_of_two_reps_the_second_sees_the_first(desk: Console) -> None:
    """She is told, finds the new value beside her own words, and does it again if she still wants to."""
    listing_id = sells(desk)
    tells(desk.enter(1), listing_id, "size", "8 इंच")
    answer = tells(desk.enter(3), listing_id, "size", "9 इंच")
    assert answer.status_code == 409 and "इस बीच" in answer.text
    assert 'value="9 इंच"' in answer.text and "</strong> 8 इंच" in answer.text
    assert tells(desk.enter(3), listing_id, "size", "9 इंच", 2).status_code == 303
    assert row_of(desk, listing_id).slots["size"] == "9 इंच"


def test_at_the_same_moment_one_is_first(db: Engine, clock: Clock, tmp_path: Path) -> None:
    """Truly at once: one version comes of it, and the other rep is told."""
    desk = console(db, clock, tmp_path)
    browsers = [desk.enter(number) for number in (desk.rep(1), desk.rep(2))]
    listing_id = sells(desk)
    with ThreadPoolExecutor(2) as pool:
        both = [
            pool.submit(tells, browser, listing_id, "size", f"{inches} इंच")
            for inches, browser in enumerate(browsers, 8)
        ]
    assert sorted(each.result().status_code for each in both) == [303, 409]
    assert row_of(desk, listing_id).version == 2 and len(events_of(desk, listing_id)) == 2


def test_nobody_elses_and_nothing_taken_back(desk: Console) -> None:
    """For a rep of another district it is not there; what its maker took back has no form any more."""
    listing_id = sells(desk)
    form = {"version": "1", "slot": "size", "value": "8 इंच"}
    assert desk.enter(2).post(f"{LIST}/{listing_id}/fact", **form).status_code == 404
    withdraw(desk, listing_id)
    for form in ({"value": "8 इंच"}, {"value": "", "nothing": "1"}):
        answer = desk.enter(1).post(f"{LIST}/{listing_id}/fact", version="2", slot="size", **form)
        assert answer.status_code == 409 and "वापस ले लिया" in answer.text
    assert f"{listing_id}/fact" not in desk.enter(1).get(f"{LIST}/{listing_id}").text


def test_the_audit_names_the_slot(desk: Console) -> None:
    """Who, of which listing, which fact; not a word of what it says."""
    listing_id = sells(desk)
    tells(desk.enter(1), listing_id, "story", "हमारी दादी ने सिखाया।")
    deed = desk.deeds()[-1]
    assert (deed.what, deed.rep_id, deed.listing_id) == ("listing_filled", 1, listing_id)
    assert (deed.before, deed.after) == ({"version": 1}, {"slot": "story"})
    page = desk.enter(3).get("/console/audit").text
    assert "सामान की बात भरी" in page and "सवाल: कहानी" in page


def test_every_slot_is_offered_or_hers() -> None:
    """A new question of the talk or the catalogue is put on the page, or deliberately left out."""
    talk = loaded_talk()
    library = talk.library
    way = [slot for slot in library.domain.types if library.locate("list_product", slot)]
    assert set(FACTS) & HERS == set()
    assert set(way) | set(MUST_KNOW) <= set(FACTS) | HERS
    assert set(FACTS) <= set(way)
    for key, category in library.catalogue.categories.items():
        mine = {category.must_know, *category.questions}
        assert mine <= set(fields(talk, {"category": key})) | HERS, key


def test_every_fact_has_a_name_and_a_way_to_be_told() -> None:
    """Each is read by some kind of reader and is named; yes and no are chosen."""
    talk = loaded_talk()
    named = talk.library.wording("hi").words["slots"]
    for slot in FACTS:
        assert slot in named and asked(slot).kind is not None, slot
        assert (options(talk, slot) == ("1", "2")) == (asked(slot).kind == "bool")


@pytest.mark.parametrize(
    ("slots", "has", "has_not"),
    [
        (
            {"category": "kosa"},
            {"length", "purity", "blouse_piece", "colour"},
            {"size", "bangle_size", "hollow"},
        ),
        ({"category": "dhokra", "purity": "pure"}, {"size", "hollow", "purity"}, {"length", "fssai"}),
        ({}, {"product_name", "material", "colour", "size"}, {"fssai", "hollow", "story"}),
    ],
)
def test_what_is_offered(slots: Json, has: set[str], has_not: set[str]) -> None:
    """What the craft asks for, and what somebody has told already, whatever the craft."""
    found = set(fields(loaded_talk(), slots))
    assert has <= found and not has_not & found


def test_only_what_is_known_can_be_taken_away() -> None:
    """Not the name, not what the craft must know; of the rest what stands there, a no too."""
    slots = {"category": "bamboo", "size": "एक हाथ", "product_name": "टोकरी", "made_to_order": False}
    assert removable(loaded_talk(), slots) == ["made_to_order"]


def test_in_english(desk: Console) -> None:
    """Names, choices and reasons are English; what she said stays hers."""
    listing_id, rep = sells(desk, category="dhokra", hollow=True, colour=["red"]), desk.enter(4)
    page = rep.get(f"{LIST}/{listing_id}").text
    for word in (
        "Solid or hollow</strong> Hollow",
        "Colour</strong> Red",
        "one piece",
        "Her name",
        "Kondagaon",
    ):
        assert word in page, word
    for raw in ("product_name<", "price_per<", "seller name", "kondagaon<", "['red']"):
        assert raw not in page, raw
    answer = tells(rep, listing_id, "making_days", "9000")
    assert "This count cannot be right" in answer.text


def test_versions_say_in_words_what_changed(desk: Console) -> None:
    """Not `product.attributes.size` but its name, each once."""
    listing_id = sells(desk)
    tells(desk.enter(1), listing_id, "size", "8 इंच")
    for number, said in ((1, "नाप"), (4, "Size")):
        line = desk.enter(number).get(f"{LIST}/{listing_id}").text.rpartition('<ul class="plain">')[2]
        assert said in line and "product." not in line and line.count(said) == 1
